/* SPDX-License-Identifier: Apache-2.0 */
/* base/json.c: a scan that enforces what cJSON does not, then cJSON; and member readers. */
#include "base/json.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/encoding.h"
#include "base/err.h"

/* The scan: one pass over the bytes, recursion bounded by JSON_DEPTH_MAX. */
struct scan {
	const unsigned char *p, *end;
	int depth;
};

static bool scan_value(struct scan *s);

static void
scan_space(struct scan *s)
{
	while (s->p < s->end && (*s->p == ' ' || *s->p == '\t' || *s->p == '\n' || *s->p == '\r'))
		s->p++;
}

static bool
scan_literal(struct scan *s, const char *word)
{
	size_t len = strlen(word);

	if ((size_t)(s->end - s->p) < len || memcmp(s->p, word, len) != 0)
		return false;
	s->p += len;
	return true;
}

static bool
scan_digits(struct scan *s)
{
	const unsigned char *start = s->p;

	while (s->p < s->end && *s->p >= '0' && *s->p <= '9')
		s->p++;
	return s->p > start;
}

static bool
scan_number(struct scan *s)
{
	const unsigned char *start = s->p;

	if (s->p < s->end && *s->p == '-')
		s->p++;
	if (s->p < s->end && *s->p == '0')
		s->p++;
	else if (!scan_digits(s))
		return false;
	if (s->p < s->end && *s->p == '.') {
		s->p++;
		if (!scan_digits(s))
			return false;
	}
	if (s->p < s->end && (*s->p == 'e' || *s->p == 'E')) {
		s->p++;
		if (s->p < s->end && (*s->p == '+' || *s->p == '-'))
			s->p++;
		if (!scan_digits(s))
			return false;
	}
	return s->p - start <= JSON_NUMBER_CHARACTERS_MAX;
}

/* One code point of well-formed UTF-8 (Unicode 15, table 3-7). */
static bool
scan_utf8(struct scan *s)
{
	unsigned char c = *s->p, low = 0x80, high = 0xbf;
	size_t more;

	if (c < 0x80)
		more = 0;
	else if (c >= 0xc2 && c <= 0xdf)
		more = 1;
	else if (c >= 0xe0 && c <= 0xef)
		more = 2;
	else if (c >= 0xf0 && c <= 0xf4)
		more = 3;
	else
		return false;
	if (c == 0xe0)
		low = 0xa0;
	else if (c == 0xed)
		high = 0x9f;
	else if (c == 0xf0)
		low = 0x90;
	else if (c == 0xf4)
		high = 0x8f;
	if ((size_t)(s->end - s->p) < more + 1)
		return false;
	s->p++;
	for (; more > 0; more--, s->p++, low = 0x80, high = 0xbf)
		if (*s->p < low || *s->p > high)
			return false;
	return true;
}

static int
scan_hex4(struct scan *s)
{
	int value = 0;

	if (s->end - s->p < 4)
		return -1;
	for (int i = 0; i < 4; i++) {
		unsigned char c = *s->p++;

		if (c >= '0' && c <= '9')
			value = value << 4 | (c - '0');
		else if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f')
			value = value << 4 | ((c | 0x20) - 'a' + 10);
		else
			return -1;
	}
	return value;
}

static bool
scan_escape(struct scan *s)
{
	int unit;

	if (s->p == s->end)
		return false;
	switch (*s->p++) {
	case '"': case '\\': case '/': case 'b': case 'f': case 'n': case 'r': case 't':
		return true;
	case 'u':
		break;
	default:
		return false;
	}
	/* \u0000 would end a C string early; a lone surrogate is no character. */
	unit = scan_hex4(s);
	if (unit <= 0 || (unit >= 0xdc00 && unit <= 0xdfff))
		return false;
	if (unit < 0xd800 || unit > 0xdbff)
		return true;
	if (!scan_literal(s, "\\u"))
		return false;
	unit = scan_hex4(s);
	return unit >= 0xdc00 && unit <= 0xdfff;
}

static bool
scan_string(struct scan *s)
{
	if (s->p == s->end || *s->p++ != '"')
		return false;
	while (s->p < s->end) {
		if (*s->p == '"') {
			s->p++;
			return true;
		}
		if (*s->p == '\\') {
			s->p++;
			if (!scan_escape(s))
				return false;
		} else if (*s->p < 0x20 || !scan_utf8(s)) {
			return false;
		}
	}
	return false;
}

/* The inside of an object or array, after its opening bracket. */
static bool
scan_items(struct scan *s, char close, bool named)
{
	scan_space(s);
	if (s->p < s->end && *s->p == (unsigned char)close) {
		s->p++;
		return true;
	}
	for (;;) {
		scan_space(s);
		if (named) {
			if (!scan_string(s))
				return false;
			scan_space(s);
			if (!scan_literal(s, ":"))
				return false;
			scan_space(s);
		}
		if (!scan_value(s))
			return false;
		scan_space(s);
		if (s->p == s->end)
			return false;
		if (*s->p == (unsigned char)close) {
			s->p++;
			return true;
		}
		if (*s->p++ != ',')
			return false;
	}
}

static bool
scan_value(struct scan *s)
{
	bool ok;

	if (s->p == s->end)
		return false;
	switch (*s->p) {
	case '{':
	case '[':
		if (++s->depth > JSON_DEPTH_MAX)
			return false;
		ok = *s->p++ == '{' ? scan_items(s, '}', true) : scan_items(s, ']', false);
		s->depth--;
		return ok;
	case '"':
		return scan_string(s);
	case 't':
		return scan_literal(s, "true");
	case 'f':
		return scan_literal(s, "false");
	case 'n':
		return scan_literal(s, "null");
	default:
		return scan_number(s);
	}
}

static int
name_compare(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Looks at one object's names after decoding, so that "a" and "\u0061" are the same name. 0, 1 (duplicate) or -1 (no memory). */
static int
object_has_duplicates(const cJSON *object)
{
	size_t count = (size_t)cJSON_GetArraySize(object), n = 0;
	const char **names;
	const cJSON *item;
	int found = 0;

	if (count < 2)
		return 0;
	if ((names = malloc(count * sizeof(*names))) == NULL)
		return -1;
	cJSON_ArrayForEach(item, object)
		names[n++] = item->string;
	qsort(names, n, sizeof(*names), name_compare);
	for (size_t i = 1; i < n && !found; i++)
		found = strcmp(names[i - 1], names[i]) == 0;
	free(names);
	return found;
}

/* What the scan can't see: 0, or ERR_PARSE_ERROR for a name that stands twice or a number that no double holds, or ERR_INTERNAL. */
static int
tree_check(const cJSON *json)
{
	const cJSON *item;
	int found, err;

	if (cJSON_IsNumber(json))
		return isfinite(json->valuedouble) ? 0 : ERR_PARSE_ERROR;
	if (!cJSON_IsObject(json) && !cJSON_IsArray(json))
		return 0;
	if (cJSON_IsObject(json) && (found = object_has_duplicates(json)) != 0)
		return found > 0 ? ERR_PARSE_ERROR : ERR_INTERNAL;
	cJSON_ArrayForEach(item, json)
		if ((err = tree_check(item)) != 0)
			return err;
	return 0;
}

int
json_parse(const char *text, size_t len, cJSON **ret_json)
{
	struct scan s;
	cJSON *json;
	int err;

	if (len == 0)	/* text may be NULL then */
		return ERR_PARSE_ERROR;
	s = (struct scan){ (const unsigned char *)text, (const unsigned char *)text + len, 0 };
	scan_space(&s);
	if (!scan_value(&s))
		return ERR_PARSE_ERROR;
	scan_space(&s);
	if (s.p != s.end)
		return ERR_PARSE_ERROR;
	/* The text is valid, so what is left to fail is memory or a number that cJSON can't take. */
	if ((json = cJSON_ParseWithLength(text, len)) == NULL)
		return ERR_PARSE_ERROR;
	if ((err = tree_check(json)) != 0) {
		cJSON_Delete(json);
		return err;
	}
	*ret_json = json;
	return 0;
}

cJSON *
json_member(const cJSON *object, const char *name)
{
	return cJSON_GetObjectItemCaseSensitive(object, name);
}

const char *
json_string(const cJSON *object, const char *name)
{
	return cJSON_GetStringValue(json_member(object, name));
}

int64_t
json_integer(const cJSON *object, const char *name, int64_t fallback)
{
	const cJSON *item = json_member(object, name);
	const double limit = 9007199254740991.0;

	if (!cJSON_IsNumber(item) || !(item->valuedouble >= -limit && item->valuedouble <= limit) ||
	    item->valuedouble != (double)(int64_t)item->valuedouble)
		return fallback;
	return (int64_t)item->valuedouble;
}

bool
json_true(const cJSON *object, const char *name)
{
	return cJSON_IsTrue(json_member(object, name));
}

void
json_text_mend(char *text)
{
	struct scan s = { .p = (unsigned char *)text, .end = (unsigned char *)text + strlen(text) };

	while (s.p < s.end) {
		char *at = text + (s.p - (unsigned char *)text);

		if (!scan_utf8(&s)) {
			*at = '?';
			s.p = (unsigned char *)at + 1;
		}
	}
}

bool
json_add_base64(cJSON *object, const char *name, const void *data, size_t len)
{
	char *text = base64_encode(data, len);
	bool ok = text != NULL && cJSON_AddStringToObject(object, name, text) != NULL;

	free(text);
	return ok;
}

int
json_base64(const cJSON *object, const char *name, unsigned char **ret_data, size_t *ret_len)
{
	const char *text = json_string(object, name);

	return text == NULL ? ERR_INVALID_PARAMS : base64_decode(text, ret_data, ret_len);
}
