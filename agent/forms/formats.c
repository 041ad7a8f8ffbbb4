/* SPDX-License-Identifier: Apache-2.0 */
/* forms/formats.c: the check digits of Turkish numbers. No locale, no number parsing: digit by digit. */
#include "forms/formats.h"

#include <string.h>

#include "base/schema.h"

/* Exactly count decimal digits and nothing else. */
static bool
is_digits(const char *text, size_t count)
{
	return strspn(text, "0123456789") == count && text[count] == '\0';
}

bool
format_tckn(const char *text)
{
	int odd = 0, even = 0, sum = 0;

	if (!is_digits(text, 11) || text[0] == '0')
		return false;
	for (int i = 0; i < 9; i++)
		*(i % 2 == 0 ? &odd : &even) += text[i] - '0';
	for (int i = 0; i < 10; i++)
		sum += text[i] - '0';
	/* 7 * odd - even can be negative (even is at most 36): + 40 keeps the remainder. */
	return (7 * odd - even + 40) % 10 == text[9] - '0' && sum % 10 == text[10] - '0';
}

bool
format_vkn(const char *text)
{
	int sum = 0;

	if (!is_digits(text, 10))
		return false;
	for (int i = 0; i < 9; i++) {
		int t = (text[i] - '0' + 9 - i) % 10;

		sum += t == 9 ? 9 : (t << (9 - i)) % 9;
	}
	return (10 - sum % 10) % 10 == text[9] - '0';
}

/* Takes the spaces out of groups of four; false when they stand elsewhere or more than 26 characters remain. */
static bool
iban_compact(const char *text, char compact[static 27])
{
	bool grouped = strlen(text) > 4 && text[4] == ' ';
	size_t len = 0;

	for (size_t i = 0; text[i] != '\0'; i++) {
		if (grouped && i % 5 == 4) {
			if (text[i] != ' ' || text[i + 1] == '\0')
				return false;
			continue;
		}
		if (len == 26)
			return false;
		compact[len++] = text[i];
	}
	compact[len] = '\0';
	return len == 26;
}

bool
format_iban_tr(const char *text)
{
	char compact[27];
	int rest = 0;

	if (!iban_compact(text, compact) || compact[0] != 'T' || compact[1] != 'R' || strspn(compact + 2, "0123456789") < 8 || compact[9] != '0')
		return false;
	/* ISO 7064 mod 97-10 over the text with its first four characters at the end, letters as 10 to 35. */
	for (size_t i = 4; i < 30; i++) {
		char c = compact[i % 26];

		if (c >= '0' && c <= '9')
			rest = (rest * 10 + c - '0') % 97;
		else if (c >= 'A' && c <= 'Z')
			rest = (rest * 100 + c - 'A' + 10) % 97;
		else
			return false;
	}
	return rest == 1;
}

bool
format_phone_tr(const char *text)
{
	size_t digits = 0;
	bool gap = true;	/* the last character was no digit: no separator may follow */

	if (strncmp(text, "+90", 3) == 0)
		text += 3;
	else if (*text == '0')
		text++;
	if (*text == ' ')
		text++;
	if (*text == '(') {
		if (strspn(text + 1, "0123456789") != 3 || text[4] != ')')
			return false;
		if (strchr("23458", text[1]) == NULL)
			return false;
		text += 5;
		digits = 3;
		gap = false;
	}
	for (; *text != '\0'; text++) {
		if (*text == ' ' || *text == '-') {
			if (gap)
				return false;
			gap = true;
			continue;
		}
		if (*text < '0' || *text > '9' || (digits == 0 && strchr("23458", *text) == NULL))
			return false;
		digits++;
		gap = false;
	}
	return digits == 10 && !gap;
}

int
formats_register(struct schema_set *set)
{
	static const struct { const char *name; bool (*check)(const char *text); } formats[] = {
		{ "tckn", format_tckn }, { "vkn", format_vkn }, { "iban-tr", format_iban_tr }, { "phone-tr", format_phone_tr },
	};
	int err = 0;

	for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]) && err == 0; i++)
		err = schema_format_register(set, formats[i].name, formats[i].check);
	return err;
}
