/* SPDX-License-Identifier: Apache-2.0 */
/* prompt/pages.h: what a dialog says, broken into rows, and into as many dialogs as an Assuan line and a small screen ask for. */
#ifndef PROMPT_PAGES_H
#define PROMPT_PAGES_H

#include <stddef.h>

#include "base/buf.h"

#define PAGES_MAX 64
#define PAGE_COLUMNS 58	/* more, and pinentry-gtk-2 breaks rows once more */
#define PAGE_ROWS 24
#define PAGE_BYTES 990	/* escaped: an Assuan line has 1000 and "SETDESC " takes 8 */

struct pages;

/* No pages yet; header (the origin) stands over each. Borrows header. NULL when memory runs out. */
struct pages *pages_new(const char *header);
void pages_free(struct pages *pages);

/* Adds a paragraph of safe text (text_append_safe); rows after its first are indented by indent columns. */
void pages_add(struct pages *pages, const char *text, unsigned indent);

/* The same, formatted. */
void pages_add_format(struct pages *pages, unsigned indent, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* Adds an empty row, unless the page begins. */
void pages_add_blank(struct pages *pages);

/* Begins a new page unless this many rows of usual length still fit: for lines that belong together. */
void pages_keep(struct pages *pages, unsigned rows);

/* Pages so far; 0 when something did not fit into PAGES_MAX or memory ran out. */
size_t pages_count(const struct pages *pages);

/* The text of page i, with "page i of n" under the header when there are several. The caller frees it; NULL when memory runs out. */
char *pages_text(const struct pages *pages, size_t i);

#endif
