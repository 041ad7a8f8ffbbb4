/* SPDX-License-Identifier: Apache-2.0 */
/* pdf/fields.c: walks the form's fields for names that are taken and for locks (ISO 32000-1 12.8.2). */
#include <string.h>

#include "base/err.h"
#include "pdf/form.h"

#define NAME_BYTES_MAX 4096

/* The ASCII characters at the start of a text string (PDFDocEncoding, UTF-16BE or UTF-8). */
static size_t
text_ascii(const unsigned char *bytes, size_t len, char *out, size_t max)
{
	bool wide = len >= 2 && bytes[0] == 0xfe && bytes[1] == 0xff;
	size_t at = wide ? 2 : len >= 3 && memcmp(bytes, "\xef\xbb\xbf", 3) == 0 ? 3 : 0, step = wide ? 2 : 1, n = 0;

	for (; at + step <= len && n < max; at += step) {
		unsigned char c = bytes[at + step - 1];

		if ((wide && bytes[at] != 0) || c >= 0x80)
			break;
		out[n++] = (char)c;
	}
	return n;
}

/* Keeps count of fields that are named as ours are: "Imza12", also as the first part of "Imza12.x". */
static int
name_note(struct pdf_form *form, const struct pdf_value *name)
{
	static const char prefix[] = SIGNATURE_NAME;
	char text[sizeof(prefix) + 9];
	struct pdf_cursor digits;
	struct buf bytes;
	uint64_t number = 0;
	size_t len;
	int r;

	if (name->type == PDF_NULL)
		return 0;
	buf_init(&bytes, NAME_BYTES_MAX);
	if ((r = pdf_string_bytes(name, &bytes)) == 0) {
		len = text_ascii(bytes.data, bytes.len, text, sizeof(text) - 1);
		text[len] = '\0';
		digits = (struct pdf_cursor){ (const unsigned char *)text + sizeof(prefix) - 1, (const unsigned char *)text + len };
		if (len >= sizeof(prefix) && memcmp(text, prefix, sizeof(prefix) - 1) == 0)
			for (; digits.p < digits.end && *digits.p >= '0' && *digits.p <= '9'; digits.p++)
				number = number * 10 + (uint64_t)(*digits.p - '0');
	}
	buf_clear(&bytes);
	if (number > form->names_used)
		form->names_used = number;
	return r;
}

static int
locked(struct pdf *pdf)
{
	return pdf_refuse(pdf, ERR_DOCUMENT_LOCKED, "a signature in the document permits no further signature");
}

/*
 * A field lock or the parameters of a FieldMDP or DocMDP transform.  /P 1: no changes at all.  A lock of all fields, or of all but
 * some, covers the field that we would add.
 */
static int
lock_check(struct pdf *pdf, struct pdf_form *form, const struct pdf_value *lock)
{
	struct pdf_value action, level, fields, name;
	struct pdf_cursor c;
	uint64_t permission;
	int r;

	if (lock->type == PDF_NULL)
		return 0;
	if ((r = pdf_get(pdf, lock, "P", &level)) != 0 || (r = pdf_get(pdf, lock, "Action", &action)) != 0 ||
	    (r = pdf_get(pdf, lock, "Fields", &fields)) != 0)
		return r;
	if (level.type != PDF_NULL && (!pdf_unsigned(&level, UINT32_MAX, &permission) || permission < 2))
		return locked(pdf);
	if (action.type == PDF_NULL)
		return 0;
	if (!pdf_name_is(&action, "Include"))
		return locked(pdf);
	/* Our field's name must not be among those that are locked, there or not. */
	if (fields.type != PDF_ARRAY)
		return 0;
	c = pdf_items(&fields);
	while ((r = pdf_array_next(&c, &name)) == 1)
		if ((r = pdf_resolve(pdf, &name, &name)) != 0 || (r = name_note(form, &name)) != 0)
			break;
	return r;
}

int
pdf_signature_check(struct pdf *pdf, struct pdf_form *form, const struct pdf_value *signature)
{
	struct pdf_value references, item, method, parameters;
	struct pdf_cursor c;
	int r;

	if ((r = pdf_get(pdf, signature, "Reference", &references)) != 0 || references.type == PDF_NULL)
		return r;
	if (references.type != PDF_ARRAY)
		return pdf_refuse(pdf, ERR_DOCUMENT_INVALID, "a signature's /Reference is no array");
	c = pdf_items(&references);
	while ((r = pdf_array_next(&c, &item)) == 1) {
		if ((r = pdf_resolve(pdf, &item, &item)) != 0 || (r = pdf_get(pdf, &item, "TransformMethod", &method)) != 0 ||
		    (r = pdf_get(pdf, &item, "TransformParams", &parameters)) != 0)
			return r;
		if (!pdf_name_is(&method, "DocMDP") && !pdf_name_is(&method, "FieldMDP"))
			continue;
		if ((r = lock_check(pdf, form, &parameters)) != 0)
			return r;
	}
	return r;
}

/* What a field takes over from its parents (12.7.3.1). */
struct inherited {
	struct pdf_value type, value;
};

static int
inherit(struct pdf *pdf, const struct pdf_value *field, const char *key, struct pdf_value *value)
{
	struct pdf_value own;
	int r = pdf_get(pdf, field, key, &own);

	if (r == 0 && own.type != PDF_NULL)
		*value = own;
	return r;
}

static int fields_walk(struct pdf *pdf, struct pdf_form *form, const struct pdf_value *fields, struct inherited from, unsigned depth,
    unsigned *nodes);

static int
field_visit(struct pdf *pdf, struct pdf_form *form, const struct pdf_value *field, struct inherited from, unsigned depth, unsigned *nodes)
{
	struct pdf_value name, kids, lock;
	int r;

	if ((r = inherit(pdf, field, "FT", &from.type)) != 0 || (r = inherit(pdf, field, "V", &from.value)) != 0 ||
	    (r = pdf_get(pdf, field, "T", &name)) != 0 || (r = pdf_get(pdf, field, "Kids", &kids)) != 0)
		return r;
	/* Only the first part of a full name can clash with ours, which has no dot. */
	if (depth == 0 && (r = name_note(form, &name)) != 0)
		return pdf_refuse(pdf, r, "a field's name is no string");
	if (pdf_name_is(&from.type, "Sig") && from.value.type == PDF_DICT) {
		if ((r = pdf_signature_check(pdf, form, &from.value)) != 0 || (r = pdf_get(pdf, field, "Lock", &lock)) != 0 ||
		    (r = lock_check(pdf, form, &lock)) != 0)
			return r;
	}
	return kids.type == PDF_ARRAY ? fields_walk(pdf, form, &kids, from, depth + 1, nodes) : 0;
}

static int
fields_walk(struct pdf *pdf, struct pdf_form *form, const struct pdf_value *fields, struct inherited from, unsigned depth, unsigned *nodes)
{
	struct pdf_cursor c = pdf_items(fields);
	struct pdf_value field;
	int r;

	if (depth == PDF_DEPTH_MAX)
		return pdf_refuse(pdf, ERR_DOCUMENT_INVALID, "the fields do not end");
	while ((r = pdf_array_next(&c, &field)) == 1) {
		if (++*nodes > PDF_FIELDS_MAX)
			return pdf_refuse(pdf, ERR_TOO_LARGE, "too many fields");
		if ((r = pdf_resolve(pdf, &field, &field)) != 0)
			return r;
		/* Fields that were deleted may leave a null behind. */
		if (field.type != PDF_NULL && (r = field_visit(pdf, form, &field, from, depth, nodes)) != 0)
			return r;
	}
	return r;
}

int
pdf_fields_walk(struct pdf *pdf, struct pdf_form *form)
{
	struct inherited none = { { .type = PDF_NULL }, { .type = PDF_NULL } };
	unsigned nodes = 0;

	return form->fields.type == PDF_ARRAY ? fields_walk(pdf, form, &form->fields, none, 0, &nodes) : 0;
}
