/* SPDX-License-Identifier: Apache-2.0 */
/* base/ascii.h: case folding of protocol text without the locale: under tr_TR strcasecmp("ORIGIN", "origin") is not 0. */
#ifndef BASE_ASCII_H
#define BASE_ASCII_H

#include <stdbool.h>

static inline char
ascii_folded(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

/* Whether two strings are the same when A-Z count as a-z; other bytes must be equal. */
static inline bool
ascii_equal_folded(const char *a, const char *b)
{
	for (; *a != '\0' && *b != '\0'; a++, b++)
		if (ascii_folded(*a) != ascii_folded(*b))
			return false;
	return *a == *b;
}

#endif
