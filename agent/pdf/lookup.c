/* SPDX-License-Identifier: Apache-2.0 */
/* pdf/lookup.c: from a reference to its object, in the file or in an object stream (ISO 32000-1 7.3.10, 7.5.7). */
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "pdf/pdf.h"

#define REFERENCES_MAX 8	/* a reference to a reference to... */

/* A decoded object stream; objects[i] is what its header says about the i-th. Values point into data: it stays until pdf_close(). */
struct pdf_object_stream {
	uint32_t number;
	unsigned char *data;
	size_t len, count;
	struct {
		uint32_t number;
		size_t offset;
	} *objects;
	struct pdf_object_stream *next;
};

int
pdf_object_at(struct pdf *pdf, uint64_t offset, uint32_t number, uint32_t generation, struct pdf_object *ret_object)
{
	struct pdf_cursor c = { pdf->data, pdf->data + pdf->size };
	struct pdf_object object = { .stream = NULL };
	uint64_t n, g;
	int r;

	if (offset >= pdf->size)
		return ERR_DOCUMENT_INVALID;
	c.p += offset;
	pdf_skip_space(&c);
	if (!pdf_take_number(&c, PDF_NUMBERS_MAX, &n) || n != number)
		return ERR_DOCUMENT_INVALID;
	pdf_skip_space(&c);
	if (!pdf_take_number(&c, PDF_GENERATION_MAX, &g) || g != generation)
		return ERR_DOCUMENT_INVALID;
	pdf_skip_space(&c);
	/* "obj" may run into what follows: "1 0 obj<<". */
	if (c.end - c.p < 3 || memcmp(c.p, "obj", 3) != 0)
		return ERR_DOCUMENT_INVALID;
	c.p += 3;
	if ((r = pdf_value_read(&c, &object.value)) != 0 || (r = pdf_scan_note(pdf, (size_t)(c.p - pdf->data) - (size_t)offset)) != 0)
		return r;
	pdf_skip_space(&c);
	if (pdf_take_word(&c, "endobj")) {
		*ret_object = object;
		return 0;
	}
	if (object.value.type != PDF_DICT || c.end - c.p < 8 || memcmp(c.p, "stream", 6) != 0)
		return pdf_refuse(pdf, ERR_DOCUMENT_INVALID, "an object does not end");
	/* CR LF or LF, not CR alone (7.3.8.1): the first byte would be ambiguous. */
	c.p += 6;
	if (*c.p == '\r')
		c.p++;
	if (*c.p++ != '\n')
		return pdf_refuse(pdf, ERR_DOCUMENT_INVALID, "a stream begins without a line end");
	object.stream = c.p;
	*ret_object = object;
	return 0;
}

static void
object_stream_free(struct pdf_object_stream *stream)
{
	if (stream == NULL)
		return;
	free(stream->data);
	free(stream->objects);
	free(stream);
}

/* Reads the header: count pairs of number and offset from first. */
static int
header_read(struct pdf_object_stream *stream, uint64_t count, uint64_t first)
{
	struct pdf_cursor c = { stream->data, stream->data + first };
	uint64_t number, offset;

	/* A pair takes four bytes at least, so that count can't exceed what is there. */
	if (count > first / 3 + 1 || (stream->objects = calloc((size_t)count + 1, sizeof(*stream->objects))) == NULL)
		return ERR_DOCUMENT_INVALID;
	for (uint64_t i = 0; i < count; i++) {
		pdf_skip_space(&c);
		if (!pdf_take_number(&c, PDF_NUMBERS_MAX, &number))
			return ERR_DOCUMENT_INVALID;
		pdf_skip_space(&c);
		if (!pdf_take_number(&c, stream->len - first, &offset))
			return ERR_DOCUMENT_INVALID;
		stream->objects[i].number = (uint32_t)number;
		stream->objects[i].offset = (size_t)(first + offset);
	}
	stream->count = (size_t)count;
	return 0;
}

static int
object_stream_load(struct pdf *pdf, uint32_t number, struct pdf_object_stream **ret_stream)
{
	struct pdf_object_stream *stream = calloc(1, sizeof(*stream));
	/* While sections are still being read, entries have not been checked yet. */
	const struct pdf_entry *entry = number < pdf->entries_count ? &pdf->entries[number] : NULL;
	struct pdf_object object;
	struct pdf_value type, n, first_value;
	uint64_t count, first;
	int r = entry == NULL || entry->kind != PDF_ENTRY_OFFSET ? ERR_DOCUMENT_INVALID : stream == NULL ? ERR_INTERNAL : 0;

	if (r != 0 || (r = pdf_object_at(pdf, entry->where, number, entry->detail, &object)) != 0 ||
	    (r = pdf_get(pdf, &object.value, "Type", &type)) != 0 || (r = pdf_get(pdf, &object.value, "N", &n)) != 0 ||
	    (r = pdf_get(pdf, &object.value, "First", &first_value)) != 0)
		goto out;
	r = ERR_DOCUMENT_INVALID;
	if (object.stream == NULL || !pdf_name_is(&type, "ObjStm") || !pdf_unsigned(&n, PDF_NUMBERS_MAX, &count) ||
	    (r = pdf_stream_decode(pdf, &object, &stream->data, &stream->len)) != 0)
		goto out;
	r = ERR_DOCUMENT_INVALID;
	if (!pdf_unsigned(&first_value, stream->len, &first) || (r = header_read(stream, count, first)) != 0)
		goto out;
	stream->number = number;
	stream->next = pdf->streams[number % PDF_STREAM_BUCKETS];
	pdf->streams[number % PDF_STREAM_BUCKETS] = stream;
	*ret_stream = stream;
	stream = NULL;
out:
	object_stream_free(stream);
	return r != 0 ? pdf_refuse(pdf, r, "an object stream can't be read") : 0;
}

static int
compressed_read(struct pdf *pdf, uint32_t number, const struct pdf_entry *entry, struct pdf_value *ret_value)
{
	struct pdf_object_stream *stream = pdf->streams[entry->where % PDF_STREAM_BUCKETS];
	struct pdf_cursor c;
	int r;

	while (stream != NULL && stream->number != entry->where)
		stream = stream->next;
	if (stream == NULL) {
		/* A stream's /Length may itself be an object in a stream. */
		if (pdf->loading >= PDF_LOADING_MAX)
			return pdf_refuse(pdf, ERR_DOCUMENT_INVALID, "object streams need each other");
		pdf->loading++;
		r = object_stream_load(pdf, (uint32_t)entry->where, &stream);
		pdf->loading--;
		if (r != 0)
			return r;
	}
	if (entry->detail >= stream->count || stream->objects[entry->detail].number != number)
		return pdf_refuse(pdf, ERR_DOCUMENT_INVALID, "an object is not where its object stream should have it");
	c = (struct pdf_cursor){ stream->data + stream->objects[entry->detail].offset, stream->data + stream->len };
	if ((r = pdf_value_read(&c, ret_value)) != 0)
		return r;
	return pdf_scan_note(pdf, (size_t)(ret_value->end - ret_value->start));
}

int
pdf_object_read(struct pdf *pdf, const struct pdf_value *reference, struct pdf_object *ret_object)
{
	struct pdf_object object = { .value = { .type = PDF_NULL }, .stream = NULL };
	const struct pdf_entry *entry = reference->number < pdf->entries_count ? &pdf->entries[reference->number] : NULL;
	int r = 0;

	if (entry != NULL && entry->kind == PDF_ENTRY_OFFSET && entry->detail == reference->generation)
		r = pdf_object_at(pdf, entry->where, reference->number, reference->generation, &object);
	else if (entry != NULL && entry->kind == PDF_ENTRY_COMPRESSED && reference->generation == 0)
		r = compressed_read(pdf, reference->number, entry, &object.value);
	if (r == 0)
		*ret_object = object;
	return r;
}

int
pdf_resolve(struct pdf *pdf, const struct pdf_value *value, struct pdf_value *ret_value)
{
	struct pdf_object object = { .value = *value };
	int r;

	for (int i = 0; object.value.type == PDF_REFERENCE; i++) {
		struct pdf_value reference = object.value;

		if (i == REFERENCES_MAX)
			return pdf_refuse(pdf, ERR_DOCUMENT_INVALID, "references form a loop");
		if ((r = pdf_object_read(pdf, &reference, &object)) != 0)
			return pdf_refuse(pdf, r, "an object can't be read");
	}
	*ret_value = object.value;
	return 0;
}

int
pdf_get(struct pdf *pdf, const struct pdf_value *dict, const char *key, struct pdf_value *ret_value)
{
	struct pdf_value value;
	int r;

	if ((r = pdf_scan_note(pdf, (size_t)(dict->end - dict->start))) != 0)
		return r;
	r = pdf_dict_get(dict, key, &value);
	return r != 0 ? pdf_refuse(pdf, r, "a dictionary is malformed") : pdf_resolve(pdf, &value, ret_value);
}

void
pdf_close(struct pdf *pdf)
{
	for (size_t i = 0; i < PDF_STREAM_BUCKETS; i++) {
		while (pdf->streams[i] != NULL) {
			struct pdf_object_stream *stream = pdf->streams[i];

			pdf->streams[i] = stream->next;
			object_stream_free(stream);
		}
	}
	free(pdf->sections);
	pdf->sections = NULL;
	pdf->sections_count = 0;
	free(pdf->entries);
	pdf->entries = NULL;
	pdf->entries_count = 0;
}
