/* SPDX-License-Identifier: Apache-2.0 */
/* document/form_sheet.h: pages that fill from top to bottom with bands and rows of labelled boxes, each with its heading and footer. */
#ifndef DOCUMENT_FORM_SHEET_H
#define DOCUMENT_FORM_SHEET_H

#include "document/form_layout.h"

#define LEFT 48.0
#define WIDTH (PAPER_WIDTH - 2 * LEFT)
#define TOP 34.0
#define BOTTOM (PAPER_HEIGHT - 50)	/* of the boxes; the footer is below */
#define PAGE_ROOM (BOTTOM - TOP - 30)	/* of a page that is not the first, at least */
#define BLOCK_MIN 60.0	/* room that a box which must be split starts in, at least */
#define BAND 17.0

/* Sizes that differ between a page with room and denser ones, which a form gets when they spare a sheet. */
struct measures {
	double padding_y, row_min, label_gap, band_padding, section_gap, paragraph_gap, signature_height;
	struct type value, check;
};

/* The page's own words, by language. */
struct words {
	const char *declaration, *page, *version, *digest, *signature, *signature_note, *electronic_note, *signature_date, *attachments, *bytes;
};

struct page {
	struct paper *paper;
	const struct form_content *form;
	const struct words *words;
	const struct measures *sizes;
	int number, total;
	double y;		/* where the next thing goes */
	struct form_place places[FORM_SIGNERS_MAX];
};

/* One labelled box of a row. */
struct cell {
	double x, width;
	const char *label;	/* "": none */
	char *value;		/* owned; NULL: nothing was filled in */
	const struct type *type;
};

/* The first page with the form's heading; total: of the pages, 0 while it is measured. */
void page_begin(struct page *page, struct paper *paper, const struct form_content *form, enum form_density density, int total);

/* Ends the page and begins the next. */
void page_next(struct page *page);

/* Ends the last page. */
void page_end(struct page *page);

/* A heading of a section. */
void band_draw(struct page *page, const char *title);

/* The same, on the page of the first row that stands below it: these cells. */
void band_draw_before(struct page *page, const char *title, const struct cell *cells, size_t count);

/* One or two boxes beside each other: moved to the next page when they fit there, and only else split between lines. */
void row_draw(struct page *page, const struct cell *cells, size_t count);

#endif
