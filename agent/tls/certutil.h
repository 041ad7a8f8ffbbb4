/* SPDX-License-Identifier: Apache-2.0 */
/* tls/certutil.h: NSS's own tool (Debian: libnss3-tools) for its databases; their format is nobody else's business. */
#ifndef TLS_CERTUTIL_H
#define TLS_CERTUTIL_H

#include <stdbool.h>
#include <stddef.h>

#define CERTUTIL_PROGRAM "/usr/bin/certutil"

/* All take the folder of a store. 0; ERR_INTERNAL after a log line with what the tool said (a primary password, a damaged database, ...). */

/* Makes an empty database without a password. */
int certutil_create(const char *folder);

/* Adds an authority (PEM) that is trusted for TLS servers and nothing else. */
int certutil_add(const char *folder, const char *nickname, const char *pem);

/* Takes every certificate out whose nickname begins so, but for the one that is called keep (NULL: none); *ret_count: how many. */
int certutil_remove(const char *folder, const char *prefix, const char *keep, size_t *ret_count);

/* Whether the database has a certificate of this nickname, trusted for TLS servers. */
bool certutil_has(const char *folder, const char *nickname);

/* Whether there is neither a certificate nor a key in it. */
bool certutil_is_empty(const char *folder);

#endif
