/* SPDX-License-Identifier: Apache-2.0 */
/* prompt/text.h: makes a peer's text harmless before a person reads it. */
#ifndef PROMPT_TEXT_H
#define PROMPT_TEXT_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

#define TEXT_NAME_MAX 80	/* code points of a name: document, person, issuer, reader, label */
#define TEXT_ORIGIN_MAX 300	/* a host has at most 253 */
#define TEXT_REASON_MAX 200
#define TEXT_VALUE_MAX 1000	/* of a form's field: shown whole where possible, it is what gets signed */

/*
 * Appends text in one line of at most max code points, with an ellipsis after them if there was more.  What can't be seen or would turn
 * the line's order (controls, bidi controls, zero-width and other format characters, private use) comes out as [U+202E]; a line break as
 * a visible sign, invalid UTF-8 as U+FFFD, any run of white space as one space, a third combining mark in a row as its number.
 */
void text_append_safe(struct buf *out, const char *text, size_t max);

#define TEXT_BYTES(max) ((max) * 4 + 4)	/* that many code points, the ellipsis and the terminator */

/* The same into ret_text, which has room for TEXT_BYTES(max). */
void text_safe(const char *text, size_t max, char *ret_text);

/* The code point at *text (UTF-8, NUL-terminated), which moves on; UINT32_MAX for an invalid byte, 0 (and no move) at the end. */
uint32_t text_next(const char **text);

/* Columns that a code point takes: 0, 1 or 2. */
unsigned text_columns(uint32_t point);

/* Bytes that text has as the argument of an Assuan command: percent, CR and LF are escaped. */
size_t text_escaped_len(const char *text, size_t len);

/* Appends it like that. */
void text_append_escaped(struct buf *out, const char *text, size_t len);

#endif
