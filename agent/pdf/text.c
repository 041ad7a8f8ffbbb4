/* SPDX-License-Identifier: Apache-2.0 */
/* pdf/text.c: text strings and dates of PDF (ISO 32000-1 7.9.2, 7.9.4), read. */
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "pdf/signatures.h"

/* Appends a code point as UTF-8; what is none becomes U+FFFD, a control character a space. */
static void
utf8_append(struct buf *out, uint32_t point)
{
	unsigned char bytes[4];
	size_t len;

	if (point < 0x20 || (point >= 0x7f && point < 0xa0))
		point = ' ';
	if ((point >= 0xd800 && point < 0xe000) || point > 0x10ffff)
		point = 0xfffd;
	if (point < 0x80) {
		bytes[0] = (unsigned char)point;
		len = 1;
	} else if (point < 0x800) {
		bytes[0] = (unsigned char)(0xc0 | point >> 6);
		len = 2;
	} else if (point < 0x10000) {
		bytes[0] = (unsigned char)(0xe0 | point >> 12);
		len = 3;
	} else {
		bytes[0] = (unsigned char)(0xf0 | point >> 18);
		len = 4;
	}
	for (size_t i = 1; i < len; i++)
		bytes[i] = (unsigned char)(0x80 | (point >> 6 * (len - 1 - i) & 0x3f));
	buf_append(out, bytes, len);
}

static void
utf16_append(struct buf *out, const unsigned char *p, size_t len)
{
	for (size_t i = 0; i + 1 < len; i += 2) {
		uint32_t unit = (uint32_t)p[i] << 8 | p[i + 1], low;

		if (unit >= 0xd800 && unit < 0xdc00 && i + 3 < len && (low = (uint32_t)p[i + 2] << 8 | p[i + 3]) >= 0xdc00 && low < 0xe000) {
			unit = 0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00);
			i += 2;
		}
		utf8_append(out, unit);
	}
}

/* Text that says it is UTF-8 (PDF 2.0). */
static void
utf8_copy(struct buf *out, const unsigned char *p, size_t len)
{
	for (size_t i = 0; i < len; ) {
		unsigned lead = p[i];
		size_t more = lead >= 0xf0 ? 3 : lead >= 0xe0 ? 2 : lead >= 0xc0 ? 1 : 0, n;
		uint32_t point = more > 0 ? lead & (0x3fu >> more) : lead;

		for (n = 1; n <= more && i + n < len && (p[i + n] & 0xc0) == 0x80; n++)
			point = point << 6 | (p[i + n] & 0x3f);
		utf8_append(out, n <= more || (more == 0 && lead >= 0x80) ? 0xfffd : point);
		i += n;
	}
}

int
pdf_text_read(const struct pdf_value *value, size_t max, char **ret_text)
{
	struct buf bytes, text;
	int r;

	buf_init(&bytes, max);
	buf_init(&text, 4 * max + 1);
	if ((r = pdf_string_bytes(value, &bytes)) != 0)
		goto out;
	if (bytes.len >= 2 && bytes.data[0] == 0xfe && bytes.data[1] == 0xff)
		utf16_append(&text, bytes.data + 2, bytes.len - 2);
	else if (bytes.len >= 3 && memcmp(bytes.data, "\xef\xbb\xbf", 3) == 0)
		utf8_copy(&text, bytes.data + 3, bytes.len - 3);
	else
		/* PDFDocEncoding is Latin-1 but for a few signs. */
		for (size_t i = 0; i < bytes.len; i++)
			utf8_append(&text, bytes.data[i]);
	buf_append(&text, "", 1);
	if (text.failed) {
		r = ERR_TOO_LARGE;
	} else {
		*ret_text = (char *)text.data;
		text.data = NULL;
	}
out:
	free(text.data);
	buf_clear(&bytes);
	return r;
}

/* Two digits at p, at most max. */
static bool
pair_read(const char *p, int max, int *ret_number)
{
	if (p[0] < '0' || p[0] > '9' || p[1] < '0' || p[1] > '9')
		return false;
	*ret_number = (p[0] - '0') * 10 + p[1] - '0';
	return *ret_number <= max;
}

bool
pdf_date_read(const struct pdf_value *value, time_t *ret_time)
{
	char text[40] = "";
	struct buf bytes;
	int century, year, month, day, hour, minute, second, offset_hours = 0, offset_minutes = 0;
	struct tm tm;
	const char *p = text + 2;
	bool ok;

	buf_init(&bytes, sizeof(text) - 1);
	ok = value->type == PDF_STRING && pdf_string_bytes(value, &bytes) == 0;
	if (ok)
		memcpy(text, bytes.data != NULL ? bytes.data : (const unsigned char *)"", bytes.len);
	buf_clear(&bytes);
	if (!ok || strlen(text) < 17 || memcmp(text, "D:", 2) != 0)
		return false;
	if (!pair_read(p, 99, &century) || !pair_read(p + 2, 99, &year) || !pair_read(p + 4, 12, &month) || !pair_read(p + 6, 31, &day) ||
	    !pair_read(p + 8, 23, &hour) || !pair_read(p + 10, 59, &minute) || !pair_read(p + 12, 59, &second) || month == 0 || day == 0)
		return false;
	p += 14;
	if (*p != 'Z' && ((*p != '+' && *p != '-') || !pair_read(p + 1, 23, &offset_hours)))
		return false;
	if (*p != 'Z' && p[3] == '\'' && p[4] != '\0' && !pair_read(p + 4, 59, &offset_minutes))
		return false;
	tm = (struct tm){ .tm_year = century * 100 + year - 1900, .tm_mon = month - 1, .tm_mday = day, .tm_hour = hour, .tm_min = minute, .tm_sec = second };
	*ret_time = timegm(&tm) - (*p == '-' ? -1 : 1) * (offset_hours * 3600 + offset_minutes * 60);
	return true;
}
