/* SPDX-License-Identifier: Apache-2.0 */
/* prompt/window_parts.c: labels, notices, heads and facts. */
#include "prompt/window_parts.h"

#include "prompt/language.h"

#define WIDTH_CHARS 24
#define PIECE_MAX 1000	/* code points */

GtkWidget *
part_label(const char *text, const char *css_class)
{
	GtkWidget *widget = gtk_label_new(text);
	GtkLabel *label = GTK_LABEL(widget);

	gtk_label_set_xalign(label, 0);
	gtk_label_set_wrap(label, TRUE);
	gtk_label_set_wrap_mode(label, PANGO_WRAP_WORD_CHAR);
	/* GTK asks for the height that a label has when it is narrowest: one letter wide it would not fit on any screen. */
	gtk_label_set_width_chars(label, WIDTH_CHARS);
	if (css_class != NULL)
		gtk_widget_add_css_class(widget, css_class);
	return widget;
}

void
part_set_safe(GtkWidget *label, const char *text, size_t max)
{
	struct buf safe;

	buf_init(&safe, TEXT_BYTES(max));
	text_append_safe(&safe, text != NULL ? text : "", max);
	buf_append(&safe, "", 1);
	gtk_label_set_text(GTK_LABEL(label), safe.failed ? "" : (const char *)safe.data);
	buf_clear(&safe);
}

GtkWidget *
part_safe_label(const char *text, size_t max, const char *css_class)
{
	GtkWidget *label = part_label("", css_class);

	part_set_safe(label, text, max);
	return label;
}

GtkWidget *
part_whole(const char *text)
{
	GtkWidget *box = gtk_box_new(GTK_ORIENTATION_VERTICAL, 0);
	const char *start, *end;
	struct buf safe;

	/* One character may become ten: [U+10FFFF]. */
	buf_init(&safe, TEXT_BYTES(PART_WHOLE_MAX * 10));
	text_append_safe(&safe, text != NULL ? text : "", PART_WHOLE_MAX * 10);
	buf_append(&safe, "", 1);
	/* In pieces: finding the lines of one long word takes Pango time that grows with its square. */
	for (start = safe.failed ? "" : (const char *)safe.data; *start != '\0'; start = end) {
		char *piece;

		end = start;
		for (size_t i = 0; i < PIECE_MAX && text_next(&end) != 0; i++)
			;
		piece = g_strndup(start, (gsize)(end - start));
		gtk_box_append(GTK_BOX(box), part_label(piece, NULL));
		g_free(piece);
	}
	buf_clear(&safe);
	return box;
}

GtkWidget *
part_notice(const char *text, bool danger)
{
	GtkWidget *label = part_label(text, "notice");

	if (danger)
		gtk_widget_add_css_class(label, "danger");
	return label;
}

GtkBox *
part_head(const struct site *site, const char *asked)
{
	GtkWidget *box = gtk_box_new(GTK_ORIENTATION_VERTICAL, 8), *letters;

	gtk_widget_add_css_class(box, "head");
	gtk_box_append(GTK_BOX(box), part_label(site->origin, "site"));
	if (site->letters[0] != '\0' && site->international) {
		char *text = g_strdup_printf(_("In its own letters: %s"), site->letters);

		letters = part_label(text, NULL);
		gtk_box_append(GTK_BOX(box), letters);
		g_free(text);
	}
	if (site_warning(site) != NULL)
		gtk_box_append(GTK_BOX(box), part_notice(site_warning(site), true));
	gtk_box_append(GTK_BOX(box), part_label(asked, "asked"));
	return GTK_BOX(box);
}

GtkGrid *
part_facts(void)
{
	GtkGrid *grid = GTK_GRID(gtk_grid_new());

	gtk_grid_set_column_spacing(grid, 16);
	gtk_grid_set_row_spacing(grid, 6);
	return grid;
}

void
part_facts_add(GtkGrid *facts, int column, int row, const char *name, const char *value)
{
	GtkWidget *name_label = part_label(name, "dim-label"), *value_label = part_safe_label(value, TEXT_NAME_MAX, NULL);

	gtk_label_set_wrap(GTK_LABEL(name_label), FALSE);
	gtk_label_set_width_chars(GTK_LABEL(name_label), -1);
	gtk_widget_set_valign(name_label, GTK_ALIGN_START);
	gtk_widget_set_hexpand(value_label, TRUE);
	gtk_grid_attach(facts, name_label, column * 2, row, 1, 1);
	gtk_grid_attach(facts, value_label, column * 2 + 1, row, 1, 1);
}

void
part_name(GtkWidget *widget, const char *name)
{
	gtk_accessible_update_property(GTK_ACCESSIBLE(widget), GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);
}

GtkWidget *
part_list(size_t count, const char *name, part_row_function *setup, part_row_function *bind, void *data)
{
	GtkListItemFactory *factory = gtk_signal_list_item_factory_new();
	GtkStringList *rows = gtk_string_list_new(NULL);
	GtkWidget *list;

	for (size_t i = 0; i < count; i++)
		gtk_string_list_append(rows, "");
	if (setup != NULL)
		g_signal_connect(factory, "setup", G_CALLBACK(setup), data);
	g_signal_connect(factory, "bind", G_CALLBACK(bind), data);
	list = gtk_list_view_new(GTK_SELECTION_MODEL(gtk_single_selection_new(G_LIST_MODEL(rows))), factory);
	gtk_widget_add_css_class(list, "list");
	part_name(list, name);
	return list;
}

void
part_row_name(GtkListItem *item, GtkWidget *first, GtkWidget *second)
{
	GtkWidget *row = gtk_widget_get_parent(gtk_list_item_get_child(item));

	gtk_accessible_update_relation(GTK_ACCESSIBLE(row), GTK_ACCESSIBLE_RELATION_LABELLED_BY, first, second, NULL, -1);
}

GtkWidget *
part_scrolled(GtkWidget *child)
{
	GtkWidget *scrolled = gtk_scrolled_window_new();

	gtk_scrolled_window_set_policy(GTK_SCROLLED_WINDOW(scrolled), GTK_POLICY_NEVER, GTK_POLICY_AUTOMATIC);
	gtk_scrolled_window_set_child(GTK_SCROLLED_WINDOW(scrolled), child);
	gtk_widget_set_vexpand(scrolled, TRUE);
	gtk_widget_set_hexpand(scrolled, TRUE);
	return scrolled;
}
