/* SPDX-License-Identifier: Apache-2.0 */
/* prompt/window_select.c: one certificate of a list. */
#include "base/err.h"
#include "base/json.h"
#include "prompt/language.h"
#include "prompt/window.h"
#include "prompt/window_parts.h"
#include "prompt/windows.h"

#define WIDTH 640
#define HEIGHT 560
#define CHOSEN (WINDOW_REFUSED + 1)

static void
row_bind(GtkSignalListItemFactory *factory, GtkListItem *item, void *data)
{
	const cJSON *certificate = cJSON_GetArrayItem(data, (int)gtk_list_item_get_position(item));
	GtkWidget *box = gtk_box_new(GTK_ORIENTATION_VERTICAL, 8), *owner = part_safe_label(json_string(certificate, "owner"), TEXT_NAME_MAX, "name");
	GtkGrid *facts = part_facts();
	char day[TEXT_BYTES(TEXT_NAME_MAX)];

	(void)factory;
	summary_day(json_string(certificate, "notAfter"), day);
	part_facts_add(facts, 0, 0, _("Certificate by"), json_string(certificate, "issuer"));
	part_facts_add(facts, 0, 1, _("Valid until"), day);
	part_facts_add(facts, 0, 2, _("Card"), json_string(certificate, "card"));
	part_facts_add(facts, 0, 3, _("Reader"), json_string(certificate, "reader"));
	gtk_box_append(GTK_BOX(box), owner);
	gtk_box_append(GTK_BOX(box), GTK_WIDGET(facts));
	gtk_list_item_set_child(item, box);
	part_row_name(item, owner, GTK_WIDGET(facts));
}

static void
selection_changed(GtkSingleSelection *selection, GParamSpec *property, void *data)
{
	(void)property;
	window_set_ready(data, gtk_single_selection_get_selected(selection) != GTK_INVALID_LIST_POSITION);
}

int
select_window(const struct prompt *prompt, const struct site *site, const cJSON *certificates, size_t *ret_chosen)
{
	struct window *window = window_new(prompt, _("e-signature: certificate"), _("Give up"), WIDTH, HEIGHT);
	const char *asked = _("This site asks you to choose a certificate. It is told the one that you choose; nothing is signed by that.");
	union { const cJSON *certificates; void *data; } rows = { certificates };	/* only read */
	GtkSingleSelection *selection;
	GtkWidget *list;
	int r, answer;

	if (window == NULL)
		return ERR_NO_DISPLAY;
	list = part_list((size_t)cJSON_GetArraySize(certificates), _("Certificates"), NULL, row_bind, rows.data);
	selection = GTK_SINGLE_SELECTION(gtk_list_view_get_model(GTK_LIST_VIEW(list)));
	/* What is chosen, somebody has chosen. */
	gtk_single_selection_set_autoselect(selection, FALSE);
	gtk_single_selection_set_selected(selection, GTK_INVALID_LIST_POSITION);
	gtk_box_append(window_content(window), GTK_WIDGET(part_head(site, asked)));
	gtk_box_append(window_content(window), gtk_separator_new(GTK_ORIENTATION_HORIZONTAL));
	gtk_box_append(window_content(window), part_scrolled(list));
	window_describe(window, asked);
	window_add_button(window, _("Choose this one"), CHOSEN, true);
	window_set_ready(window, false);
	g_signal_connect(selection, "notify::selected", G_CALLBACK(selection_changed), window);
	r = window_run(window, &answer);
	if (r == 0 && answer == CHOSEN)
		*ret_chosen = gtk_single_selection_get_selected(selection);
	else if (r == 0)
		r = ERR_USER_CANCELLED;
	g_signal_handlers_disconnect_by_data(selection, window);
	window_free(&window);
	return r;
}
