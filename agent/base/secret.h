/* SPDX-License-Identifier: Apache-2.0 */
/* base/secret.h: a PIN's only home: one locked page that no core file, no fork and no swap sees. No copy, no print. */
#ifndef BASE_SECRET_H
#define BASE_SECRET_H

#include <stddef.h>

#define SECRET_MAX 64

struct secret;

/* A new empty secret, NULL when memory can't be locked. The caller frees it with secret_free(). */
struct secret *secret_new(void);

/* Wipes and frees; leaves NULL behind. Accepts a pointer to NULL. */
void secret_free(struct secret **secret);

/* Reads from fd until end of file, at most SECRET_MAX bytes. 0, ERR_USER_CANCELLED when nothing came, ERR_TOO_LARGE, ERR_INTERNAL. */
int secret_read(struct secret *secret, int fd);

/* Adds len bytes, for a PIN that comes through a library's callback. 0 or ERR_TOO_LARGE (then it is left as it was). */
int secret_append(struct secret *secret, const void *data, size_t len);

/* Wipes the bytes and keeps the page. */
void secret_clear(struct secret *secret);

/* The bytes; valid until secret_free(). */
const unsigned char *secret_data(const struct secret *secret);
size_t secret_len(const struct secret *secret);

#endif
