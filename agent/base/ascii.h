/* SPDX-License-Identifier: Apache-2.0 */
/* base/ascii.h: case folding of protocol text without the locale: under tr_TR strcasecmp("ORIGIN", "origin") is not 0. */
#ifndef BASE_ASCII_H
#define BASE_ASCII_H

#include <stdbool.h>

/* Whether two strings are the same when A-Z count as a-z; other bytes must be equal. */
static inline bool
ascii_equal_folded(const char *a, const char *b)
{
	for (; *a != '\0' && *b != '\0'; a++, b++) {
		char x = *a >= 'A' && *a <= 'Z' ? (char)(*a + 32) : *a, y = *b >= 'A' && *b <= 'Z' ? (char)(*b + 32) : *b;

		if (x != y)
			return false;
	}
	return *a == *b;
}

#endif
