/* SPDX-License-Identifier: Apache-2.0 */
/* prompt/page_view.c: asking for pages one at a time, showing them, turning and enlarging them. */
#include "prompt/page_view.h"

#include <glib-unix.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/json.h"
#include "base/log.h"
#include "prompt/language.h"
#include "prompt/window_parts.h"

#define BASE_WIDTH 520		/* of a page, in GTK's pixels */
#define SIDE_MAX 4800		/* of a picture, in its own */
#define PICTURE_WIDTH_MAX 2400
#define VIEW_HEIGHT_MIN 220

static const double zooms[] = { 1, 1.4, 2, 3 };

struct page {
	size_t document;
	int64_t number;
	size_t zoom;
};

struct page_view {
	struct helper_call *call;
	void (*settled)(void *context);
	void *context;
	GtkWidget *tools, *scrolled, *picture, *notice, *position, *back, *forth, *smaller, *larger;
	struct page wanted, asked;	/* what should be seen; what the agent was asked for. number 0: nothing */
	int64_t pages;			/* of the document; 0: not known yet */
	guint watch;
};

static bool
page_same(const struct page *a, const struct page *b)
{
	return a->document == b->document && a->number == b->number && a->zoom == b->zoom;
}

static void
buttons_update(struct page_view *view)
{
	char *text = view->pages > 0 ? g_strdup_printf(_("Page %zu of %zu"), (size_t)view->wanted.number, (size_t)view->pages) : g_strdup("");

	gtk_label_set_text(GTK_LABEL(view->position), text);
	part_name(view->picture, text);
	g_free(text);
	gtk_widget_set_sensitive(view->back, view->wanted.number > 1);
	gtk_widget_set_sensitive(view->forth, view->wanted.number < view->pages);
	gtk_widget_set_sensitive(view->smaller, view->wanted.zoom > 0);
	gtk_widget_set_sensitive(view->larger, view->wanted.zoom + 1 < sizeof(zooms) / sizeof(zooms[0]));
}

static int
page_width(const struct page *page)
{
	return (int)(BASE_WIDTH * zooms[page->zoom]);
}

/* One at a time: whoever turns pages fast skips those in between. */
static void
page_ask(struct page_view *view)
{
	int width = page_width(&view->wanted) * gtk_widget_get_scale_factor(view->scrolled);
	cJSON *event;

	buttons_update(view);
	if (view->asked.number != 0)
		return;
	view->asked = view->wanted;
	event = cJSON_CreateObject();
	cJSON_AddNumberToObject(event, "document", (double)view->wanted.document);
	cJSON_AddNumberToObject(event, "page", (double)view->wanted.number);
	cJSON_AddNumberToObject(event, "width", width < PICTURE_WIDTH_MAX ? width : PICTURE_WIDTH_MAX);
	helper_event(view->call, "page", event);
}

/* Read, not mapped: whoever made the file could still shorten it. */
static GBytes *
pixels_read(int fd, size_t len)
{
	unsigned char *pixels = g_try_malloc(len);
	size_t done = 0;
	ssize_t n;

	while (pixels != NULL && done < len && (n = pread(fd, pixels + done, len - done, (off_t)done)) > 0)
		done += (size_t)n;
	if (pixels != NULL && done == len)
		return g_bytes_new_take(pixels, len);
	g_free(pixels);
	return NULL;
}

static bool
picture_show(struct page_view *view, const struct page *asked, const cJSON *page, int fd)
{
	int64_t width = json_integer(page, "width", 0), height = json_integer(page, "height", 0);
	int wide = page_width(asked);
	GdkTexture *texture;
	GBytes *pixels;

	if (fd < 0 || width < 1 || height < 1 || width > SIDE_MAX || height > SIDE_MAX ||
	    (pixels = pixels_read(fd, (size_t)width * (size_t)height * 3)) == NULL)
		return false;
	texture = gdk_memory_texture_new((int)width, (int)height, GDK_MEMORY_R8G8B8, pixels, (gsize)width * 3);
	gtk_picture_set_paintable(GTK_PICTURE(view->picture), GDK_PAINTABLE(texture));
	gtk_widget_set_size_request(view->picture, wide, (int)(wide * height / width));
	g_object_unref(texture);
	g_bytes_unref(pixels);
	return true;
}

static void
notice_show(struct page_view *view, const char *text)
{
	gtk_label_set_text(GTK_LABEL(view->notice), text != NULL ? text : "");
	gtk_widget_set_visible(view->notice, text != NULL);
}

static void
page_see(struct page_view *view, const struct page *asked, const cJSON *page, int fd)
{
	bool shown = picture_show(view, asked, page, fd);

	view->pages = json_integer(page, "pages", view->pages);
	gtk_widget_set_visible(view->picture, shown);
	if (!shown) {
		log_warning("a page can't be shown: %s", json_string(page, "error") != NULL ? json_string(page, "error") : "");
		notice_show(view, _("This page can't be shown. Sign only if you know from elsewhere what is on it."));
	} else {
		notice_show(view, json_true(page, "flawed") ? _("This page has mistakes in it; something may be missing here.") : NULL);
	}
	gtk_adjustment_set_value(gtk_scrolled_window_get_vadjustment(GTK_SCROLLED_WINDOW(view->scrolled)), 0);
	buttons_update(view);
	if (view->settled != NULL)
		view->settled(view->context);
}

static void
page_take(struct page_view *view, const cJSON *page, int fd)
{
	struct page asked = view->asked;

	if (asked.number == 0 || json_integer(page, "document", -1) != (int64_t)asked.document || json_integer(page, "page", -1) != asked.number)
		return;
	view->asked.number = 0;
	if (page_same(&asked, &view->wanted))
		page_see(view, &asked, page, fd);
	else
		page_ask(view);
}

static gboolean
agent_speaks(gint fd, GIOCondition condition, void *data)
{
	struct page_view *view = data;
	struct frame frame;
	int r = helper_receive(view->call, &frame);

	(void)fd, (void)condition;
	if (r == 0)
		return G_SOURCE_CONTINUE;
	if (r < 0) {
		/* The agent has gone; it would have ended us, and so do we. */
		log_warning("the agent has gone");
		_exit(EXIT_FAILURE);
	}
	if (json_member(frame.json, "page") != NULL)
		page_take(view, json_member(frame.json, "page"), frame.fds[0]);
	frame_clear(&frame);
	return G_SOURCE_CONTINUE;
}

static void
turn(struct page_view *view, int64_t by)
{
	view->wanted.number += by;
	page_ask(view);
}

static void
back_clicked(GtkButton *button, void *data)
{
	(void)button;
	turn(data, -1);
}

static void
forth_clicked(GtkButton *button, void *data)
{
	(void)button;
	turn(data, 1);
}

static void
smaller_clicked(GtkButton *button, void *data)
{
	struct page_view *view = data;

	(void)button;
	view->wanted.zoom--;
	page_ask(view);
}

static void
larger_clicked(GtkButton *button, void *data)
{
	struct page_view *view = data;

	(void)button;
	view->wanted.zoom++;
	page_ask(view);
}

static GtkWidget *
tool_new(struct page_view *view, GtkWidget *tools, const char *sign, const char *name, void (*clicked)(GtkButton *button, void *data))
{
	GtkWidget *button = gtk_button_new_with_label(sign);

	gtk_widget_add_css_class(button, "tool");
	gtk_widget_set_tooltip_text(button, name);
	part_name(button, name);
	g_signal_connect(button, "clicked", G_CALLBACK(clicked), view);
	gtk_box_append(GTK_BOX(tools), button);
	return button;
}

struct page_view *
page_view_new(struct helper_call *call, void (*settled)(void *context), void *context)
{
	struct page_view *view = g_new0(struct page_view, 1);
	GtkWidget *tools = gtk_box_new(GTK_ORIENTATION_HORIZONTAL, 6), *page = gtk_box_new(GTK_ORIENTATION_VERTICAL, 8);

	*view = (struct page_view){ .call = call, .settled = settled, .context = context };
	view->picture = gtk_picture_new();
	view->notice = part_notice("", true);
	gtk_widget_set_halign(view->picture, GTK_ALIGN_CENTER);
	gtk_widget_set_valign(view->picture, GTK_ALIGN_START);
	gtk_box_append(GTK_BOX(page), view->notice);
	gtk_box_append(GTK_BOX(page), view->picture);
	gtk_widget_set_visible(view->notice, FALSE);
	gtk_widget_add_css_class(page, "paper");
	view->scrolled = part_scrolled(page);
	gtk_scrolled_window_set_policy(GTK_SCROLLED_WINDOW(view->scrolled), GTK_POLICY_AUTOMATIC, GTK_POLICY_AUTOMATIC);
	gtk_widget_set_size_request(view->scrolled, BASE_WIDTH + 40, VIEW_HEIGHT_MIN);

	view->back = tool_new(view, tools, "‹", _("Page before"), back_clicked);
	view->position = part_label("", NULL);
	gtk_label_set_width_chars(GTK_LABEL(view->position), 14);
	gtk_label_set_xalign(GTK_LABEL(view->position), 0.5f);
	gtk_box_append(GTK_BOX(tools), view->position);
	view->forth = tool_new(view, tools, "›", _("Next page"), forth_clicked);
	view->smaller = tool_new(view, tools, "−", _("Smaller"), smaller_clicked);
	gtk_widget_set_margin_start(view->smaller, 18);
	view->larger = tool_new(view, tools, "+", _("Larger"), larger_clicked);

	gtk_widget_set_valign(tools, GTK_ALIGN_CENTER);
	view->tools = tools;
	view->watch = g_unix_fd_add(FRAME_HELPER_FD, G_IO_IN | G_IO_HUP, agent_speaks, view);
	return view;
}

void
page_view_free(struct page_view *view)
{
	if (view == NULL)
		return;
	g_source_remove(view->watch);
	g_free(view);
}

GtkWidget *
page_view_widget(struct page_view *view)
{
	return view->scrolled;
}

GtkWidget *
page_view_tools(struct page_view *view)
{
	return view->tools;
}

void
page_view_show(struct page_view *view, size_t document)
{
	view->wanted = (struct page){ .document = document, .number = 1, .zoom = view->wanted.zoom };
	view->pages = 0;
	gtk_widget_set_visible(view->picture, FALSE);
	notice_show(view, NULL);
	page_ask(view);
}
