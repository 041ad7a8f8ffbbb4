/* SPDX-License-Identifier: Apache-2.0 */
/* prompt/window_parts.h: what the windows are made of. Every text goes through text_append_safe(), none is read as markup. */
#ifndef PROMPT_WINDOW_PARTS_H
#define PROMPT_WINDOW_PARTS_H

#include <gtk/gtk.h>

#include "prompt/site.h"

#define PART_WHOLE_MAX 20000	/* bytes of a text that part_whole() shows */

/* A label that breaks its lines, with a CSS class (may be NULL). text is ours. */
GtkWidget *part_label(const char *text, const char *css_class);

/* The same for a peer's text, made harmless, at most max code points. */
GtkWidget *part_safe_label(const char *text, size_t max, const char *css_class);

/* A box of labels with all of a peer's text, of at most PART_WHOLE_MAX bytes: nothing is cut. */
GtkWidget *part_whole(const char *text);

/* Changes what a label says to a peer's text, made harmless. */
void part_set_safe(GtkWidget *label, const char *text, size_t max);

/* A text that must not be missed; danger: in red. */
GtkWidget *part_notice(const char *text, bool danger);

/* The head of a window: the site, large, with its other letters and the warning about them, and what it asks for. Others may be appended. */
GtkBox *part_head(const struct site *site, const char *asked);

/* A grid of names and values. */
GtkGrid *part_facts(void);

/* Adds a row: name is ours, value a peer's. */
void part_facts_add(GtkGrid *facts, int column, int row, const char *name, const char *value);

/* What a screen reader calls it; name is ours. */
void part_name(GtkWidget *widget, const char *name);

typedef void part_row_function(GtkSignalListItemFactory *factory, GtkListItem *item, void *data);

/*
 * A list of count rows, one of which is selected: rows are made for what is in sight, so a thousand open as fast as ten.  setup (may be
 * NULL) makes a row's widgets, bind fills them for gtk_list_item_get_position().  name: as part_name().
 */
GtkWidget *part_list(size_t count, const char *name, part_row_function *setup, part_row_function *bind, void *data);

/* What a screen reader says of a row: first and second, parts of it. */
void part_row_name(GtkListItem *item, GtkWidget *first, GtkWidget *second);

/* Scrolls down its child, also by keyboard. */
GtkWidget *part_scrolled(GtkWidget *child);

#endif
