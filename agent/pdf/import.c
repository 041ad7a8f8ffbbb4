/* SPDX-License-Identifier: Apache-2.0 */
/* pdf/import.c: copies values with their references renumbered, and then the objects that these lead to. */
#include "pdf/import.h"

#include <stdio.h>

#include "base/err.h"
#include "pdf/form.h"

struct import {
	struct pdf_update *update;
	struct pdf *source;
	size_t count;
	struct {
		struct pdf_value reference;
		uint32_t number;	/* its new one */
	} objects[PDF_IMPORT_OBJECTS_MAX];
};

static int value_copy(struct import *import, struct buf *out, const struct pdf_value *value, unsigned depth);

/* The new number of an object of the source, which is copied later. */
static int
number_of(struct import *import, const struct pdf_value *reference, uint32_t *ret_number)
{
	size_t i = 0;

	while (i < import->count && import->objects[i].reference.number != reference->number)
		i++;
	if (i == PDF_IMPORT_OBJECTS_MAX)
		return pdf_refuse(import->update->pdf, ERR_TOO_LARGE, "a picture has too many parts");
	if (i == import->count) {
		import->objects[i].reference = *reference;
		import->objects[i].number = pdf_update_number(import->update);
		import->count++;
	}
	*ret_number = import->objects[i].number;
	return 0;
}

/* The entries of a dictionary, without its brackets and without the one called omitted. */
static int
entries_copy(struct import *import, struct buf *out, const struct pdf_value *dict, const char *omitted, unsigned depth)
{
	struct pdf_cursor c = pdf_items(dict);
	struct pdf_value key, value;
	int r;

	while ((r = pdf_dict_next(&c, &key, &value)) == 1) {
		if (omitted != NULL && pdf_name_is(&key, omitted))
			continue;
		buf_append(out, key.start, (size_t)(key.end - key.start));
		buf_append(out, " ", 1);
		if ((r = value_copy(import, out, &value, depth + 1)) != 0)
			return r;
		buf_append(out, "\n", 1);
	}
	return r;
}

static int
value_copy(struct import *import, struct buf *out, const struct pdf_value *value, unsigned depth)
{
	struct pdf_value item;
	struct pdf_cursor c;
	uint32_t number = 0;
	int r;

	if (depth > PDF_DEPTH_MAX)
		return ERR_TOO_LARGE;
	switch (value->type) {
	case PDF_REFERENCE:
		if ((r = number_of(import, value, &number)) == 0)
			pdf_reference_append(out, number, 0);
		return r;
	case PDF_DICT:
		buf_append_string(out, "<<");
		r = entries_copy(import, out, value, NULL, depth);
		buf_append_string(out, ">>");
		return r;
	case PDF_ARRAY:
		buf_append(out, "[", 1);
		c = pdf_items(value);
		while ((r = pdf_array_next(&c, &item)) == 1) {
			if ((r = value_copy(import, out, &item, depth + 1)) != 0)
				return r;
			buf_append(out, " ", 1);
		}
		buf_append(out, "]", 1);
		return r;
	default:
		buf_append(out, value->start, (size_t)(value->end - value->start));
		return 0;
	}
}

/* A dictionary, with its stream as it stands, and with more entries than it had. */
static int
object_write(struct import *import, uint32_t number, const struct pdf_object *object, const char *more)
{
	struct buf *out = &import->update->out;
	struct pdf_cursor bytes = { NULL, NULL };
	char length[40];
	int r;

	if (object->stream != NULL && (r = pdf_stream_extent(import->source, object, &bytes)) != 0)
		return r;
	if ((r = pdf_update_begin(import->update, number, 0)) != 0)
		return r;
	buf_append_string(out, "<<");
	buf_append_string(out, more);
	if ((r = entries_copy(import, out, &object->value, object->stream != NULL ? "Length" : NULL, 0)) != 0)
		return r;
	if (object->stream != NULL) {
		snprintf(length, sizeof(length), "/Length %zu>>\nstream\n", (size_t)(bytes.end - bytes.p));
		buf_append_string(out, length);
		buf_append(out, bytes.p, (size_t)(bytes.end - bytes.p));
		buf_append_string(out, "\nendstream");
	} else {
		buf_append_string(out, ">>");
	}
	pdf_update_end(import->update);
	return 0;
}

static int
object_copy(struct import *import, size_t i)
{
	struct pdf_object object;
	struct pdf_value subtype, map;
	uint32_t number = import->objects[i].number;
	bool mapless;
	int r;

	if ((r = pdf_object_read(import->source, &import->objects[i].reference, &object)) != 0)
		return r;
	if (object.value.type == PDF_DICT) {
		if ((r = pdf_dict_get(&object.value, "Subtype", &subtype)) != 0 || (r = pdf_dict_get(&object.value, "CIDToGIDMap", &map)) != 0)
			return r;
		/* ISO 19005-3 6.2.11.3.2, as form_archive.c does for the page's fonts. */
		mapless = pdf_name_is(&subtype, "CIDFontType2") && map.type == PDF_NULL;
		return object_write(import, number, &object, mapless ? "/CIDToGIDMap /Identity\n" : "");
	}
	if ((r = pdf_update_begin(import->update, number, 0)) != 0)
		return r;
	if (object.value.type == PDF_NULL)
		buf_append_string(&import->update->out, "null");
	else if ((r = value_copy(import, &import->update->out, &object.value, 0)) != 0)
		return r;
	pdf_update_end(import->update);
	return 0;
}

static int
page_write(struct import *import, uint32_t number, double width, double height)
{
	struct pdf_form form;
	struct pdf_object content;
	struct pdf_value reference, resources;
	struct buf head;
	char text[120];
	int r;

	if ((r = pdf_form_read(import->source, 1, &form)) != 0 || (r = pdf_dict_get(&form.page, "Contents", &reference)) != 0 ||
	    (r = pdf_get(import->source, &form.page, "Resources", &resources)) != 0)
		return r;
	if (reference.type != PDF_REFERENCE || resources.type != PDF_DICT)
		return ERR_DOCUMENT_INVALID;
	if ((r = pdf_object_read(import->source, &reference, &content)) != 0)
		return r;
	if (content.stream == NULL)
		return ERR_DOCUMENT_INVALID;
	buf_init(&head, PDF_UPDATE_MAX);
	snprintf(text, sizeof(text), "/Type /XObject\n/Subtype /Form\n/BBox [0 0 %.2f %.2f]\n/Resources ", width, height);
	buf_append_string(&head, text);
	if ((r = value_copy(import, &head, &resources, 0)) == 0) {
		buf_append(&head, "\n", sizeof("\n"));
		r = head.failed ? ERR_TOO_LARGE : object_write(import, number, &content, (const char *)head.data);
	}
	buf_clear(&head);
	return r;
}

int
pdf_import_page(struct pdf_update *update, struct pdf *source, uint32_t number, double width, double height)
{
	struct import import = { .update = update, .source = source };
	int r = page_write(&import, number, width, height);

	for (size_t i = 0; r == 0 && i < import.count; i++)
		r = object_copy(&import, i);
	return r;
}
