/* SPDX-License-Identifier: Apache-2.0 */
/* prompt/text.c: UTF-8 by the letter, the characters that deceive, and Assuan's percent escapes. */
#include "prompt/text.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define MARKS_MAX 2	/* combining marks on one letter; more of them climb over the neighbouring lines */

struct range {
	uint32_t first, last;
};

/* Unicode 15: Cc, Cf, Zl, Zp, Co, non-characters, and letters that look like nothing. Sorted. */
static const struct range hidden[] = {
	{ 0x0000, 0x001f }, { 0x007f, 0x009f }, { 0x00ad, 0x00ad }, { 0x034f, 0x034f }, { 0x0600, 0x0605 }, { 0x061c, 0x061c },
	{ 0x06dd, 0x06dd }, { 0x070f, 0x070f }, { 0x0890, 0x0891 }, { 0x08e2, 0x08e2 }, { 0x115f, 0x1160 }, { 0x17b4, 0x17b5 },
	{ 0x180b, 0x180f }, { 0x200b, 0x200f }, { 0x2028, 0x202e }, { 0x2060, 0x206f }, { 0x2800, 0x2800 }, { 0x3164, 0x3164 },
	{ 0xd800, 0xf8ff }, { 0xfdd0, 0xfdef }, { 0xfe00, 0xfe0f }, { 0xfeff, 0xfeff }, { 0xffa0, 0xffa0 }, { 0xfff0, 0xfffb },
	{ 0xfffe, 0xffff }, { 0x110bd, 0x110bd }, { 0x110cd, 0x110cd }, { 0x13430, 0x1345f }, { 0x1bca0, 0x1bca3 }, { 0x1d173, 0x1d17a },
	{ 0x1fffe, 0x1ffff }, { 0x2fffe, 0x2ffff }, { 0x3fffe, 0x3ffff }, { 0xe0000, 0x10ffff },
};

static const struct range spaces[] = {
	{ 0x0009, 0x0009 }, { 0x0020, 0x0020 }, { 0x00a0, 0x00a0 }, { 0x1680, 0x1680 }, { 0x2000, 0x200a }, { 0x202f, 0x202f },
	{ 0x205f, 0x205f }, { 0x3000, 0x3000 },
};

static const struct range marks[] = {
	{ 0x0300, 0x036f }, { 0x0483, 0x0489 }, { 0x0591, 0x05bd }, { 0x0610, 0x061a }, { 0x064b, 0x065f }, { 0x0e31, 0x0e3a },
	{ 0x0e47, 0x0e4e }, { 0x1ab0, 0x1aff }, { 0x1dc0, 0x1dff }, { 0x20d0, 0x20ff }, { 0xfe20, 0xfe2f },
};

static const struct range wide[] = {
	{ 0x1100, 0x115e }, { 0x2e80, 0xa4cf }, { 0xac00, 0xd7a3 }, { 0xf900, 0xfaff }, { 0xfe30, 0xfe6f }, { 0xff00, 0xff60 },
	{ 0x1f300, 0x1faff }, { 0x20000, 0x3fffd },
};

#define IN(ranges, point) range_has(ranges, sizeof(ranges) / sizeof((ranges)[0]), point)

static bool
range_has(const struct range *ranges, size_t count, uint32_t point)
{
	for (size_t i = 0; i < count && ranges[i].first <= point; i++)
		if (point <= ranges[i].last)
			return true;
	return false;
}

uint32_t
text_next(const char **text)
{
	static const uint32_t smallest[] = { 0, 0x80, 0x800, 0x10000 };	/* below it the form is overlong */
	const unsigned char *s = (const unsigned char *)*text;
	size_t more = s[0] < 0x80 ? 0 : s[0] >> 5 == 6 ? 1 : s[0] >> 4 == 14 ? 2 : s[0] >> 3 == 30 ? 3 : 4;
	uint32_t point = more == 0 ? s[0] : s[0] & (0x3fu >> more);

	if (s[0] == 0)
		return 0;
	for (size_t i = 1; more < 4 && i <= more; i++) {
		if (s[i] >> 6 != 2)
			more = 4;
		else
			point = point << 6 | (s[i] & 0x3f);
	}
	if (more == 4 || point < smallest[more] || point > 0x10ffff || (point >= 0xd800 && point <= 0xdfff)) {
		*text += 1;
		return UINT32_MAX;
	}
	*text += more + 1;
	return point;
}

unsigned
text_columns(uint32_t point)
{
	return IN(marks, point) ? 0 : IN(wide, point) ? 2 : 1;
}

/* What stands for the code point in the dialog: itself (len bytes at source), or a text in buffer. */
static const char *
point_shown(uint32_t point, const char *source, size_t len, unsigned marks_before, char buffer[16])
{
	if (point == UINT32_MAX)
		return "\xef\xbf\xbd";
	if (point == '\n')
		return "\xe2\x8f\x8e";	/* the sign of the return key */
	if (IN(hidden, point) || marks_before >= MARKS_MAX)
		snprintf(buffer, 16, "[U+%04X]", point);
	else
		snprintf(buffer, 16, "%.*s", (int)len, source);
	return buffer;
}

static size_t
points_count(const char *text)
{
	size_t n = 0;

	while (text_next(&text) != 0)
		n++;
	return n;
}

void
text_append_safe(struct buf *out, const char *text, size_t max)
{
	bool space = false, empty = true;
	unsigned marks_seen = 0;
	const char *start, *shown;
	char buffer[16];
	size_t used = 0, need;
	uint32_t point;

	for (start = text; (point = text_next(&text)) != 0; start = text) {
		if (point == '\r' && *text == '\n')
			continue;
		if (IN(spaces, point)) {
			space = true;
			continue;
		}
		space = space || point == '\n';
		marks_seen = IN(marks, point) ? marks_seen + 1 : 0;
		shown = point_shown(point, start, (size_t)(text - start), marks_seen > 0 ? marks_seen - 1 : 0, buffer);
		need = points_count(shown) + (space && !empty);
		if (used + need > max) {
			buf_append_string(out, "\xe2\x80\xa6");
			return;
		}
		if (space && !empty)
			buf_append_string(out, " ");
		buf_append_string(out, shown);
		used += need;
		space = point == '\n';
		empty = false;
	}
}

void
text_safe(const char *text, size_t max, char *ret_text)
{
	struct buf out;

	buf_init(&out, TEXT_BYTES(max) - 1);
	text_append_safe(&out, text, max);
	if (out.len > 0)
		memcpy(ret_text, out.data, out.len);
	ret_text[out.len] = '\0';
	buf_clear(&out);
}

static bool
needs_escape(char c)
{
	return c == '%' || c == '\n' || c == '\r';
}

size_t
text_escaped_len(const char *text, size_t len)
{
	size_t escaped = len;

	for (size_t i = 0; i < len; i++)
		escaped += needs_escape(text[i]) ? 2 : 0;
	return escaped;
}

void
text_append_escaped(struct buf *out, const char *text, size_t len)
{
	char escape[4];

	for (size_t i = 0; i < len; i++) {
		if (needs_escape(text[i])) {
			snprintf(escape, sizeof(escape), "%%%02X", (unsigned char)text[i]);
			buf_append_string(out, escape);
		} else {
			buf_append(out, &text[i], 1);
		}
	}
}
