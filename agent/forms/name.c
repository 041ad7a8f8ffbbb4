/* SPDX-License-Identifier: Apache-2.0 */
/* forms/name.c: folds letter by letter with tables of its own: Turkish capitals are in no locale that can be relied on. */
#include "forms/name.h"

#include <stddef.h>
#include <stdint.h>

/* Small letters and the letter and combining mark that they are in NFD: those of names in Turkey and of its neighbours. */
static const struct { uint16_t letter, base, mark; } composed[] = {
	{ 0xe0, 'a', 0x300 }, { 0xe1, 'a', 0x301 }, { 0xe2, 'a', 0x302 }, { 0xe3, 'a', 0x303 }, { 0xe4, 'a', 0x308 }, { 0xe5, 'a', 0x30a },
	{ 0xe7, 'c', 0x327 }, { 0xe8, 'e', 0x300 }, { 0xe9, 'e', 0x301 }, { 0xea, 'e', 0x302 }, { 0xeb, 'e', 0x308 }, { 0xec, 'i', 0x300 },
	{ 0xed, 'i', 0x301 }, { 0xee, 'i', 0x302 }, { 0xef, 'i', 0x308 }, { 0xf1, 'n', 0x303 }, { 0xf2, 'o', 0x300 }, { 0xf3, 'o', 0x301 },
	{ 0xf4, 'o', 0x302 }, { 0xf5, 'o', 0x303 }, { 0xf6, 'o', 0x308 }, { 0xf9, 'u', 0x300 }, { 0xfa, 'u', 0x301 }, { 0xfb, 'u', 0x302 },
	{ 0xfc, 'u', 0x308 }, { 0xfd, 'y', 0x301 }, { 0xff, 'y', 0x308 }, { 0x101, 'a', 0x304 }, { 0x103, 'a', 0x306 }, { 0x105, 'a', 0x328 },
	{ 0x107, 'c', 0x301 }, { 0x10d, 'c', 0x30c }, { 0x10f, 'd', 0x30c }, { 0x113, 'e', 0x304 }, { 0x117, 'e', 0x307 }, { 0x119, 'e', 0x328 },
	{ 0x11b, 'e', 0x30c }, { 0x11f, 'g', 0x306 }, { 0x12b, 'i', 0x304 }, { 0x13a, 'l', 0x301 }, { 0x144, 'n', 0x301 }, { 0x148, 'n', 0x30c },
	{ 0x14d, 'o', 0x304 }, { 0x151, 'o', 0x30b }, { 0x155, 'r', 0x301 }, { 0x159, 'r', 0x30c }, { 0x15b, 's', 0x301 }, { 0x15f, 's', 0x327 },
	{ 0x161, 's', 0x30c }, { 0x163, 't', 0x327 }, { 0x165, 't', 0x30c }, { 0x16b, 'u', 0x304 }, { 0x16f, 'u', 0x30a }, { 0x171, 'u', 0x30b },
	{ 0x173, 'u', 0x328 }, { 0x17a, 'z', 0x301 }, { 0x17c, 'z', 0x307 }, { 0x17e, 'z', 0x30c },
};

/* Reads one code point and moves on; a byte that is no UTF-8 stands for itself. 0 at the end. */
static uint32_t
code_point_next(const char **text)
{
	const unsigned char *p = (const unsigned char *)*text;
	size_t len = *p >= 0xf0 ? 4 : *p >= 0xe0 ? 3 : *p >= 0xc0 ? 2 : 1;
	uint32_t c = len == 1 ? *p : *p & (0x7fu >> len);

	if (*p == '\0')
		return 0;
	for (size_t i = 1; i < len; i++) {
		if ((p[i] & 0xc0) != 0x80) {
			(*text)++;
			return *p;
		}
		c = c << 6 | (p[i] & 0x3f);
	}
	*text += len;
	return c;
}

static uint32_t
small(uint32_t c)
{
	if (c == 'I')
		return 0x131;
	if (c == 0x130)
		return 'i';
	if (c == 0x131 || c == 0x138 || c == 0x149 || c == 0xd7)
		return c;
	if ((c >= 'A' && c <= 'Z') || (c >= 0xc0 && c <= 0xde))
		return c + 32;
	if (c == 0x178)
		return 0xff;
	/* Latin Extended-A goes by pairs, capital first: in two parts of it the capital is odd. */
	if ((c >= 0x139 && c <= 0x148) || (c >= 0x179 && c <= 0x17e))
		return c % 2 == 1 ? c + 1 : c;
	if (c >= 0x100 && c <= 0x177)
		return c | 1;
	return c == 0x2019 ? '\'' : c;
}

static bool
is_space(uint32_t c)
{
	return c == ' ' || (c >= '\t' && c <= '\r') || c == 0xa0;
}

/* The letter with its mark as one small letter; 0 when there is no such letter. */
static uint32_t
compose(uint32_t base, uint32_t mark)
{
	/* The dot of İ and i, and the accents of dotless capital I, belong to i. */
	if (mark == 0x307 && (base == 0x131 || base == 'i'))
		return 'i';
	if (base == 0x131)
		base = 'i';
	for (size_t i = 0; i < sizeof(composed) / sizeof(composed[0]); i++)
		if (composed[i].base == base && composed[i].mark == mark)
			return composed[i].letter;
	return 0;
}

/* The next letter, folded; one blank for a run of them, none at the end. */
static uint32_t
letter_next(const char **text)
{
	uint32_t c = code_point_next(text), mark, whole;
	const char *after = *text;

	if (is_space(c)) {
		for (c = code_point_next(&after); is_space(c); c = code_point_next(&after))
			*text = after;
		return c == 0 ? 0 : ' ';
	}
	c = small(c);
	while (c != 0 && (mark = code_point_next(&after)) >= 0x300 && mark < 0x370 && (whole = compose(c, mark)) != 0) {
		c = whole;
		*text = after;
	}
	return c;
}

static const char *
start_of(const char *text)
{
	const char *after = text;

	while (is_space(code_point_next(&after)))
		text = after;
	return text;
}

bool
name_same(const char *a, const char *b)
{
	uint32_t letter;

	a = start_of(a);
	b = start_of(b);
	do {
		if ((letter = letter_next(&a)) != letter_next(&b))
			return false;
	} while (letter != 0);
	return true;
}
