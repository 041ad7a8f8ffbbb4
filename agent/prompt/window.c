/* SPDX-License-Identifier: Apache-2.0 */
/* prompt/window.c: opening GTK, arming the buttons, waiting. */
#include "prompt/window.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/log.h"
#include "prompt/window_front.h"
#include "prompt/windows.h"

#define BUTTONS_MAX 2	/* besides the refusing one */

struct window {
	const struct prompt *prompt;
	GtkWindow *top;
	GtkWidget *content, *buttons, *refuse;
	GtkWidget *meant[BUTTONS_MAX];	/* the buttons that do something */
	size_t meant_count;
	GMainLoop *loop;
	int64_t created, shown_after;
	unsigned frames;		/* drawn so far, counted to two */
	bool open;			/* long enough on the screen to be refused */
	bool armed;			/* long enough in front to be answered */
	bool ready;			/* something is chosen */
	bool answered;
	guint open_timer, arm_timer, deadline_timer;
	int answer;
};

static const char style[] =
	".site { font-size: 1.45em; font-weight: bold; }"
	".asked { font-size: 1.1em; }"
	".name { font-weight: bold; }"
	".notice { padding: 10px 14px; border-radius: 8px; background: alpha(#e5a50a, 0.2); border-left: 5px solid #e5a50a; }"
	".danger { background: alpha(#e01b24, 0.14); border-left-color: #e01b24; }"
	".head, .foot { padding: 20px 24px; }"
	".foot { padding-top: 16px; }"
	".pane { padding: 16px 24px; }"
	".paper { padding: 12px; }"
	".paper picture { background: white; box-shadow: 0 1px 4px alpha(black, 0.35); }"
	"button.tool { min-width: 20px; min-height: 20px; padding: 4px 10px; }"
	".fields row { padding: 8px 4px; border-bottom: 1px solid alpha(currentColor, 0.12); }"
	".list row { padding: 8px 12px; }"
	"button { min-height: 28px; padding: 6px 18px; }";

/*
 * No OpenGL: it takes the graphics driver into this process, for some text, and fails on remote desktops; GDK alone, without a renderer, still
 * loads it (GDK_DEBUG up to GTK 4.12, GDK_DISABLE since 4.14).  No gvfs: a window needs no network's files.
 */
static const char *const environment[][2] = {
	{ "GSK_RENDERER", "cairo" }, { "GDK_DEBUG", "gl-disable" }, { "GDK_DISABLE", "gl,vulkan" }, { "GIO_USE_VFS", "local" },
};

/* No setlocale(): the texts are ours and numbers stay as they are. */
static bool
toolkit_init(void)
{
	static bool works;
	GtkCssProvider *provider;

	if (works)
		return true;
	for (size_t i = 0; i < sizeof(environment) / sizeof(environment[0]); i++)
		if (setenv(environment[i][0], environment[i][1], 1) != 0)
			return false;
	gtk_disable_setlocale();
	g_set_prgname("imza-agent");
	if (!gtk_init_check()) {
		log_warning("no window can be opened on this display");
		return false;
	}
	provider = gtk_css_provider_new();
	gtk_css_provider_load_from_data(provider, style, -1);
	gtk_style_context_add_provider_for_display(gdk_display_get_default(), GTK_STYLE_PROVIDER(provider), GTK_STYLE_PROVIDER_PRIORITY_APPLICATION);
	g_object_unref(provider);
	works = true;
	return true;
}

bool
window_possible(void)
{
	return toolkit_init();
}

static void
timer_clear(guint *timer)
{
	if (*timer != 0)
		g_source_remove(*timer);
	*timer = 0;
}

static void
buttons_update(struct window *window)
{
	for (size_t i = 0; i < window->meant_count; i++)
		gtk_widget_set_sensitive(window->meant[i], window->armed && window->ready);
}

static void
answer_give(struct window *window, int answer)
{
	if (!window->open || window->answered || (answer != WINDOW_REFUSED && !(window->armed && window->ready)))
		return;
	window->answered = true;
	window->answer = answer;
	g_main_loop_quit(window->loop);
}

static gboolean
arm_passed(void *data)
{
	struct window *window = data;

	window->arm_timer = 0;
	window->armed = true;
	buttons_update(window);
	if (window->shown_after >= 0)
		log_info("a window that was shown after %lld ms can be answered", (long long)window->shown_after);
	window->shown_after = -1;
	return G_SOURCE_REMOVE;
}

/*
 * From now on the window has to be in front for a while before it can be agreed to: at first, and each time that it comes to the front
 * again.  What was typed or clicked a moment before was meant for another window, or was provoked by one that a page laid over this.
 */
static void
arm_start(struct window *window)
{
	timer_clear(&window->arm_timer);
	window->armed = false;
	buttons_update(window);
	if (window->frames >= 2 && gtk_window_is_active(window->top))
		window->arm_timer = g_timeout_add(window->prompt->arm_ms, arm_passed, window);
}

static void
active_changed(GObject *object, GParamSpec *property, void *data)
{
	(void)object, (void)property;
	arm_start(data);
}

static gboolean
open_passed(void *data)
{
	struct window *window = data;

	window->open_timer = 0;
	window->open = true;
	return G_SOURCE_REMOVE;
}

/* The second frame begins when the first is on the screen. */
static gboolean
frame_begins(GtkWidget *top, GdkFrameClock *clock, void *data)
{
	struct window *window = data;

	(void)top, (void)clock;
	if (++window->frames < 2)
		return G_SOURCE_CONTINUE;
	window->shown_after = clock_ms() - window->created;
	window_to_front(window->top);
	window->open_timer = g_timeout_add(window->prompt->arm_ms, open_passed, window);
	arm_start(window);
	return G_SOURCE_REMOVE;
}

/* Nothing that was on its way reaches a button, not even the press whose release would come in time. */
static gboolean
input_swallow(GtkEventControllerLegacy *controller, GdkEvent *event, void *data)
{
	const struct window *window = data;

	(void)controller;
	switch (gdk_event_get_event_type(event)) {
	case GDK_KEY_PRESS:
	case GDK_KEY_RELEASE:
	case GDK_BUTTON_PRESS:
	case GDK_BUTTON_RELEASE:
	case GDK_TOUCH_BEGIN:
	case GDK_TOUCH_END:
		return !window->open;
	default:
		return FALSE;
	}
}

static gboolean
key_pressed(GtkEventControllerKey *controller, guint key, guint code, GdkModifierType modifiers, void *data)
{
	(void)controller, (void)code, (void)modifiers;
	if (key != GDK_KEY_Escape)
		return FALSE;
	answer_give(data, WINDOW_REFUSED);
	return TRUE;
}

static gboolean
close_wanted(GtkWindow *top, void *data)
{
	(void)top;
	answer_give(data, WINDOW_REFUSED);
	return TRUE;
}

static void
button_clicked(GtkButton *button, void *data)
{
	answer_give(data, GPOINTER_TO_INT(g_object_get_data(G_OBJECT(button), "answer")));
}

static GtkWidget *
button_new(struct window *window, const char *text, int answer)
{
	GtkWidget *button = gtk_button_new_with_label(text);

	g_object_set_data(G_OBJECT(button), "answer", GINT_TO_POINTER(answer));
	g_signal_connect(button, "clicked", G_CALLBACK(button_clicked), window);
	gtk_box_append(GTK_BOX(window->buttons), button);
	return button;
}

struct window *
window_new(const struct prompt *prompt, const char *title, const char *refuse, int width, int height)
{
	struct window *window = window_possible() ? calloc(1, sizeof(*window)) : NULL;
	GtkEventController *swallow, *keys;
	GtkWidget *box;

	if (window == NULL)
		return NULL;
	window->prompt = prompt;
	window->created = clock_ms();
	window->ready = true;
	window->loop = g_main_loop_new(NULL, FALSE);
	window->top = g_object_new(GTK_TYPE_WINDOW, "accessible-role", GTK_ACCESSIBLE_ROLE_DIALOG, "title", title, "default-width", width,
	    "default-height", height, NULL);
	box = gtk_box_new(GTK_ORIENTATION_VERTICAL, 0);
	window->content = gtk_box_new(GTK_ORIENTATION_VERTICAL, 0);
	gtk_widget_set_vexpand(window->content, TRUE);
	window->buttons = gtk_box_new(GTK_ORIENTATION_HORIZONTAL, 12);
	gtk_widget_set_halign(window->buttons, GTK_ALIGN_END);
	gtk_widget_add_css_class(window->buttons, "foot");
	gtk_box_append(GTK_BOX(box), window->content);
	gtk_box_append(GTK_BOX(box), gtk_separator_new(GTK_ORIENTATION_HORIZONTAL));
	gtk_box_append(GTK_BOX(box), window->buttons);
	gtk_window_set_child(window->top, box);

	swallow = gtk_event_controller_legacy_new();
	gtk_event_controller_set_propagation_phase(swallow, GTK_PHASE_CAPTURE);
	g_signal_connect(swallow, "event", G_CALLBACK(input_swallow), window);
	gtk_widget_add_controller(GTK_WIDGET(window->top), swallow);
	keys = gtk_event_controller_key_new();
	g_signal_connect(keys, "key-pressed", G_CALLBACK(key_pressed), window);
	gtk_widget_add_controller(GTK_WIDGET(window->top), keys);
	g_signal_connect(window->top, "close-request", G_CALLBACK(close_wanted), window);
	g_signal_connect(window->top, "notify::is-active", G_CALLBACK(active_changed), window);
	gtk_widget_add_tick_callback(GTK_WIDGET(window->top), frame_begins, window, NULL);

	window->refuse = button_new(window, refuse, WINDOW_REFUSED);
	gtk_window_set_default_widget(window->top, window->refuse);
	gtk_window_set_focus(window->top, window->refuse);
	return window;
}

void
window_free(struct window **window)
{
	struct window *w = *window;

	if (w == NULL)
		return;
	*window = NULL;
	timer_clear(&w->open_timer);
	timer_clear(&w->arm_timer);
	timer_clear(&w->deadline_timer);
	g_signal_handlers_disconnect_by_data(w->top, w);
	gtk_window_destroy(w->top);
	/* What comes next may be the dialog for the PIN. */
	while (g_main_context_iteration(NULL, FALSE))
		;
	gdk_display_sync(gdk_display_get_default());
	g_main_loop_unref(w->loop);
	free(w);
}

GtkBox *
window_content(struct window *window)
{
	return GTK_BOX(window->content);
}

void
window_describe(struct window *window, const char *text)
{
	gtk_accessible_update_property(GTK_ACCESSIBLE(window->top), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, text, -1);
}

void
window_add_button(struct window *window, const char *text, int answer, bool suggested)
{
	GtkWidget *button;

	if (window->meant_count == BUTTONS_MAX)
		return;
	button = button_new(window, text, answer);
	if (suggested)
		gtk_widget_add_css_class(button, "suggested-action");
	window->meant[window->meant_count++] = button;
	buttons_update(window);
}

void
window_set_ready(struct window *window, bool ready)
{
	window->ready = ready;
	buttons_update(window);
}

static gboolean
deadline_passed(void *data)
{
	struct window *window = data;

	window->deadline_timer = 0;
	g_main_loop_quit(window->loop);
	return G_SOURCE_REMOVE;
}

int
window_run(struct window *window, int *ret_answer)
{
	int64_t left = window->prompt->deadline - clock_ms();

	if (left <= 0)
		return ERR_TIMEOUT;
	window->deadline_timer = g_timeout_add((guint)left, deadline_passed, window);
	gtk_window_present(window->top);
	g_main_loop_run(window->loop);
	if (!window->answered)
		return ERR_TIMEOUT;
	*ret_answer = window->answer;
	return 0;
}
