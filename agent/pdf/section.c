/* SPDX-License-Identifier: Apache-2.0 */
/* pdf/section.c: one cross-reference section: a table with its trailer (ISO 32000-1 7.5.4), or a stream (7.5.8). */
#include <stdlib.h>

#include "base/err.h"
#include "pdf/xref.h"

#define OFFSET_MAX ((uint64_t)1 << 40)
#define FIELD_BYTES_MAX 8u

static void
space_skip(struct pdf_cursor *c)
{
	/* No comments here: rows that a reader with fixed widths sees must be the rows that we see. */
	while (c->p < c->end && pdf_is_space(*c->p))
		c->p++;
}

/* Reads the rows once, taking those in use or the free ones; leaves c after the last. */
static int
table_pass(struct pdf *pdf, struct pdf_cursor *c, bool free_ones)
{
	uint64_t first, count, where, generation;
	int r;

	for (;;) {
		space_skip(c);
		if (pdf_take_word(c, "trailer"))
			return 0;
		if (!pdf_take_number(c, PDF_NUMBERS_MAX, &first))
			return ERR_DOCUMENT_INVALID;
		space_skip(c);
		if (!pdf_take_number(c, PDF_NUMBERS_MAX, &count))
			return ERR_DOCUMENT_INVALID;
		for (uint64_t i = 0; i < count; i++) {
			bool is_free;

			space_skip(c);
			if (!pdf_take_number(c, OFFSET_MAX, &where))
				return ERR_DOCUMENT_INVALID;
			space_skip(c);
			if (!pdf_take_number(c, PDF_GENERATION_MAX, &generation))
				return ERR_DOCUMENT_INVALID;
			space_skip(c);
			if (!(is_free = pdf_take_word(c, "f")) && !pdf_take_word(c, "n"))
				return ERR_DOCUMENT_INVALID;
			if (is_free == free_ones && (r = pdf_entry_add(pdf, first + i, is_free ? PDF_ENTRY_FREE : PDF_ENTRY_OFFSET, where,
			    (uint32_t)generation)) != 0)
				return r;
		}
	}
}

int
pdf_xref_table_read(struct pdf *pdf, struct pdf_cursor *c, struct pdf_value *ret_trailer)
{
	struct pdf_cursor again = *c;
	struct pdf_value trailer, hybrid, unused;
	uint64_t offset;
	int r;

	if ((r = table_pass(pdf, c, false)) != 0)
		return r;
	if ((r = pdf_value_read(c, &trailer)) != 0 || (r = pdf_dict_get(&trailer, "XRefStm", &hybrid)) != 0)
		return r;
	/* A hybrid file (7.5.8.4) marks as free what its stream locates, so that old readers don't see it. */
	if (hybrid.type != PDF_NULL) {
		if (!pdf_unsigned(&hybrid, pdf->size - 1, &offset))
			return ERR_DOCUMENT_INVALID;
		pdf->hybrids++;
		if ((r = pdf_xref_stream_read(pdf, offset, &unused)) != 0)
			return r;
	}
	if ((r = table_pass(pdf, &again, true)) != 0)
		return r;
	*ret_trailer = trailer;
	return 0;
}

/* What a cross-reference stream's dictionary says about its rows. */
struct rows {
	const unsigned char *p, *end;
	size_t widths[3], row;
};

static int
widths_read(struct pdf *pdf, const struct pdf_value *dict, struct rows *rows)
{
	struct pdf_value array, item;
	struct pdf_cursor c;
	uint64_t width;
	int r;

	if ((r = pdf_get(pdf, dict, "W", &array)) != 0)
		return r;
	if (array.type != PDF_ARRAY)
		return ERR_DOCUMENT_INVALID;
	c = pdf_items(&array);
	for (int i = 0; i < 3; i++) {
		if (pdf_array_next(&c, &item) != 1 || !pdf_unsigned(&item, FIELD_BYTES_MAX, &width))
			return ERR_DOCUMENT_INVALID;
		rows->widths[i] = (size_t)width;
		rows->row += (size_t)width;
	}
	return pdf_array_next(&c, &item) == 0 && rows->row > 0 ? 0 : ERR_DOCUMENT_INVALID;
}

static uint64_t
row_field(const unsigned char **p, size_t width, uint64_t fallback)
{
	uint64_t value = width == 0 ? fallback : 0;

	for (; width > 0; width--)
		value = value << 8 | *(*p)++;
	return value;
}

static int
rows_take(struct pdf *pdf, struct rows *rows, uint64_t first, uint64_t count)
{
	int r = 0;

	if (count > (size_t)(rows->end - rows->p) / rows->row)
		return ERR_DOCUMENT_INVALID;
	for (uint64_t i = 0; i < count && r == 0; i++) {
		uint64_t type = row_field(&rows->p, rows->widths[0], 1), second = row_field(&rows->p, rows->widths[1], 0),
		    third = row_field(&rows->p, rows->widths[2], 0);

		if (type == 0)
			r = pdf_entry_add(pdf, first + i, PDF_ENTRY_FREE, 0, 0);
		else if (type == 1 && second <= OFFSET_MAX && third <= PDF_GENERATION_MAX)
			r = pdf_entry_add(pdf, first + i, PDF_ENTRY_OFFSET, second, (uint32_t)third);
		else if (type == 2 && second < PDF_NUMBERS_MAX && third < PDF_NUMBERS_MAX)
			r = pdf_entry_add(pdf, first + i, PDF_ENTRY_COMPRESSED, second, (uint32_t)third);
		else if (type <= 2)
			r = ERR_DOCUMENT_INVALID;
		/* Types that later versions may define read as null (7.5.8.3). */
	}
	return r;
}

static int
index_take(struct pdf *pdf, const struct pdf_value *dict, struct rows *rows)
{
	struct pdf_value size, index, item;
	struct pdf_cursor c;
	uint64_t first, count;
	int r;

	if ((r = pdf_dict_get(dict, "Size", &size)) != 0 || (r = pdf_get(pdf, dict, "Index", &index)) != 0)
		return r;
	if (!pdf_unsigned(&size, PDF_NUMBERS_MAX, &count))
		return ERR_DOCUMENT_INVALID;
	if (index.type == PDF_NULL)
		return rows_take(pdf, rows, 0, count);
	if (index.type != PDF_ARRAY)
		return ERR_DOCUMENT_INVALID;
	c = pdf_items(&index);
	while ((r = pdf_array_next(&c, &item)) == 1) {
		if (!pdf_unsigned(&item, PDF_NUMBERS_MAX, &first) || pdf_array_next(&c, &item) != 1 ||
		    !pdf_unsigned(&item, PDF_NUMBERS_MAX, &count))
			return ERR_DOCUMENT_INVALID;
		if ((r = rows_take(pdf, rows, first, count)) != 0)
			return r;
	}
	return r;
}

int
pdf_xref_stream_read(struct pdf *pdf, uint64_t offset, struct pdf_value *ret_trailer)
{
	struct pdf_cursor c = { pdf->data + offset, pdf->data + pdf->size };
	struct rows rows = { NULL, NULL, { 0 }, 0 };
	struct pdf_object object;
	struct pdf_value type;
	unsigned char *data = NULL;
	uint64_t number, generation;
	size_t len;
	int r;

	space_skip(&c);
	if (!pdf_take_number(&c, PDF_NUMBERS_MAX - 1, &number))
		return ERR_DOCUMENT_INVALID;
	space_skip(&c);
	if (!pdf_take_number(&c, PDF_GENERATION_MAX, &generation))
		return ERR_DOCUMENT_INVALID;
	if ((r = pdf_object_at(pdf, offset, (uint32_t)number, (uint32_t)generation, &object)) != 0 ||
	    (r = pdf_dict_get(&object.value, "Type", &type)) != 0)
		return r;
	if (object.stream == NULL || !pdf_name_is(&type, "XRef"))
		return ERR_DOCUMENT_INVALID;
	if ((r = widths_read(pdf, &object.value, &rows)) != 0 || (r = pdf_stream_decode(pdf, &object, &data, &len)) != 0)
		return r;
	rows.p = data;
	rows.end = data + len;
	if ((r = index_take(pdf, &object.value, &rows)) == 0)
		*ret_trailer = object.value;
	free(data);
	return r;
}
