/* SPDX-License-Identifier: Apache-2.0 */
/* devices/atr.c: where the historical bytes of an ATR lie. */
#include "devices/atr.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

/* The byte at an index, -1 behind the end or when it is no hexadecimal. */
static int
byte_at(const char *hex, size_t index)
{
	static const char digits[] = "0123456789ABCDEF";
	const char *high, *low;

	if (strlen(hex) < 2 * index + 2)
		return -1;
	high = strchr(digits, hex[2 * index]);
	low = strchr(digits, hex[2 * index + 1]);
	return high == NULL || low == NULL || *high == '\0' || *low == '\0' ? -1 : (int)((high - digits) << 4 | (low - digits));
}

bool
atr_historical(const char *atr, char ret_historical[ATR_TEXT_MAX])
{
	int t0 = byte_at(atr, 1), interface = t0;
	size_t at = 2, count;

	if (t0 < 0 || strlen(atr) >= ATR_TEXT_MAX)
		return false;
	/* The high half of T0, and of each TD, says which of TA, TB, TC, TD follow. */
	while (interface >= 0x10) {
		bool more = (interface & 0x80) != 0;

		for (int bit = 0x10; bit <= 0x80; bit <<= 1)
			at += (interface & bit) != 0;
		if (!more)
			break;
		if ((interface = byte_at(atr, at - 1)) < 0)
			return false;
	}
	count = (size_t)t0 & 0x0f;
	if (strlen(atr) < 2 * (at + count))
		return false;
	snprintf(ret_historical, ATR_TEXT_MAX, "%.*s", (int)(2 * count), atr + 2 * at);
	return true;
}

bool
atr_pattern_matches(const char *pattern, const char *text, bool whole)
{
	for (; *pattern != '\0'; pattern++, text++)
		if (*text == '\0' || (*pattern != '.' && *pattern != *text))
			return false;
	return !whole || *text == '\0';
}
