/* SPDX-License-Identifier: Apache-2.0 */
/* pdf/object.h: PDF values as spans of the file: read on demand, copied byte for byte, never built into a tree. */
#ifndef PDF_OBJECT_H
#define PDF_OBJECT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "pdf/lexer.h"

#define PDF_NUMBERS_MAX 8388608u		/* object numbers (ISO 32000-1 Annex C) */
#define PDF_GENERATION_MAX 65535u
#define PDF_DEPTH_MAX 64			/* arrays and dictionaries in each other; also pages and fields */
#define PDF_VALUE_MAX ((size_t)16 << 20)	/* bytes of one direct value that we read */

enum pdf_type { PDF_NULL, PDF_BOOLEAN, PDF_NUMBER, PDF_STRING, PDF_NAME, PDF_ARRAY, PDF_DICT, PDF_REFERENCE };

/* A value and the bytes that it stands in, which belong to the document. */
struct pdf_value {
	enum pdf_type type;
	const unsigned char *start, *end;
	uint32_t number, generation;	/* of a PDF_REFERENCE */
};

/* Takes the next value, whole. 0, ERR_DOCUMENT_INVALID (malformed) or ERR_TOO_LARGE (PDF_DEPTH_MAX, PDF_VALUE_MAX). */
int pdf_value_read(struct pdf_cursor *c, struct pdf_value *ret_value);

/*
 * The value of a key; a missing one reads as PDF_NULL.  ERR_DOCUMENT_INVALID when value is no dictionary, or when the key stands there
 * twice: readers differ in which one they believe.
 */
int pdf_dict_get(const struct pdf_value *dict, const char *key, struct pdf_value *ret_value);

/* Walks a dictionary or an array: starts, and then 1: *ret is the next item, 0: no more, negative: malformed. */
struct pdf_cursor pdf_items(const struct pdf_value *container);
int pdf_dict_next(struct pdf_cursor *c, struct pdf_value *ret_key, struct pdf_value *ret_value);
int pdf_array_next(struct pdf_cursor *c, struct pdf_value *ret_value);

bool pdf_name_is(const struct pdf_value *value, const char *name);
bool pdf_name_is_one_of(const struct pdf_value *value, const char *const *names);	/* NULL ends them */
bool pdf_is_true(const struct pdf_value *value);

/* A whole number of 0 to max. */
bool pdf_unsigned(const struct pdf_value *value, uint64_t max, uint64_t *ret_number);

/* Appends a string's bytes without its escapes; ERR_DOCUMENT_INVALID when value is no string. */
int pdf_string_bytes(const struct pdf_value *value, struct buf *out);

/* Appends UTF-8 text as a PDF string: literal when it is ASCII, else UTF-16BE with a byte order mark in hex (7.9.2.2). */
void pdf_text_append(struct buf *out, const char *text);

#endif
