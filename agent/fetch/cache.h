/* SPDX-License-Identifier: Apache-2.0 */
/* fetch/cache.h: OCSP answers and CRLs that were fetched, in a folder of this user's; what comes out is judged as if it came from the net. */
#ifndef FETCH_CACHE_H
#define FETCH_CACHE_H

#include <stddef.h>
#include <time.h>

#define CACHE_FILES_MAX 256
#define CACHE_NAME_MAX 65

/* Opens the folder, before the sandbox. -1: there is none, and nothing is kept. */
int cache_open(const char *folder);

/* The name that these bytes (what is asked, and where) are kept under. */
void cache_name(const char *kind, const void *key, size_t len, char name[CACHE_NAME_MAX]);

/* What is kept, at most max bytes, and when it was kept; the caller frees *ret_data. 0 or ERR_NOT_FOUND. */
int cache_get(int folder, const char *name, size_t max, unsigned char **ret_data, size_t *ret_len, time_t *ret_kept);

/* Keeps it instead of what was there. That it could not is only told in the log. */
void cache_put(int folder, const char *name, const void *data, size_t len);

#endif
