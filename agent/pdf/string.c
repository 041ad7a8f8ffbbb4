/* SPDX-License-Identifier: Apache-2.0 */
/* pdf/string.c: strings of PDF (ISO 32000-1 7.3.4, 7.9.2), in and out. */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "pdf/object.h"

static void
hex_string_bytes(struct pdf_cursor c, struct buf *out)
{
	int high = -1;

	for (; c.p < c.end; c.p++) {
		int digit = pdf_hex_digit(*c.p);

		if (digit < 0)
			continue;
		if (high >= 0)
			buf_append(out, &(unsigned char){ (unsigned char)(high << 4 | digit) }, 1);
		high = high >= 0 ? -1 : digit;
	}
	if (high >= 0)
		buf_append(out, &(unsigned char){ (unsigned char)(high << 4) }, 1);
}

/* The byte that the escape after a backslash stands for; -1: none (a continued line). */
static int
escape_take(struct pdf_cursor *c)
{
	static const char letters[] = "nrtbf", bytes[] = "\n\r\t\b\f";
	const char *letter;
	int byte = 0;

	if (*c->p >= '0' && *c->p <= '7') {
		for (int i = 0; i < 3 && c->p < c->end && *c->p >= '0' && *c->p <= '7'; i++)
			byte = byte << 3 | (*c->p++ - '0');
		return byte & 0xff;
	}
	byte = *c->p++;
	if (byte == '\r' && c->p < c->end && *c->p == '\n')
		c->p++;
	if (byte == '\r' || byte == '\n')
		return -1;
	letter = byte != '\0' ? strchr(letters, byte) : NULL;
	return letter != NULL ? bytes[letter - letters] : byte;
}

int
pdf_string_bytes(const struct pdf_value *value, struct buf *out)
{
	struct pdf_cursor c;

	if (value->type != PDF_STRING)
		return ERR_DOCUMENT_INVALID;
	c = (struct pdf_cursor){ value->start + 1, value->end - 1 };
	if (*value->start == '<') {
		hex_string_bytes(c, out);
		return out->failed ? ERR_TOO_LARGE : 0;
	}
	while (c.p < c.end) {
		int byte = *c.p++;

		if (byte == '\\' && c.p < c.end && (byte = escape_take(&c)) < 0)
			continue;
		buf_append(out, &(unsigned char){ (unsigned char)byte }, 1);
	}
	return out->failed ? ERR_TOO_LARGE : 0;
}

/* One code point; the text is known to be valid UTF-8 (base/json.c). */
static uint32_t
utf8_take(const char **text)
{
	const unsigned char *p = (const unsigned char *)*text;
	uint32_t point = *p;
	int more = point >= 0xf0 ? 3 : point >= 0xe0 ? 2 : point >= 0xc0 ? 1 : 0;

	if (more > 0)
		point &= 0x3fu >> more;
	for (p++; more > 0 && *p != '\0'; more--)
		point = point << 6 | (*p++ & 0x3f);
	*text = (const char *)p;
	return point;
}

static void
utf16_append(struct buf *out, uint32_t unit)
{
	char hex[5];

	snprintf(hex, sizeof(hex), "%04X", (unsigned)(unit & 0xffff));
	buf_append(out, hex, 4);
}

void
pdf_text_append(struct buf *out, const char *text)
{
	bool ascii = true;

	for (const char *p = text; *p != '\0'; p++)
		ascii = ascii && *p >= 0x20 && *p < 0x7f;
	if (ascii) {
		buf_append(out, "(", 1);
		for (; *text != '\0'; text++) {
			if (*text == '(' || *text == ')' || *text == '\\')
				buf_append(out, "\\", 1);
			buf_append(out, text, 1);
		}
		buf_append(out, ")", 1);
		return;
	}
	buf_append_string(out, "<FEFF");
	while (*text != '\0') {
		uint32_t point = utf8_take(&text);

		if (point >= 0x10000) {
			utf16_append(out, 0xd800 + ((point - 0x10000) >> 10));
			point = 0xdc00 + ((point - 0x10000) & 0x3ff);
		}
		utf16_append(out, point);
	}
	buf_append_string(out, ">");
}
