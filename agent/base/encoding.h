/* SPDX-License-Identifier: Apache-2.0 */
/* base/encoding.h: base64 (RFC 4648 sections 4 and 5, strict) and hex, between bytes and text. */
#ifndef BASE_ENCODING_H
#define BASE_ENCODING_H

#include <stddef.h>

/* Base64 with padding; the caller frees it. NULL when memory runs out. */
char *base64_encode(const void *data, size_t len);

/* Bytes of a base64 text; refuses white space, wrong padding and stray bits. The caller frees *ret_data. 0 or ERR_INVALID_PARAMS. */
int base64_decode(const char *text, unsigned char **ret_data, size_t *ret_len);

/* Bytes of len characters of base64url without padding (RFC 7515 section 2); otherwise as base64_decode(). */
int base64url_decode(const char *text, size_t len, unsigned char **ret_data, size_t *ret_len);

/* Lower-case hex; the caller frees it. NULL when memory runs out. */
char *hex_encode(const void *data, size_t len);

/* Bytes of a hex text of either case. The caller frees *ret_data. 0 or ERR_INVALID_PARAMS. */
int hex_decode(const char *text, unsigned char **ret_data, size_t *ret_len);

#endif
