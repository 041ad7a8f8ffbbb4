/* SPDX-License-Identifier: Apache-2.0 */
/* prompt/window_consent.c: what is signed, for whom, with which certificate. */
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/json.h"
#include "prompt/language.h"
#include "prompt/page_view.h"
#include "prompt/window.h"
#include "prompt/window_parts.h"
#include "prompt/windows.h"

#define WIDTH 760
#define HEIGHT 620
#define LOGIN_HEIGHT 340
#define PICTURE_WIDTH 960	/* of a window with pages */
#define PICTURE_HEIGHT 700
#define LOW_HEIGHT 440	/* of one with nothing but names to show */
#define LIST_WIDTH 310
#define FIELDS_WIDTH 300	/* beside a page */
#define CONSENTED (WINDOW_REFUSED + 1)

struct consent_view {
	const struct summary *summary;
	const cJSON **documents;	/* of the summary, by number */
	GtkWidget *name, *line, *fields, *fields_pane;	/* of the one that is shown */
	struct page_view *pages;	/* NULL: none of them has pages */
	struct window *window;
};

/* It can be agreed to once its first page is there, or is known not to come. */
static void
page_settled(void *context)
{
	const struct consent_view *view = context;

	window_set_ready(view->window, true);
}

static bool
has_pages(const cJSON *document)
{
	return json_true(document, "picture");
}

/* Whether they can be shown whole: they are what is signed. */
static bool
fields_fit(const cJSON *fields)
{
	const cJSON *field;

	cJSON_ArrayForEach(field, fields) {
		const char *value = json_string(field, "value");

		if (value != NULL && strlen(value) > PART_WHOLE_MAX)
			return false;
	}
	return true;
}

/* A name in grey and what belongs to it; more, if there is any, in a line of its own. */
static GtkWidget *
fact_row(GtkWidget *name, GtkWidget *value, const char *more)
{
	GtkWidget *box = gtk_box_new(GTK_ORIENTATION_VERTICAL, 2), *row = gtk_list_box_row_new(), *first = gtk_widget_get_first_child(value);
	GtkWidget *last = more != NULL ? part_label(more, "dim-label") : NULL;

	gtk_box_append(GTK_BOX(box), name);
	gtk_box_append(GTK_BOX(box), value);
	if (last != NULL)
		gtk_box_append(GTK_BOX(box), last);
	gtk_list_box_row_set_child(GTK_LIST_BOX_ROW(row), box);
	gtk_list_box_row_set_activatable(GTK_LIST_BOX_ROW(row), FALSE);
	if (first == NULL)
		first = name;
	if (last != NULL)
		gtk_accessible_update_relation(GTK_ACCESSIBLE(row), GTK_ACCESSIBLE_RELATION_LABELLED_BY, name, first, last, NULL, -1);
	else
		gtk_accessible_update_relation(GTK_ACCESSIBLE(row), GTK_ACCESSIBLE_RELATION_LABELLED_BY, name, first, NULL, -1);
	return row;
}

static GtkWidget *
field_row(const cJSON *field)
{
	return fact_row(part_safe_label(json_string(field, "label"), TEXT_VALUE_MAX, "dim-label"), part_whole(json_string(field, "value")), NULL);
}

static GtkWidget *
attachment_row(const cJSON *attachment)
{
	char title[SUMMARY_TEXT_BYTES], line[SUMMARY_TEXT_BYTES];

	summary_attachment(attachment, title);
	summary_document_line(attachment, " · ", line);
	return fact_row(part_label(title, "dim-label"), part_whole(json_string(attachment, "name")), line);
}

static void
document_show(struct consent_view *view, size_t i)
{
	const cJSON *document = view->documents[i], *field, *fields = json_member(document, "fields"), *attachment;
	char line[SUMMARY_TEXT_BYTES];
	GtkWidget *row;

	part_set_safe(view->name, json_string(document, "name"), TEXT_VALUE_MAX);
	summary_document_line(document, " · ", line);
	gtk_label_set_text(GTK_LABEL(view->line), line);
	while ((row = gtk_widget_get_first_child(view->fields)) != NULL)
		gtk_list_box_remove(GTK_LIST_BOX(view->fields), row);
	cJSON_ArrayForEach(attachment, json_member(document, "attachments"))
		gtk_list_box_append(GTK_LIST_BOX(view->fields), attachment_row(attachment));
	cJSON_ArrayForEach(field, fields)
		gtk_list_box_append(GTK_LIST_BOX(view->fields), field_row(field));
	gtk_widget_set_visible(view->fields_pane, gtk_widget_get_first_child(view->fields) != NULL);
	if (view->pages == NULL)
		return;
	gtk_widget_set_visible(page_view_widget(view->pages), has_pages(document));
	gtk_widget_set_visible(page_view_tools(view->pages), has_pages(document));
	if (has_pages(document))
		page_view_show(view->pages, i);
}

static GtkWidget *
document_pane(struct consent_view *view)
{
	GtkWidget *pane = gtk_box_new(GTK_ORIENTATION_VERTICAL, 12), *both = gtk_box_new(GTK_ORIENTATION_HORIZONTAL, 16);
	GtkWidget *top = gtk_box_new(GTK_ORIENTATION_HORIZONTAL, 16), *names = gtk_box_new(GTK_ORIENTATION_VERTICAL, 4);

	view->name = part_label("", "name");
	view->line = part_label("", "dim-label");
	view->fields = gtk_list_box_new();
	gtk_list_box_set_selection_mode(GTK_LIST_BOX(view->fields), GTK_SELECTION_NONE);
	gtk_widget_add_css_class(view->fields, "fields");
	part_name(view->fields, _("Fields"));
	gtk_widget_add_css_class(pane, "pane");
	gtk_box_append(GTK_BOX(names), view->name);
	gtk_box_append(GTK_BOX(names), view->line);
	gtk_widget_set_hexpand(names, TRUE);
	gtk_box_append(GTK_BOX(top), names);
	gtk_box_append(GTK_BOX(pane), top);
	view->fields_pane = part_scrolled(view->fields);
	if (view->pages != NULL) {
		gtk_widget_set_hexpand(view->fields_pane, FALSE);
		gtk_widget_set_size_request(view->fields_pane, FIELDS_WIDTH, -1);
		gtk_box_append(GTK_BOX(top), page_view_tools(view->pages));
		gtk_box_append(GTK_BOX(both), page_view_widget(view->pages));
	}
	gtk_box_append(GTK_BOX(both), view->fields_pane);
	gtk_box_append(GTK_BOX(pane), both);
	gtk_widget_set_vexpand(both, TRUE);
	gtk_widget_set_hexpand(pane, TRUE);
	return pane;
}

/* --- the list of a batch --- */

static void
row_setup(GtkSignalListItemFactory *factory, GtkListItem *item, void *data)
{
	GtkWidget *box = gtk_box_new(GTK_ORIENTATION_VERTICAL, 2);

	(void)factory, (void)data;
	gtk_box_append(GTK_BOX(box), part_label("", NULL));
	gtk_box_append(GTK_BOX(box), part_label("", "dim-label"));
	gtk_list_item_set_child(item, box);
}

static void
row_bind(GtkSignalListItemFactory *factory, GtkListItem *item, void *data)
{
	const struct consent_view *view = data;
	guint i = gtk_list_item_get_position(item);
	GtkWidget *box = gtk_list_item_get_child(item), *name = gtk_widget_get_first_child(box), *line = gtk_widget_get_next_sibling(name);
	char *numbered = g_strdup_printf("%u. %s", i + 1, json_string(view->documents[i], "name"));
	char text[SUMMARY_TEXT_BYTES];

	(void)factory;
	part_set_safe(name, numbered, TEXT_NAME_MAX);
	summary_document_line(view->documents[i], " · ", text);
	gtk_label_set_text(GTK_LABEL(line), text);
	gtk_widget_set_visible(line, text[0] != '\0');
	part_row_name(item, name, line);
	g_free(numbered);
}

static void
selection_changed(GtkSingleSelection *selection, GParamSpec *property, void *data)
{
	struct consent_view *view = data;
	guint i = gtk_single_selection_get_selected(selection);

	(void)property;
	if (i < view->summary->count)
		document_show(view, i);
}

static GtkWidget *
documents_list(struct consent_view *view)
{
	GtkWidget *list = part_list(view->summary->count, _("Documents"), row_setup, row_bind, view), *scrolled;

	g_signal_connect(gtk_list_view_get_model(GTK_LIST_VIEW(list)), "notify::selected", G_CALLBACK(selection_changed), view);
	scrolled = part_scrolled(list);
	gtk_widget_set_hexpand(scrolled, FALSE);
	gtk_widget_set_size_request(scrolled, LIST_WIDTH, -1);
	return scrolled;
}

/* --- the window --- */

static GtkWidget *
signer_facts(const struct summary *summary)
{
	GtkGrid *facts = part_facts();
	char day[TEXT_BYTES(TEXT_NAME_MAX)];

	summary_day(summary->not_after, day);
	gtk_widget_add_css_class(GTK_WIDGET(facts), "foot");
	part_facts_add(facts, 0, 0, summary->kind == SUMMARY_LOGIN ? _("Card holder") : _("Signer"), summary->owner);
	part_facts_add(facts, 0, 1, _("Certificate by"), summary->issuer);
	part_facts_add(facts, 0, 2, _("Valid until"), day);
	part_facts_add(facts, 1, 0, _("Card"), summary->card);
	part_facts_add(facts, 1, 1, _("Reader"), summary->reader);
	return GTK_WIDGET(facts);
}

static void
window_fill(struct window *window, struct consent_view *view, const struct site *site)
{
	const struct summary *summary = view->summary;
	GtkWidget *body = gtk_box_new(GTK_ORIENTATION_HORIZONTAL, 0);
	char text[SUMMARY_TEXT_BYTES];
	const cJSON *warning;
	GtkBox *head;

	summary_asked(summary, text);
	window_describe(window, text);
	head = part_head(site, text);
	if (summary->purpose != NULL) {
		summary_purpose(summary, text);
		gtk_box_append(head, part_label(text, "name"));
	}
	if (summary_unknown(summary) != NULL)
		gtk_box_append(head, part_notice(summary_unknown(summary), true));
	cJSON_ArrayForEach(warning, summary->warnings) {
		summary_warning(warning, text);
		gtk_box_append(head, part_notice(text, false));
	}
	if (summary->count > 1) {
		gtk_box_append(GTK_BOX(body), documents_list(view));
		gtk_box_append(GTK_BOX(body), gtk_separator_new(GTK_ORIENTATION_VERTICAL));
	}
	if (summary->count > 0)
		gtk_box_append(GTK_BOX(body), document_pane(view));
	gtk_widget_set_vexpand(body, TRUE);
	gtk_box_append(window_content(window), GTK_WIDGET(head));
	gtk_box_append(window_content(window), gtk_separator_new(GTK_ORIENTATION_HORIZONTAL));
	gtk_box_append(window_content(window), body);
	gtk_box_append(window_content(window), gtk_separator_new(GTK_ORIENTATION_HORIZONTAL));
	gtk_box_append(window_content(window), signer_facts(summary));
	if (summary->count > 0)
		document_show(view, 0);
}

int
consent_window(const struct prompt *prompt, struct helper_call *call, const struct site *site, const struct summary *summary)
{
	struct consent_view view = { .summary = summary, .documents = calloc(summary->count + 1, sizeof(*view.documents)) };
	struct window *window = NULL;
	const cJSON *document;
	bool pages = false, fields = false, whole = true;
	size_t i = 0;
	int r, answer, height;

	if (view.documents == NULL)
		return ERR_INTERNAL;
	cJSON_ArrayForEach(document, summary->documents) {
		view.documents[i++] = document;
		pages = pages || has_pages(document);
		fields = fields || cJSON_GetArraySize(json_member(document, "fields")) > 0;
		whole = whole && fields_fit(json_member(document, "fields"));
	}
	if (!whole) {
		r = ERR_TOO_LARGE;
		goto out;
	}
	height = pages ? PICTURE_HEIGHT : fields || summary->count > 1 ? HEIGHT : summary->count > 0 ? LOW_HEIGHT : LOGIN_HEIGHT;
	window = window_new(prompt, summary_title(summary), _("Refuse"), pages ? PICTURE_WIDTH : WIDTH, height);
	if (window == NULL) {
		r = ERR_NO_DISPLAY;
		goto out;
	}
	view.window = window;
	if (pages)
		view.pages = page_view_new(call, page_settled, &view);
	window_fill(window, &view, site);
	window_add_button(window, summary_agree(summary), CONSENTED, true);
	window_set_ready(window, !has_pages(view.documents[0]));
	if ((r = window_run(window, &answer)) == 0 && answer != CONSENTED)
		r = ERR_USER_DENIED;
out:
	window_free(&window);
	page_view_free(view.pages);
	free(view.documents);
	return r;
}
