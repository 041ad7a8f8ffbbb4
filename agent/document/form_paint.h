/* SPDX-License-Identifier: Apache-2.0 */
/* document/form_paint.h: the paper that a form is drawn on: fonts, lines of text, boxes; points from the top left corner. */
#ifndef DOCUMENT_FORM_PAINT_H
#define DOCUMENT_FORM_PAINT_H

#include <stdbool.h>
#include <pango/pangocairo.h>

#define PAPER_WIDTH 595.276	/* A4 */
#define PAPER_HEIGHT 841.89

struct paper {
	cairo_t *cr;		/* NULL: measuring, nothing is drawn */
	PangoContext *context;
	GHashTable *texts;	/* text_layout()'s: a page is measured more than once before it is drawn */
	int err;		/* the first failure; drawing goes on */
};

struct ink {
	double red, green, blue;
};

struct type {
	double size;		/* points */
	bool bold;
	PangoAlignment align;
};

extern const struct ink ink_black, ink_grey, ink_accent, ink_line, ink_tint, ink_pale;

/*
 * Paper to measure on, with DejaVu Sans, regular and bold, from the system's files and no other font; paper_end() it.  language: "tr" or "en".
 * 0 or ERR_INTERNAL: the fonts are not installed (told in the log).
 */
int paper_begin(struct paper *paper, const char *language);

/* Frees what it holds but cr, which is the caller's. */
void paper_end(struct paper *paper);

/* Whether the font has every character of it and each would be seen (no controls, zero width, combining, directions). */
bool text_can_be_shown(struct paper *paper, const char *text);

/*
 * Lays text out in lines of at most width, once for each text, type and width.  paper->err becomes ERR_FORM_INVALID when it can't be shown.
 * Never NULL; the paper's: not to be freed or changed.
 */
PangoLayout *text_layout(struct paper *paper, const char *text, const struct type *type, double width);

double text_height(PangoLayout *text);

/* Draws all of it; x, y: its top left corner. */
void text_draw(struct paper *paper, PangoLayout *text, const struct ink *ink, double x, double y);

/* Draws lines from number first on as long as they end within height, or counts them only when draw is false; returns their number and height. */
int text_draw_part(struct paper *paper, PangoLayout *text, const struct ink *ink, double x, double y, int first, double height, bool draw,
    double *ret_height);

/* text_layout(), text_draw(), and its height. */
double text_put(struct paper *paper, const char *text, const struct type *type, const struct ink *ink, double x, double y, double width);

/* A cairo_write_func_t that appends to a struct buf. */
cairo_status_t paper_write(void *pdf, const unsigned char *data, unsigned int len);

/* What is drawn between the two is a heading (H1, H2) or a paragraph (P) for programs that read aloud; on one page, not in each other. */
void tag_begin(struct paper *paper, const char *tag);
void tag_end(struct paper *paper, const char *tag);

void box_fill(struct paper *paper, const struct ink *ink, double x, double y, double width, double height);
void box_stroke(struct paper *paper, const struct ink *ink, double x, double y, double width, double height);

#endif
