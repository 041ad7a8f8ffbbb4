/* SPDX-License-Identifier: Apache-2.0 */
/* pdf/object.c: finds where PDF values begin and end, and looks into them. */
#include "pdf/object.h"

#include <string.h>

#include "base/err.h"

static int value_read(struct pdf_cursor *c, int depth, struct pdf_value *ret_value);

/* Skips the items of an array or dictionary up to and with its closing bracket. */
static int
items_skip(struct pdf_cursor *c, bool dict, int depth)
{
	struct pdf_value item;
	int r;

	if (depth >= PDF_DEPTH_MAX)
		return ERR_TOO_LARGE;
	for (;;) {
		pdf_skip_space(c);
		if (dict && c->end - c->p >= 2 && c->p[0] == '>' && c->p[1] == '>') {
			c->p += 2;
			return 0;
		}
		if (!dict && c->p < c->end && *c->p == ']') {
			c->p++;
			return 0;
		}
		if (dict && !pdf_skip_name(c))
			return ERR_DOCUMENT_INVALID;
		if ((r = value_read(c, depth + 1, &item)) != 0)
			return r;
	}
}

/* A number, or a reference when "G R" follows. */
static bool
number_read(struct pdf_cursor *c, struct pdf_value *value)
{
	struct pdf_cursor ahead = *c;
	uint64_t number, generation;
	bool digits = false;

	if (pdf_take_number(&ahead, PDF_NUMBERS_MAX - 1, &number)) {
		pdf_skip_space(&ahead);
		if (pdf_take_number(&ahead, PDF_GENERATION_MAX, &generation)) {
			pdf_skip_space(&ahead);
			if (pdf_take_word(&ahead, "R")) {
				value->type = PDF_REFERENCE;
				value->number = (uint32_t)number;
				value->generation = (uint32_t)generation;
				*c = ahead;
				return true;
			}
		}
	}
	for (; c->p < c->end && pdf_is_regular(*c->p); c->p++) {
		if (*c->p >= '0' && *c->p <= '9')
			digits = true;
		else if (*c->p != '+' && *c->p != '-' && *c->p != '.')
			return false;
	}
	value->type = PDF_NUMBER;
	return digits;
}

static int
value_read(struct pdf_cursor *c, int depth, struct pdf_value *ret_value)
{
	struct pdf_value value = { .type = PDF_NULL };
	bool ok = true;
	int r = 0;

	pdf_skip_space(c);
	if (c->p == c->end)
		return ERR_DOCUMENT_INVALID;
	value.start = c->p;
	if (*c->p == '/') {
		value.type = PDF_NAME;
		ok = pdf_skip_name(c);
	} else if (*c->p == '(') {
		value.type = PDF_STRING;
		ok = pdf_skip_string(c);
	} else if (*c->p == '[') {
		value.type = PDF_ARRAY;
		c->p++;
		r = items_skip(c, false, depth);
	} else if (c->end - c->p >= 2 && c->p[0] == '<' && c->p[1] == '<') {
		value.type = PDF_DICT;
		c->p += 2;
		r = items_skip(c, true, depth);
	} else if (*c->p == '<') {
		value.type = PDF_STRING;
		ok = pdf_skip_hex_string(c);
	} else if (pdf_take_word(c, "true") || pdf_take_word(c, "false")) {
		value.type = PDF_BOOLEAN;
	} else if (!pdf_take_word(c, "null")) {
		ok = number_read(c, &value);
	}
	if (r != 0 || !ok)
		return r != 0 ? r : ERR_DOCUMENT_INVALID;
	value.end = c->p;
	*ret_value = value;
	return 0;
}

int
pdf_value_read(struct pdf_cursor *c, struct pdf_value *ret_value)
{
	struct pdf_cursor bounded = *c;
	int r;

	if ((size_t)(c->end - c->p) > PDF_VALUE_MAX)
		bounded.end = c->p + PDF_VALUE_MAX;
	r = value_read(&bounded, 0, ret_value);
	/* What does not end within the limit may be malformed or long; only the latter is worth another word. */
	if (r == ERR_DOCUMENT_INVALID && bounded.p == bounded.end && bounded.end != c->end)
		r = ERR_TOO_LARGE;
	if (r == 0)
		c->p = bounded.p;
	return r;
}

struct pdf_cursor
pdf_items(const struct pdf_value *container)
{
	size_t bracket = container->type == PDF_DICT ? 2 : 1;

	return (struct pdf_cursor){ container->start + bracket, container->end - bracket };
}

int
pdf_array_next(struct pdf_cursor *c, struct pdf_value *ret_value)
{
	int r;

	pdf_skip_space(c);
	if (c->p == c->end)
		return 0;
	r = pdf_value_read(c, ret_value);
	return r != 0 ? r : 1;
}

int
pdf_dict_next(struct pdf_cursor *c, struct pdf_value *ret_key, struct pdf_value *ret_value)
{
	struct pdf_value key;
	int r;

	if ((r = pdf_array_next(c, &key)) <= 0)
		return r;
	if (key.type != PDF_NAME)
		return ERR_DOCUMENT_INVALID;
	if ((r = pdf_value_read(c, ret_value)) != 0)
		return r;
	*ret_key = key;
	return 1;
}

int
pdf_dict_get(const struct pdf_value *dict, const char *key, struct pdf_value *ret_value)
{
	struct pdf_value found = { .type = PDF_NULL }, name, value;
	struct pdf_cursor c;
	bool seen = false;
	int r;

	if (dict->type != PDF_DICT)
		return ERR_DOCUMENT_INVALID;
	c = pdf_items(dict);
	while ((r = pdf_dict_next(&c, &name, &value)) == 1) {
		if (!pdf_name_is(&name, key))
			continue;
		if (seen)
			return ERR_DOCUMENT_INVALID;
		seen = true;
		found = value;
	}
	if (r == 0)
		*ret_value = found;
	return r;
}

bool
pdf_name_is(const struct pdf_value *value, const char *name)
{
	const unsigned char *p;

	if (value->type != PDF_NAME)
		return false;
	p = value->start + 1;
	for (; *name != '\0'; name++) {
		int c;

		if (p == value->end)
			return false;
		c = *p++;
		/* "/#53ig" is "/Sig" (7.3.5). */
		if (c == '#' && value->end - p >= 2 && pdf_hex_digit(p[0]) >= 0 && pdf_hex_digit(p[1]) >= 0) {
			c = pdf_hex_digit(p[0]) << 4 | pdf_hex_digit(p[1]);
			p += 2;
		}
		if (c != (unsigned char)*name)
			return false;
	}
	return p == value->end;
}

bool
pdf_name_is_one_of(const struct pdf_value *value, const char *const *names)
{
	for (; *names != NULL; names++)
		if (pdf_name_is(value, *names))
			return true;
	return false;
}

bool
pdf_is_true(const struct pdf_value *value)
{
	return value->type == PDF_BOOLEAN && *value->start == 't';
}

bool
pdf_unsigned(const struct pdf_value *value, uint64_t max, uint64_t *ret_number)
{
	struct pdf_cursor c = { value->start, value->end };
	uint64_t number;

	if (value->type != PDF_NUMBER || !pdf_take_number(&c, max, &number) || c.p != c.end)
		return false;
	*ret_number = number;
	return true;
}
