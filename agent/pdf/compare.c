/* SPDX-License-Identifier: Apache-2.0 */
/* pdf/compare.c: equal bytes are equal values; the rest is compared token by token. */
#include "pdf/compare.h"

#include <string.h>

#include "base/err.h"

#define STRING_MAX ((size_t)16 << 20)

static size_t
span_len(const struct pdf_value *value)
{
	return (size_t)(value->end - value->start);
}

/* The next byte of a name, its escape undone (7.3.5); -1 at the end. */
static int
name_byte(struct pdf_cursor *c)
{
	int byte;

	if (c->p == c->end)
		return -1;
	byte = *c->p++;
	if (byte == '#' && c->end - c->p >= 2 && pdf_hex_digit(c->p[0]) >= 0 && pdf_hex_digit(c->p[1]) >= 0) {
		byte = pdf_hex_digit(c->p[0]) << 4 | pdf_hex_digit(c->p[1]);
		c->p += 2;
	}
	return byte;
}

bool
pdf_names_same(const struct pdf_value *a, const struct pdf_value *b)
{
	struct pdf_cursor x, y;
	int byte;

	if (a->type != PDF_NAME || b->type != PDF_NAME)
		return false;
	x = (struct pdf_cursor){ a->start + 1, a->end };
	y = (struct pdf_cursor){ b->start + 1, b->end };
	do {
		if ((byte = name_byte(&x)) != name_byte(&y))
			return false;
	} while (byte >= 0);
	return true;
}

static bool
strings_same(const struct pdf_value *a, const struct pdf_value *b)
{
	struct buf x, y;
	bool same;

	buf_init(&x, STRING_MAX);
	buf_init(&y, STRING_MAX);
	same = pdf_string_bytes(a, &x) == 0 && pdf_string_bytes(b, &y) == 0 && x.len == y.len && (x.len == 0 || memcmp(x.data, y.data, x.len) == 0);
	buf_clear(&x);
	buf_clear(&y);
	return same;
}

/* A number's sign, its digits before the point without leading zeros, those behind it without trailing ones. */
struct decimal {
	bool negative;
	struct pdf_cursor whole, fraction;
};

static bool
decimal_read(const struct pdf_value *value, struct decimal *ret)
{
	struct pdf_cursor c = { value->start, value->end };

	ret->negative = *c.p == '-';
	if (*c.p == '-' || *c.p == '+')
		c.p++;
	while (c.p < c.end && *c.p == '0')
		c.p++;
	ret->whole.p = c.p;
	while (c.p < c.end && *c.p >= '0' && *c.p <= '9')
		c.p++;
	ret->whole.end = c.p;
	if (c.p < c.end && *c.p == '.')
		c.p++;
	ret->fraction.p = c.p;
	while (c.p < c.end && *c.p >= '0' && *c.p <= '9')
		c.p++;
	ret->fraction.end = c.p;
	while (ret->fraction.end > ret->fraction.p && ret->fraction.end[-1] == '0')
		ret->fraction.end--;
	if (ret->whole.p == ret->whole.end && ret->fraction.p == ret->fraction.end)
		ret->negative = false;
	return c.p == c.end;
}

static bool
cursors_same(const struct pdf_cursor *a, const struct pdf_cursor *b)
{
	return a->end - a->p == b->end - b->p && memcmp(a->p, b->p, (size_t)(a->end - a->p)) == 0;
}

static bool
numbers_same(const struct pdf_value *a, const struct pdf_value *b)
{
	struct decimal x, y;

	return decimal_read(a, &x) && decimal_read(b, &y) && x.negative == y.negative && cursors_same(&x.whole, &y.whole) &&
	    cursors_same(&x.fraction, &y.fraction);
}

static bool
arrays_same(struct pdf *pdf, const struct pdf_value *a, const struct pdf_value *b)
{
	struct pdf_cursor x = pdf_items(a), y = pdf_items(b);
	struct pdf_value item, other;
	int r;

	while ((r = pdf_array_next(&x, &item)) == 1)
		if (pdf_array_next(&y, &other) != 1 || !pdf_same(pdf, &item, &other))
			return false;
	return r == 0 && pdf_array_next(&y, &other) == 0;
}

/* The value of a key in the dictionary that y walks over: most often the next one. */
static bool
dict_find(struct pdf *pdf, const struct pdf_value *dict, struct pdf_cursor *y, const struct pdf_value *key, struct pdf_value *ret_value)
{
	struct pdf_value name;

	if (pdf_dict_next(y, &name, ret_value) == 1 && pdf_names_same(&name, key))
		return true;
	if (pdf_scan_note(pdf, span_len(dict)) != 0)
		return false;
	for (*y = pdf_items(dict); pdf_dict_next(y, &name, ret_value) == 1; )
		if (pdf_names_same(&name, key))
			return true;
	return false;
}

static bool
dicts_same(struct pdf *pdf, const struct pdf_value *a, const struct pdf_value *b)
{
	struct pdf_cursor x = pdf_items(a), y = pdf_items(b);
	struct pdf_value key, value, other;
	size_t count = 0;
	int r;

	while ((r = pdf_dict_next(&x, &key, &value)) == 1) {
		if (!dict_find(pdf, b, &y, &key, &other) || !pdf_same(pdf, &value, &other))
			return false;
		count++;
	}
	if (r != 0)
		return false;
	for (y = pdf_items(b); (r = pdf_dict_next(&y, &key, &other)) == 1; count--)
		if (count == 0)
			return false;
	return r == 0 && count == 0;
}

bool
pdf_same(struct pdf *pdf, const struct pdf_value *a, const struct pdf_value *b)
{
	if (a->type != b->type)
		return false;
	if (a->type == PDF_NULL)
		return true;
	if (span_len(a) == span_len(b) && memcmp(a->start, b->start, span_len(a)) == 0)
		return true;
	if (pdf_scan_note(pdf, span_len(a)) != 0)
		return false;
	switch (a->type) {
	case PDF_NULL:
	case PDF_BOOLEAN:
		return pdf_is_true(a) == pdf_is_true(b);
	case PDF_NUMBER:
		return numbers_same(a, b);
	case PDF_STRING:
		return strings_same(a, b);
	case PDF_NAME:
		return pdf_names_same(a, b);
	case PDF_REFERENCE:
		return a->number == b->number && a->generation == b->generation;
	case PDF_ARRAY:
		return arrays_same(pdf, a, b);
	case PDF_DICT:
		return dicts_same(pdf, a, b);
	}
	return false;
}

/* Takes a token, or one bracket of an array or dictionary, whatever it is. */
static bool
token_skip(struct pdf_cursor *c)
{
	if (*c->p == '/')
		return pdf_skip_name(c);
	if (*c->p == '(')
		return pdf_skip_string(c);
	if (*c->p == '<' && (c->end - c->p < 2 || c->p[1] != '<'))
		return pdf_skip_hex_string(c);
	if (pdf_is_regular(*c->p)) {
		while (c->p < c->end && pdf_is_regular(*c->p))
			c->p++;
		return true;
	}
	c->p += *c->p == '<' ? 2 : 1;
	return true;
}

/* Takes "N G R". */
static bool
reference_take(struct pdf_cursor *c, uint32_t *ret_number)
{
	struct pdf_cursor ahead = *c;
	uint64_t number, generation;

	if (!pdf_take_number(&ahead, PDF_NUMBERS_MAX - 1, &number))
		return false;
	pdf_skip_space(&ahead);
	if (!pdf_take_number(&ahead, PDF_GENERATION_MAX, &generation))
		return false;
	pdf_skip_space(&ahead);
	if (!pdf_take_word(&ahead, "R"))
		return false;
	*ret_number = (uint32_t)number;
	*c = ahead;
	return true;
}

int
pdf_references_walk(const struct pdf_value *value, int (*found)(void *context, uint32_t number, const struct pdf_value *name), void *context)
{
	struct pdf_cursor c = { value->start, value->end };
	struct pdf_value name = { .type = PDF_NULL };
	uint32_t number;
	int r;

	if (value->type == PDF_NULL)
		return 0;
	for (pdf_skip_space(&c); c.p < c.end; pdf_skip_space(&c)) {
		if (reference_take(&c, &number)) {
			if ((r = found(context, number, name.type == PDF_NAME ? &name : NULL)) != 0)
				return r;
			name.type = PDF_NULL;
			continue;
		}
		name.type = *c.p == '/' ? PDF_NAME : PDF_NULL;
		name.start = c.p;
		if (!token_skip(&c))
			return ERR_DOCUMENT_INVALID;
		name.end = c.p;
	}
	return 0;
}
