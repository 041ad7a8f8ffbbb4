/* SPDX-License-Identifier: Apache-2.0 */
/* pdf/lexer.c: white space, keywords, numbers, names and strings of PDF. */
#include "pdf/lexer.h"

#include <string.h>

bool
pdf_is_space(unsigned char c)
{
	return c == '\0' || c == '\t' || c == '\n' || c == '\f' || c == '\r' || c == ' ';
}

bool
pdf_is_regular(unsigned char c)
{
	return !pdf_is_space(c) && c != '(' && c != ')' && c != '<' && c != '>' && c != '[' && c != ']' && c != '{' && c != '}' &&
	    c != '/' && c != '%';
}

void
pdf_skip_space(struct pdf_cursor *c)
{
	for (; c->p < c->end; c->p++) {
		if (*c->p == '%') {
			while (c->p < c->end && *c->p != '\n' && *c->p != '\r')
				c->p++;
			if (c->p == c->end)
				return;
		} else if (!pdf_is_space(*c->p)) {
			return;
		}
	}
}

bool
pdf_take_word(struct pdf_cursor *c, const char *word)
{
	size_t len = strlen(word), left = (size_t)(c->end - c->p);

	if (left < len || memcmp(c->p, word, len) != 0 || (left > len && pdf_is_regular(c->p[len])))
		return false;
	c->p += len;
	return true;
}

bool
pdf_take_number(struct pdf_cursor *c, uint64_t max, uint64_t *ret_number)
{
	const unsigned char *p = c->p;
	uint64_t number = 0;

	for (; p < c->end && *p >= '0' && *p <= '9'; p++) {
		if (number > (UINT64_MAX - 9) / 10)
			return false;
		number = number * 10 + (uint64_t)(*p - '0');
	}
	if (p == c->p || number > max || (p < c->end && pdf_is_regular(*p)))
		return false;
	c->p = p;
	*ret_number = number;
	return true;
}

int
pdf_hex_digit(unsigned char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return -1;
}

bool
pdf_skip_name(struct pdf_cursor *c)
{
	if (c->p == c->end || *c->p != '/')
		return false;
	c->p++;
	while (c->p < c->end && pdf_is_regular(*c->p))
		c->p++;
	return true;
}

bool
pdf_skip_string(struct pdf_cursor *c)
{
	size_t open = 0;

	for (; c->p < c->end; c->p++) {
		if (*c->p == '\\') {
			if (++c->p == c->end)
				return false;
		} else if (*c->p == '(') {
			open++;
		} else if (*c->p == ')' && --open == 0) {
			c->p++;
			return true;
		}
	}
	return false;
}

bool
pdf_skip_hex_string(struct pdf_cursor *c)
{
	if (c->p == c->end || *c->p != '<')
		return false;
	for (c->p++; c->p < c->end; c->p++) {
		if (*c->p == '>') {
			c->p++;
			return true;
		}
		if (pdf_hex_digit(*c->p) < 0 && !pdf_is_space(*c->p))
			return false;
	}
	return false;
}
