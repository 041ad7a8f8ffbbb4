/* SPDX-License-Identifier: Apache-2.0 */
/* pdf/update.c: writes incremental updates: objects, and a cross-reference table or stream that leads back to the file's own. */
#include "pdf/update.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <openssl/rand.h>

#include "base/err.h"

#define ID_BYTES 16
#define ROW_BYTES 7		/* of our cross-reference streams: type 1, offset 4, generation 2 */

static void __attribute__((format(printf, 2, 3)))
print(struct buf *out, const char *format, ...)
{
	char text[200];
	va_list ap;

	va_start(ap, format);
	vsnprintf(text, sizeof(text), format, ap);
	va_end(ap);
	buf_append_string(out, text);
}

static void
append_span(struct buf *out, const struct pdf_value *value)
{
	buf_append(out, value->start, (size_t)(value->end - value->start));
}

static uint64_t
position(const struct pdf_update *update)
{
	return update->pdf->size + update->out.len + update->between;
}

void
pdf_update_init(struct pdf_update *update, struct pdf *pdf)
{
	unsigned char last = pdf->data[pdf->size - 1];

	*update = (struct pdf_update){ .pdf = pdf, .next_number = pdf->next_number };
	buf_init(&update->out, PDF_UPDATE_MAX);
	if (last != '\n' && last != '\r')
		buf_append(&update->out, "\n", 1);
}

void
pdf_update_clear(struct pdf_update *update)
{
	buf_clear(&update->out);
}

uint32_t
pdf_update_number(struct pdf_update *update)
{
	return update->next_number++;
}

int
pdf_update_begin(struct pdf_update *update, uint32_t number, uint32_t generation)
{
	size_t at = update->count;

	if (at == PDF_UPDATE_OBJECTS_MAX || number >= PDF_NUMBERS_MAX)
		return pdf_refuse(update->pdf, ERR_TOO_LARGE, "no object number is left");
	for (size_t i = 0; i < at; i++)
		if (update->objects[i].number == number)
			return pdf_refuse(update->pdf, ERR_DOCUMENT_INVALID, "one object has two roles");
	/* Sorted by number, as cross-reference sections want them. */
	for (; at > 0 && update->objects[at - 1].number > number; at--)
		update->objects[at] = update->objects[at - 1];
	update->objects[at].number = number;
	update->objects[at].generation = generation;
	update->objects[at].offset = position(update);
	update->count++;
	print(&update->out, "%" PRIu32 " %" PRIu32 " obj\n", number, generation);
	return 0;
}

void
pdf_update_end(struct pdf_update *update)
{
	buf_append_string(&update->out, "\nendobj\n");
}

int
pdf_dict_rewrite(struct buf *out, const struct pdf_value *dict, const struct pdf_entry_text *entries, size_t count)
{
	struct pdf_value key, value;
	struct pdf_cursor c;
	int r = 0;

	buf_append_string(out, "<<");
	if (dict->type == PDF_DICT) {
		c = pdf_items(dict);
		while ((r = pdf_dict_next(&c, &key, &value)) == 1) {
			bool replaced = false;

			for (size_t i = 0; i < count; i++)
				replaced = replaced || pdf_name_is(&key, entries[i].key);
			if (replaced)
				continue;
			append_span(out, &key);
			buf_append(out, " ", 1);
			append_span(out, &value);
			buf_append(out, "\n", 1);
		}
	}
	for (size_t i = 0; i < count; i++) {
		print(out, "/%s ", entries[i].key);
		buf_append(out, entries[i].text->data, entries[i].text->len);
		buf_append(out, "\n", 1);
	}
	buf_append_string(out, ">>");
	return r;
}

void
pdf_reference_append(struct buf *out, uint32_t number, uint32_t generation)
{
	print(out, "%" PRIu32 " %" PRIu32 " R", number, generation);
}

void
pdf_array_extend(struct buf *out, const struct pdf_value *array, uint32_t number)
{
	buf_append(out, "[", 1);
	if (array->type == PDF_ARRAY)
		buf_append(out, array->start + 1, (size_t)(array->end - array->start) - 2);
	/* A comment may stand before the bracket. */
	buf_append(out, "\n", 1);
	pdf_reference_append(out, number, 0);
	buf_append(out, "]", 1);
}

/* /ID: the first part stays what the file was born with, the second is new with each revision (14.4). */
static int
id_append(struct buf *out, struct pdf *pdf, const unsigned char *own)
{
	unsigned char random[2][ID_BYTES];
	struct pdf_value id, first = { .type = PDF_NULL };
	struct pdf_cursor c;
	int r;

	if (own != NULL) {
		memcpy(random[0], own, ID_BYTES);
		memcpy(random[1], own, ID_BYTES);
	} else if (RAND_bytes(random[0], sizeof(random)) != 1) {
		return ERR_INTERNAL;
	}
	if ((r = pdf_get(pdf, &pdf->trailer, "ID", &id)) != 0)
		return r;
	if (id.type == PDF_ARRAY) {
		c = pdf_items(&id);
		if ((r = pdf_array_next(&c, &first)) < 0 || (r = pdf_resolve(pdf, &first, &first)) != 0)
			return r;
	}
	buf_append_string(out, "/ID [");
	if (first.type == PDF_STRING)
		append_span(out, &first);
	for (int i = first.type == PDF_STRING; i < 2; i++) {
		buf_append(out, "<", 1);
		for (int j = 0; j < ID_BYTES; j++)
			print(out, "%02X", random[i][j]);
		buf_append(out, ">", 1);
	}
	buf_append_string(out, "]\n");
	return 0;
}

/* The entries that table and stream share. */
static int
trailer_append(struct pdf_update *update)
{
	static const char *const copied[] = { "Root", "Info" };
	struct pdf *pdf = update->pdf;
	struct pdf_value value;
	int r;

	print(&update->out, "/Size %" PRIu32 "\n/Prev %" PRIu64 "\n", update->next_number, pdf->startxref);
	for (size_t i = 0; i < sizeof(copied) / sizeof(copied[0]); i++) {
		if ((r = pdf_dict_get(&pdf->trailer, copied[i], &value)) != 0)
			return r;
		if (value.type == PDF_NULL)
			continue;
		print(&update->out, "/%s ", copied[i]);
		append_span(&update->out, &value);
		buf_append(&update->out, "\n", 1);
	}
	return id_append(&update->out, pdf, update->id);
}

/* How many objects from at on have numbers without a gap. */
static size_t
run_length(const struct pdf_update *update, size_t at)
{
	size_t n = 1;

	while (at + n < update->count && update->objects[at + n].number == update->objects[at].number + n)
		n++;
	return n;
}

static int
table_append(struct pdf_update *update)
{
	int r;

	buf_append_string(&update->out, "xref\n");
	for (size_t at = 0, n; at < update->count; at += n) {
		n = run_length(update, at);
		print(&update->out, "%" PRIu32 " %zu\n", update->objects[at].number, n);
		for (size_t i = at; i < at + n; i++)
			print(&update->out, "%010" PRIu64 " %05" PRIu32 " n\r\n", update->objects[i].offset, update->objects[i].generation);
	}
	buf_append_string(&update->out, "trailer\n<<");
	r = trailer_append(update);
	buf_append_string(&update->out, ">>\n");
	return r;
}

static int
stream_append(struct pdf_update *update)
{
	int r;

	/* The stream is an object too, and lists itself. */
	if ((r = pdf_update_begin(update, pdf_update_number(update), 0)) != 0)
		return r;
	buf_append_string(&update->out, "<</Type /XRef\n/W [1 4 2]\n/Index [");
	for (size_t at = 0, n; at < update->count; at += n) {
		n = run_length(update, at);
		print(&update->out, "%s%" PRIu32 " %zu", at == 0 ? "" : " ", update->objects[at].number, n);
	}
	buf_append_string(&update->out, "]\n");
	if ((r = trailer_append(update)) != 0)
		return r;
	print(&update->out, "/Length %zu>>\nstream\n", update->count * ROW_BYTES);
	for (size_t i = 0; i < update->count; i++) {
		uint64_t offset = update->objects[i].offset;
		uint32_t generation = update->objects[i].generation;
		unsigned char row[ROW_BYTES] = { 1, (unsigned char)(offset >> 24), (unsigned char)(offset >> 16), (unsigned char)(offset >> 8),
			(unsigned char)offset, (unsigned char)(generation >> 8), (unsigned char)generation };

		buf_append(&update->out, row, sizeof(row));
	}
	buf_append_string(&update->out, "\nendstream\nendobj\n");
	return 0;
}

int
pdf_update_close(struct pdf_update *update)
{
	uint64_t section = position(update);
	int r = update->pdf->newest_is_stream ? stream_append(update) : table_append(update);

	if (r != 0)
		return r;
	print(&update->out, "startxref\n%" PRIu64 "\n%%%%EOF\n", section);
	return update->out.failed ? ERR_TOO_LARGE : 0;
}
