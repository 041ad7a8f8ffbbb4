/* SPDX-License-Identifier: Apache-2.0 */
/* document/form_sheet.c: page breaks between boxes, and within one that is higher than a page. */
#include "document/form_sheet.h"

#include <string.h>

#include "base/err.h"

#define PADDING_X 6.0

static const struct type type_title = { 14.5, true, PANGO_ALIGN_CENTER }, type_institution = { 11, true, PANGO_ALIGN_CENTER },
    type_unit = { 9, false, PANGO_ALIGN_CENTER }, type_running = { 7.5, false, PANGO_ALIGN_LEFT }, type_band = { 9, true, PANGO_ALIGN_LEFT },
    type_label = { 6.8, false, PANGO_ALIGN_LEFT }, type_footer = { 6.5, false, PANGO_ALIGN_LEFT },
    type_number = { 6.5, false, PANGO_ALIGN_RIGHT };

static const struct measures measures[] = {
	[FORM_ROOMY] = { 3.4, 18, 1.6, 3, 6, 4.5, 80, { 9.6, false, PANGO_ALIGN_LEFT }, { 8.6, false, PANGO_ALIGN_LEFT } },
	[FORM_MIDDLE] = { 2.4, 16.5, 0.8, 2, 4.2, 3, 70, { 9.2, false, PANGO_ALIGN_LEFT }, { 8.4, false, PANGO_ALIGN_LEFT } },
	[FORM_DENSE] = { 1.5, 15, 0.2, 1.2, 2.5, 2.2, 60, { 8.8, false, PANGO_ALIGN_LEFT }, { 8.2, false, PANGO_ALIGN_LEFT } },
};

static const struct words words_tr = { "Beyan", "Sayfa", "sürüm", "Form verisinin SHA-256 özeti", "İmza",
	"Elektronik imza bu PDF belgesinin içindedir; imza kutusu boş kalır.\n"
	"Islak imzalı başvuruda form basılır, kutu elle imzalanır ve kurumun birimine teslim edilir.\n"
	"Karekod formu verisiyle eşleştirir.",
	"Elektronik imza bu PDF belgesinin içindedir; imza kutusu yalnızca onu gösterir.\n"
	"Geçerliliği imza doğrulayan bir programla denetlenir.\n"
	"Karekod formu verisiyle eşleştirir.", "Tarih:", "Ekler", "bayt" };
static const struct words words_en = { "Declaration", "Page", "version", "SHA-256 of the form's data", "Signature",
	"An electronic signature is inside this PDF document; the signature box stays empty.\n"
	"To sign by hand, print the form, sign in the box, and hand it in at the institution's unit.\n"
	"The code matches the form with its data.",
	"The electronic signature is inside this PDF document; the signature box only shows it.\n"
	"Whether it is valid is for a program that verifies signatures to say.\n"
	"The code matches the form with its data.", "Date:", "Attachments", "bytes" };

static void
footer_draw(struct page *page)
{
	const struct form_content *form = page->form;
	double y = PAPER_HEIGHT - 42;
	char *version = g_strdup_printf("%s, %s %d", form->id, page->words->version, form->version);
	char *digest = g_strdup_printf("%s: %s", page->words->digest, form->digest);
	char *number = g_strdup_printf("%s %d / %d", page->words->page, page->number, page->total);

	box_fill(page->paper, &ink_line, LEFT, y, WIDTH, 0.6);
	text_put(page->paper, version, &type_footer, &ink_grey, LEFT, y + 5, WIDTH / 2);
	text_put(page->paper, number, &type_number, &ink_grey, LEFT + WIDTH / 2, y + 5, WIDTH / 2);
	text_put(page->paper, digest, &type_footer, &ink_grey, LEFT, y + 14, WIDTH);
	g_free(version);
	g_free(digest);
	g_free(number);
}

/* The first page's heading: institution, unit, title. */
static void
heading_draw(struct page *page)
{
	const struct form_content *form = page->form;

	page->y = TOP;
	tag_begin(page->paper, "P");
	if (form->institution[0] != '\0')
		page->y += text_put(page->paper, form->institution, &type_institution, &ink_black, LEFT, page->y, WIDTH) + 2;
	if (form->unit[0] != '\0')
		page->y += text_put(page->paper, form->unit, &type_unit, &ink_grey, LEFT, page->y, WIDTH) + 2;
	tag_end(page->paper, "P");
	page->y += 5;
	box_fill(page->paper, &ink_accent, LEFT, page->y, WIDTH, 1.6);
	box_fill(page->paper, &ink_accent, LEFT, page->y + 2.8, WIDTH, 0.5);
	page->y += 11;
	tag_begin(page->paper, "H1");
	page->y += text_put(page->paper, form->title, &type_title, &ink_accent, LEFT, page->y, WIDTH) + 10;
	tag_end(page->paper, "H1");
}

/* With a short heading. */
void
page_next(struct page *page)
{
	footer_draw(page);
	if (page->paper->cr != NULL)
		cairo_show_page(page->paper->cr);
	if (++page->number > FORM_PAGES_MAX && page->paper->err == 0)
		page->paper->err = ERR_TOO_LARGE;
	page->y = TOP;
	page->y += text_put(page->paper, page->form->title, &type_running, &ink_grey, LEFT, page->y, WIDTH) + 3;
	box_fill(page->paper, &ink_accent, LEFT, page->y, WIDTH, 0.8);
	page->y += 10;
}

void
band_draw(struct page *page, const char *title)
{
	PangoLayout *text = text_layout(page->paper, title, &type_band, WIDTH - 16);
	double height = text_height(text) + 2 * page->sizes->band_padding;

	box_fill(page->paper, &ink_tint, LEFT, page->y, WIDTH, height);
	box_fill(page->paper, &ink_accent, LEFT, page->y, 3, height);
	tag_begin(page->paper, "H2");
	text_draw(page->paper, text, &ink_accent, LEFT + 10, page->y + page->sizes->band_padding);
	tag_end(page->paper, "H2");
	page->y += height;
}

void
page_begin(struct page *page, struct paper *paper, const struct form_content *form, enum form_density density, int total)
{
	*page = (struct page){ .paper = paper, .form = form, .number = 1, .total = total, .sizes = &measures[density],
		.words = strcmp(form->language, "en") == 0 ? &words_en : &words_tr };
	heading_draw(page);
}

void
page_end(struct page *page)
{
	footer_draw(page);
	if (page->paper->cr != NULL)
		cairo_show_page(page->paper->cr);
}

/* Draws one box with as many lines from *line on as fit into height, or only measures it; returns the height that it needs. */
static double
cell_draw(struct page *page, const struct cell *cell, int *line, double y, double height, bool draw)
{
	const char *value = cell->value != NULL ? cell->value : "–";
	PangoLayout *text = text_layout(page->paper, value, cell->type, cell->width - 2 * PADDING_X);
	double used = page->sizes->padding_y, part;
	int drawn;

	if (cell->label[0] != '\0') {
		PangoLayout *label = text_layout(page->paper, cell->label, &type_label, cell->width - 2 * PADDING_X);

		if (draw) {
			tag_begin(page->paper, "P");
			text_draw(page->paper, label, &ink_grey, cell->x + PADDING_X, y + used);
			tag_end(page->paper, "P");
		}
		used += text_height(label) + page->sizes->label_gap;
	}
	if (draw)
		tag_begin(page->paper, "P");
	drawn = text_draw_part(page->paper, text, cell->value != NULL ? &ink_black : &ink_line, cell->x + PADDING_X, y + used, *line,
	    height - used - page->sizes->padding_y, draw, &part);
	if (draw)
		tag_end(page->paper, "P");
	if (draw)
		*line = *line + drawn < pango_layout_get_line_count(text) ? *line + drawn : -1;
	return used + part + page->sizes->padding_y;
}

/* The height of the row's highest box if it had this much room. */
static double
row_height(struct page *page, const struct cell *cells, size_t count, const int *lines, double room)
{
	double highest = page->sizes->row_min;

	for (size_t i = 0; i < count; i++) {
		int line = lines[i];
		double height = line < 0 ? 0 : cell_draw(page, &cells[i], &line, 0, room, false);

		highest = height > highest ? height : highest;
	}
	return highest;
}

void
row_draw(struct page *page, const struct cell *cells, size_t count)
{
	int lines[2] = { 0, 0 };
	double whole = row_height(page, cells, count, lines, PAPER_HEIGHT * 1000);

	/* Found out before a day is spent on laying the same text out for page after page. */
	if (whole > PAGE_ROOM * FORM_PAGES_MAX && page->paper->err == 0)
		page->paper->err = ERR_TOO_LARGE;
	if (whole > BOTTOM - page->y && whole <= PAGE_ROOM)
		page_next(page);
	while (page->paper->err == 0) {
		double room = BOTTOM - page->y, height;
		bool done = true;

		if (room < BLOCK_MIN && whole > room) {
			page_next(page);
			continue;
		}
		height = row_height(page, cells, count, lines, room);
		for (size_t i = 0; i < count; i++) {
			if (lines[i] >= 0)
				cell_draw(page, &cells[i], &lines[i], page->y, room, true);
			done &= lines[i] < 0;
		}
		for (size_t i = 0; i < count; i++)
			box_stroke(page->paper, &ink_line, cells[i].x, page->y, cells[i].width, height);
		page->y += height;
		if (done)
			return;
		page_next(page);
	}
}

void
band_draw_before(struct page *page, const char *title, const struct cell *cells, size_t count)
{
	double row = row_height(page, cells, count, (const int[2]){ 0, 0 }, PAPER_HEIGHT * 1000);

	if (BAND + (row < PAGE_ROOM - BAND ? row : BLOCK_MIN) > BOTTOM - page->y)
		page_next(page);
	band_draw(page, title);
}
