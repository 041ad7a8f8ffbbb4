/* SPDX-License-Identifier: Apache-2.0 */
/* pdf/stream.c: the bytes of a stream: where they end, inflated (ISO 32000-1 7.4.4), predictors undone (7.4.4.4). */
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "base/err.h"
#include "pdf/pdf.h"

#define COLUMNS_MAX 65536u
#define PIECE ((size_t)64 << 10)

struct predictor {
	uint64_t kind, colors, bits, columns;
};

int
pdf_stream_extent(struct pdf *pdf, const struct pdf_object *object, struct pdf_cursor *ret_bytes)
{
	struct pdf_cursor after = { object->stream, pdf->data + pdf->size };
	struct pdf_value value;
	uint64_t len;
	int r;

	if ((r = pdf_get(pdf, &object->value, "Length", &value)) != 0)
		return r;
	if (!pdf_unsigned(&value, (uint64_t)(after.end - after.p), &len))
		return pdf_refuse(pdf, ERR_DOCUMENT_INVALID, "a stream has no usable /Length");
	*ret_bytes = (struct pdf_cursor){ object->stream, object->stream + len };
	after.p += len;
	while (after.p < after.end && pdf_is_space(*after.p))
		after.p++;
	return pdf_take_word(&after, "endstream") ? 0 : pdf_refuse(pdf, ERR_DOCUMENT_INVALID, "a stream does not end where it says");
}

/* The only item of an array of one, or the value itself; more than one is a chain of filters. */
static int
single_item(struct pdf *pdf, const struct pdf_value *value, struct pdf_value *ret_item)
{
	struct pdf_value item = { .type = PDF_NULL }, second;
	struct pdf_cursor c;

	if (value->type != PDF_ARRAY) {
		*ret_item = *value;
		return 0;
	}
	c = pdf_items(value);
	if (pdf_array_next(&c, &item) < 0 || pdf_array_next(&c, &second) != 0)
		return ERR_DOCUMENT_INVALID;
	return pdf_resolve(pdf, &item, ret_item);
}

static int
parameter_read(struct pdf *pdf, const struct pdf_value *dict, const char *key, uint64_t max, uint64_t *number)
{
	struct pdf_value value;
	int r;

	if ((r = pdf_get(pdf, dict, key, &value)) != 0 || value.type == PDF_NULL)
		return r;
	return pdf_unsigned(&value, max, number) && *number > 0 ? 0 : ERR_DOCUMENT_INVALID;
}

/* Whether the stream is deflated, and with which predictor. */
static int
filter_read(struct pdf *pdf, const struct pdf_value *dict, bool *ret_flate, struct predictor *predictor)
{
	struct pdf_value filter, parameters;
	int r;

	if ((r = pdf_get(pdf, dict, "Filter", &filter)) != 0 || (r = single_item(pdf, &filter, &filter)) != 0 ||
	    (r = pdf_get(pdf, dict, "DecodeParms", &parameters)) != 0 || (r = single_item(pdf, &parameters, &parameters)) != 0)
		return r;
	*ret_flate = filter.type != PDF_NULL;
	if (!*ret_flate)
		return 0;
	if (!pdf_name_is(&filter, "FlateDecode"))
		return pdf_refuse(pdf, ERR_DOCUMENT_INVALID, "a cross-reference or object stream has an unusual filter");
	if (parameters.type == PDF_NULL)
		return 0;
	if ((r = parameter_read(pdf, &parameters, "Predictor", 15, &predictor->kind)) != 0 ||
	    (r = parameter_read(pdf, &parameters, "Colors", 32, &predictor->colors)) != 0 ||
	    (r = parameter_read(pdf, &parameters, "BitsPerComponent", 16, &predictor->bits)) != 0)
		return r;
	return parameter_read(pdf, &parameters, "Columns", COLUMNS_MAX, &predictor->columns);
}

/* Inflates until the stream ends; the output never grows past max, whatever the input promises. */
static int
inflate_all(const struct pdf_cursor *bytes, size_t max, struct buf *out)
{
	z_stream z = { .next_in = (Bytef *)(uintptr_t)bytes->p, .avail_in = (uInt)(bytes->end - bytes->p) };
	int status = Z_OK, r = 0;

	buf_init(out, max);
	if (inflateInit(&z) != Z_OK)
		return ERR_INTERNAL;
	while (r == 0 && status == Z_OK) {
		size_t room = max - out->len < PIECE ? max - out->len : PIECE;

		if (room == 0) {
			r = ERR_TOO_LARGE;
		} else if ((z.next_out = buf_reserve(out, room)) == NULL) {
			r = ERR_INTERNAL;
		} else {
			z.avail_out = (uInt)room;
			status = inflate(&z, Z_NO_FLUSH);
			out->len += room - z.avail_out;
		}
	}
	inflateEnd(&z);
	return r != 0 ? r : status == Z_STREAM_END ? 0 : ERR_DOCUMENT_INVALID;
}

static unsigned char
paeth(int left, int up, int corner)
{
	int p = left + up - corner, to_left = abs(p - left), to_up = abs(p - up), to_corner = abs(p - corner);

	return (unsigned char)(to_left <= to_up && to_left <= to_corner ? left : to_up <= to_corner ? up : corner);
}

/* One row of PNG (RFC 2083 6), undone in place; above is the row before, or zeros. */
static int
png_row_undo(unsigned kind, unsigned char *row, const unsigned char *above, size_t len, size_t pixel)
{
	if (kind > 4)
		return ERR_DOCUMENT_INVALID;
	for (size_t i = 0; i < len; i++) {
		int left = i >= pixel ? row[i - pixel] : 0, up = above[i], corner = i >= pixel ? above[i - pixel] : 0;

		if (kind == 1)
			row[i] = (unsigned char)(row[i] + left);
		else if (kind == 2)
			row[i] = (unsigned char)(row[i] + up);
		else if (kind == 3)
			row[i] = (unsigned char)(row[i] + (left + up) / 2);
		else if (kind == 4)
			row[i] = (unsigned char)(row[i] + paeth(left, up, corner));
	}
	return 0;
}

/* Each row begins with a byte that names its filter, and loses it; a last row that is not whole is refused. */
static int
png_undo(struct buf *data, size_t row, size_t pixel)
{
	unsigned char *zeros = calloc(1, row), *out = data->data;
	const unsigned char *above = zeros;
	int r = zeros == NULL ? ERR_INTERNAL : data->len % (row + 1) != 0 ? ERR_DOCUMENT_INVALID : 0;

	for (size_t at = 0; r == 0 && at < data->len; at += row + 1) {
		unsigned kind = data->data[at];

		memmove(out, data->data + at + 1, row);
		r = png_row_undo(kind, out, above, row, pixel);
		above = out;
		out += row;
	}
	if (r == 0 && data->len > 0)
		data->len = (size_t)(out - data->data);
	free(zeros);
	return r;
}

static int
predictor_undo(const struct predictor *predictor, struct buf *data)
{
	size_t pixel = (size_t)(predictor->colors * predictor->bits + 7) / 8;
	size_t row = (size_t)(predictor->colors * predictor->bits * predictor->columns + 7) / 8;

	if (predictor->kind == 1)
		return 0;
	if (predictor->kind >= 10)
		return png_undo(data, row, pixel);
	/* TIFF, on whole bytes; nobody writes cross-references with less. */
	if (predictor->kind != 2 || predictor->bits != 8 || data->len % row != 0)
		return ERR_DOCUMENT_INVALID;
	for (size_t at = 0; at < data->len; at += row)
		for (size_t i = pixel; i < row; i++)
			data->data[at + i] = (unsigned char)(data->data[at + i] + data->data[at + i - pixel]);
	return 0;
}

int
pdf_stream_decode(struct pdf *pdf, const struct pdf_object *object, unsigned char **ret_data, size_t *ret_len)
{
	struct predictor predictor = { 1, 1, 8, 1 };
	struct pdf_cursor bytes = { NULL, NULL };
	struct buf out = { 0 };
	size_t max = PDF_DECODED_MAX - pdf->decoded < PDF_STREAM_MAX ? PDF_DECODED_MAX - pdf->decoded : PDF_STREAM_MAX;
	bool flate;
	int r;

	if ((r = pdf_stream_extent(pdf, object, &bytes)) != 0 || (r = filter_read(pdf, &object->value, &flate, &predictor)) != 0)
		return r;
	buf_init(&out, max);
	if (flate) {
		r = inflate_all(&bytes, max, &out);
	} else {
		buf_append(&out, bytes.p, (size_t)(bytes.end - bytes.p));
		r = out.failed ? ERR_TOO_LARGE : 0;
	}
	if (r == 0 && flate)
		r = predictor_undo(&predictor, &out);
	if (r != 0) {
		buf_clear(&out);
		return pdf_refuse(pdf, r, r == ERR_TOO_LARGE ? "a compressed stream is too large" : "a compressed stream is damaged");
	}
	pdf->decoded += out.len;
	*ret_len = out.len;
	/* Many small streams may stay in memory: give back what inflating reserved. */
	*ret_data = realloc(out.data, out.len + 1);
	if (*ret_data == NULL)
		*ret_data = out.data;
	return 0;
}
