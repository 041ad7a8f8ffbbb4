/* SPDX-License-Identifier: Apache-2.0 */
/* pdf/lexer.h: where a token of PDF starts and ends (ISO 32000-1 7.2, 7.3). Never reads past the cursor's end. */
#ifndef PDF_LEXER_H
#define PDF_LEXER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Where reading stands, in bytes that somebody else owns. */
struct pdf_cursor {
	const unsigned char *p, *end;
};

bool pdf_is_space(unsigned char c);

/* Neither white space nor a delimiter: what names, numbers and keywords consist of. */
bool pdf_is_regular(unsigned char c);

/* Skips white space and comments. */
void pdf_skip_space(struct pdf_cursor *c);

/* Takes this keyword, which must end where a regular character ends. False, and nothing taken, when another token stands here. */
bool pdf_take_word(struct pdf_cursor *c, const char *word);

/* Takes an unsigned decimal number of at most max. False, and nothing taken, when there is none. */
bool pdf_take_number(struct pdf_cursor *c, uint64_t max, uint64_t *ret_number);

/* Skip one token whose first character stands here: "/Name", "(text)", "<6869>". False when it is malformed or does not end. */
bool pdf_skip_name(struct pdf_cursor *c);
bool pdf_skip_string(struct pdf_cursor *c);
bool pdf_skip_hex_string(struct pdf_cursor *c);

/* 0 to 15, or -1. */
int pdf_hex_digit(unsigned char c);

#endif
