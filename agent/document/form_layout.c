/* SPDX-License-Identifier: Apache-2.0 */
/* document/form_layout.c: header, sections of labelled boxes, declaration, signature and footer; page breaks between boxes. */
#include "document/form_layout.h"

#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/json.h"
#include "forms/field.h"
#include "forms/profile.h"

#define LEFT 48.0
#define WIDTH (PAPER_WIDTH - 2 * LEFT)
#define TOP 34.0
#define BOTTOM (PAPER_HEIGHT - 50)	/* of the boxes; the footer is below */
#define PAGE_ROOM (BOTTOM - TOP - 30)	/* of a page that is not the first, at least */
#define PADDING_X 6.0
#define BLOCK_MIN 60.0	/* room that a box which must be split starts in, at least */
#define BAND 17.0
#define OPTIONS_SHOWN_MAX 6	/* a longer choice shows the chosen one only */

static const struct type type_title = { 14.5, true, PANGO_ALIGN_CENTER }, type_institution = { 11, true, PANGO_ALIGN_CENTER },
    type_unit = { 9, false, PANGO_ALIGN_CENTER }, type_running = { 7.5, false, PANGO_ALIGN_LEFT }, type_band = { 9, true, PANGO_ALIGN_LEFT },
    type_label = { 6.8, false, PANGO_ALIGN_LEFT }, type_note = { 7.4, false, PANGO_ALIGN_LEFT }, type_footer = { 6.5, false, PANGO_ALIGN_LEFT },
    type_number = { 6.5, false, PANGO_ALIGN_RIGHT };

/* Sizes that differ between a page with room and denser ones, which a form gets when they spare a sheet. */
static const struct measures {
	double padding_y, row_min, label_gap, band_padding, section_gap, paragraph_gap, signature_height;
	struct type value, check;
} measures[] = {
	[FORM_ROOMY] = { 3.4, 18, 1.6, 3, 6, 4.5, 80, { 9.6, false, PANGO_ALIGN_LEFT }, { 8.6, false, PANGO_ALIGN_LEFT } },
	[FORM_MIDDLE] = { 2.4, 16.5, 0.8, 2, 4.2, 3, 70, { 9.2, false, PANGO_ALIGN_LEFT }, { 8.4, false, PANGO_ALIGN_LEFT } },
	[FORM_DENSE] = { 1.5, 15, 0.2, 1.2, 2.5, 2.2, 60, { 8.8, false, PANGO_ALIGN_LEFT }, { 8.2, false, PANGO_ALIGN_LEFT } },
};

/* The page's own words, by language. */
struct words {
	const char *declaration, *page, *version, *digest, *signature, *signature_note, *electronic_note, *signature_date, *attachments, *bytes;
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

static const char *
text_of(const struct form_content *form, const cJSON *key)
{
	return cJSON_IsString(key) ? field_text(form->texts, form->language, key->valuestring) : "";
}

static bool
member_is(const cJSON *object, const char *name, const char *value)
{
	const char *text = json_string(object, name);

	return text != NULL && strcmp(text, value) == 0;
}

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

/* Ends the page and begins the next with a short heading. */
static void
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

static void
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

/* Every option with its box, the chosen one crossed; or nothing when there are too many. */
static char *
options_text(const struct form_content *form, const cJSON *field, const char *chosen)
{
	const cJSON *option, *options = json_member(field, "options");
	GString *text;

	if (cJSON_GetArraySize(options) > OPTIONS_SHOWN_MAX)
		return NULL;
	text = g_string_new(NULL);
	cJSON_ArrayForEach(option, options)
		g_string_append_printf(text, "%s%s %s", text->len > 0 ? "     " : "", member_is(option, "value", chosen) ? "☒" : "☐",
		    text_of(form, json_member(option, "label")));
	return g_string_free(text, FALSE);
}

/* What stands in the field's box, in memory of glib's; NULL when nothing was filled in. */
static char *
cell_text(struct page *page, const cJSON *field)
{
	const struct form_content *form = page->form;
	const char *pointer = json_string(field, "pointer");
	const cJSON *value = pointer == NULL ? NULL : field_value(form->data, pointer);
	char *text = NULL, *copy = NULL;

	if (member_is(field, "widget", "checkbox"))
		return g_strdup_printf("%s  %s", cJSON_IsTrue(value) ? "☒" : "☐", text_of(form, json_member(field, "label")));
	if (cJSON_IsString(value) && member_is(field, "widget", "choice") && (copy = options_text(form, field, value->valuestring)) != NULL)
		return copy;
	if (field_value_text(field, form->data, form->texts, form->language, &text) != 0)
		page->paper->err = ERR_INTERNAL;
	copy = g_strdup(text);
	free(text);
	return copy;
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

/* One or two boxes beside each other: moved to the next page when they fit there, and only else split between lines. */
static void
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

static struct cell
cell_of(struct page *page, const cJSON *field)
{
	bool checkbox = member_is(field, "widget", "checkbox"), half = member_is(field, "width", "half");

	return (struct cell){ .x = LEFT, .width = half ? WIDTH / 2 : WIDTH, .label = checkbox ? "" : text_of(page->form, json_member(field, "label")),
		.value = cell_text(page, field), .type = checkbox ? &page->sizes->check : &page->sizes->value };
}

/* Whether anything of the section was filled in; one that does not apply is left out. */
static bool
section_is_filled(const struct form_content *form, const cJSON *section)
{
	const cJSON *field;

	cJSON_ArrayForEach(field, json_member(section, "fields")) {
		const char *pointer = json_string(field, "pointer");

		if (pointer != NULL && field_value(form->data, pointer) != NULL)
			return true;
	}
	return false;
}

/* Whether the field only says that a file is attached, and does not: the page would be another than before the form took files. */
static bool
is_silent(const struct form_content *form, const cJSON *field)
{
	const char *pointer = json_string(field, "pointer");
	const cJSON *attachment;

	cJSON_ArrayForEach(attachment, json_member(form->layout, "attachments"))
		if (pointer != NULL && member_is(attachment, "statedBy", pointer))
			return field_value(form->data, pointer) == NULL;
	return false;
}

/* This field, or the next one that is shown; NULL: none is. */
static const cJSON *
field_shown(const struct form_content *form, const cJSON *field)
{
	while (field != NULL && is_silent(form, field))
		field = field->next;
	return field;
}

/* Takes the fields of the next row into cells, one or two halves, and moves *field on; returns their count. */
static size_t
row_read(struct page *page, const cJSON **field, struct cell cells[static 2])
{
	cells[0] = cell_of(page, *field);
	cells[1] = (struct cell){ .value = NULL };
	*field = field_shown(page->form, (*field)->next);
	if (cells[0].width < WIDTH && *field != NULL && member_is(*field, "width", "half")) {
		cells[1] = cell_of(page, *field);
		cells[1].x = LEFT + WIDTH / 2;
		*field = field_shown(page->form, (*field)->next);
		return 2;
	}
	cells[0].width = WIDTH;	/* no empty box beside it that something could be added to */
	return 1;
}

/* What the institution says where a section is filled in: its account, prices, call centre, links; nothing without them. */
static void
notes_draw(struct page *page, const cJSON *section)
{
	struct cell cell = { .x = LEFT, .width = WIDTH, .label = "", .type = &type_note };
	GString *text = g_string_new(NULL);
	const cJSON *entry;

	cJSON_ArrayForEach(entry, json_member(section, "institution")) {
		char *note = NULL;

		if (profile_note(page->form->profile, cJSON_IsString(entry) ? entry->valuestring : "", page->form->language, page->form->today, &note) != 0)
			page->paper->err = ERR_INTERNAL;
		if (note != NULL)
			g_string_append_printf(text, "%s%s", text->len > 0 ? "\n" : "", note);
		free(note);
	}
	cell.value = text->str;
	if (text->len > 0)
		row_draw(page, &cell, 1);
	g_string_free(text, TRUE);
}

/* A band with a heading, on the page of the first row that stands below it. */
static void
heading_begin(struct page *page, const char *title, const struct cell *cells, size_t count)
{
	double row = row_height(page, cells, count, (const int[2]){ 0, 0 }, PAPER_HEIGHT * 1000);

	if (BAND + (row < PAGE_ROOM - BAND ? row : BLOCK_MIN) > BOTTOM - page->y)
		page_next(page);
	band_draw(page, title);
}

static void
section_draw(struct page *page, const cJSON *section)
{
	const cJSON *first = field_shown(page->form, cJSON_GetArrayItem(json_member(section, "fields"), 0)), *field = first;

	while (field != NULL && page->paper->err == 0) {
		bool headed = field != first;
		struct cell cells[2];
		size_t count = row_read(page, &field, cells);

		if (!headed)
			heading_begin(page, text_of(page->form, json_member(section, "title")), cells, count);
		row_draw(page, cells, count);
		g_free(cells[0].value);
		g_free(cells[1].value);
	}
	notes_draw(page, section);
	page->y += page->sizes->section_gap;
}

/* The files that go along: what they are, and by what paper and file can be matched. */
static void
attachments_draw(struct page *page)
{
	const struct form_attachments *attachments = page->form->attachments;

	for (size_t i = 0; i < attachments->count && page->paper->err == 0; i++) {
		const struct form_attachment *item = &attachments->items[i];
		struct cell cell = { .x = LEFT, .width = WIDTH, .label = item->label, .type = &page->sizes->check };

		cell.value = g_strdup_printf("%s\n%llu %s, SHA-256:\n%s", item->name, (unsigned long long)item->size, page->words->bytes, item->sha256);
		if (i == 0)
			heading_begin(page, page->words->attachments, &cell, 1);
		row_draw(page, &cell, 1);
		g_free(cell.value);
	}
	if (attachments->count > 0)
		page->y += page->sizes->section_gap;
}

/* One paragraph of the declaration; only its height when draw is false. */
static double
paragraph_draw(struct page *page, const cJSON *key, bool draw)
{
	PangoLayout *text = text_layout(page->paper, text_of(page->form, key), &page->sizes->check, WIDTH - 26);
	double height = text_height(text) + page->sizes->paragraph_gap;

	if (draw && height > BOTTOM - page->y)
		page_next(page);
	if (draw) {
		tag_begin(page->paper, "P");
		text_put(page->paper, "•", &page->sizes->check, &ink_accent, LEFT + 10, page->y + page->sizes->paragraph_gap, 12);
		text_draw(page->paper, text, &ink_black, LEFT + 21, page->y + page->sizes->paragraph_gap);
		tag_end(page->paper, "P");
		page->y += height;
	}
	return height;
}

static struct form_foot
foot_of(struct page *page)
{
	const struct form_content *form = page->form;
	const cJSON *first = json_member(form->layout, "signature"), *second = json_member(form->layout, "countersignature");
	const char *label = text_of(form, json_member(first, "label"));

	return (struct form_foot){ .id = form->id, .digest = form->digest, .version = form->version,
		.labels = { label[0] != '\0' ? label : page->words->signature, second != NULL ? text_of(form, json_member(second, "label")) : NULL },
		.note = form->electronic ? page->words->electronic_note : page->words->signature_note,
		.date = form->electronic ? NULL : page->words->signature_date, .left = LEFT, .width = WIDTH, .box_height = page->sizes->signature_height };
}

/* The declaration, on one page with the signature under it when both fit on one. */
static void
declaration_draw(struct page *page)
{
	const cJSON *key, *keys = json_member(page->form->layout, "declaration");
	struct form_foot foot = foot_of(page);
	double height = BAND + 4 + page->sizes->section_gap + form_foot_height(page->paper, &foot);

	cJSON_ArrayForEach(key, keys)
		height += paragraph_draw(page, key, false);
	if (height > BOTTOM - page->y && (height <= PAGE_ROOM || BAND + BLOCK_MIN > BOTTOM - page->y))
		page_next(page);
	if (cJSON_GetArraySize(keys) == 0)
		return;
	band_draw(page, page->words->declaration);
	cJSON_ArrayForEach(key, keys)
		if (page->paper->err == 0)
			paragraph_draw(page, key, true);
	page->y += 4 + page->sizes->section_gap;
}

/* Never split. */
static void
signature_draw(struct page *page)
{
	struct form_foot foot = foot_of(page);
	double height = form_foot_height(page->paper, &foot);

	if (height > BOTTOM - page->y)
		page_next(page);
	form_foot_draw(page->paper, &foot, page->number, page->y, page->places);
	page->y += height;
}

int
form_draw(struct paper *paper, const struct form_content *form, enum form_density density, int pages, struct form_place ret_places[FORM_SIGNERS_MAX])
{
	struct page page = { .paper = paper, .form = form, .number = 1, .total = pages, .sizes = &measures[density],
		.words = strcmp(form->language, "en") == 0 ? &words_en : &words_tr };
	const cJSON *section;

	heading_draw(&page);
	cJSON_ArrayForEach(section, json_member(form->layout, "sections"))
		if (paper->err == 0 && section_is_filled(form, section))
			section_draw(&page, section);
	attachments_draw(&page);
	if (paper->err == 0)
		declaration_draw(&page);
	if (paper->err == 0)
		signature_draw(&page);
	footer_draw(&page);
	if (paper->cr != NULL)
		cairo_show_page(paper->cr);
	memcpy(ret_places, page.places, sizeof(page.places));
	return page.number;
}
