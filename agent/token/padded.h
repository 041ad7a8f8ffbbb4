/* SPDX-License-Identifier: Apache-2.0 */
/* token/padded.h: the fixed-width texts of PKCS #11 structures, which modules fill with blanks, NULs or rubbish. */
#ifndef TOKEN_PADDED_H
#define TOKEN_PADDED_H

#include <stdbool.h>
#include <stddef.h>
#include <cjson/cJSON.h>

/*
 * len bytes (not terminated) as UTF-8 without the padding at their end.  What is no UTF-8 and what is a control character becomes U+FFFD.
 * The caller frees it; NULL when memory runs out.
 */
char *padded_text(const unsigned char *data, size_t len);

/* Adds padded_text() as a string member; false when memory runs out. */
bool padded_add(cJSON *object, const char *name, const unsigned char *data, size_t len);

#endif
