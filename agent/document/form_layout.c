/* SPDX-License-Identifier: Apache-2.0 */
/* document/form_layout.c: what stands on a form's pages, in its order: sections, notes, attachments, declaration, signature. */
#include "document/form_layout.h"

#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/json.h"
#include "document/form_sheet.h"
#include "forms/field.h"
#include "forms/profile.h"

#define OPTIONS_SHOWN_MAX 6	/* a longer choice shows the chosen one only */

static const struct type type_note = { 7.4, false, PANGO_ALIGN_LEFT };

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

static void
section_draw(struct page *page, const cJSON *section)
{
	const cJSON *first = field_shown(page->form, cJSON_GetArrayItem(json_member(section, "fields"), 0)), *field = first;

	while (field != NULL && page->paper->err == 0) {
		bool headed = field != first;
		struct cell cells[2];
		size_t count = row_read(page, &field, cells);

		if (!headed)
			band_draw_before(page, text_of(page->form, json_member(section, "title")), cells, count);
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

		cell.value = g_strdup_printf("%s, %llu %s\nSHA-256: %s", item->name, (unsigned long long)item->size, page->words->bytes, item->sha256);
		if (i == 0)
			band_draw_before(page, page->words->attachments, &cell, 1);
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
	struct page page;
	const cJSON *section;

	page_begin(&page, paper, form, density, pages);
	cJSON_ArrayForEach(section, json_member(form->layout, "sections"))
		if (paper->err == 0 && section_is_filled(form, section))
			section_draw(&page, section);
	attachments_draw(&page);
	if (paper->err == 0)
		declaration_draw(&page);
	if (paper->err == 0)
		signature_draw(&page);
	page_end(&page);
	memcpy(ret_places, page.places, sizeof(page.places));
	return page.number;
}
