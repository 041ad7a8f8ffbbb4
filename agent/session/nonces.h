/* SPDX-License-Identifier: Apache-2.0 */
/* session/nonces.h: names that were used and must not be used again before their time is over; a file keeps them over the agent's restarts. */
#ifndef SESSION_NONCES_H
#define SESSION_NONCES_H

#include <stdint.h>

#define NONCES_MAX 512	/* at once: more dialogs than anybody answers in the ten minutes */

struct nonces;

/* Reads the file at this path, which need not be there; a damaged one is told and forgotten. 0 or ERR_INTERNAL (no memory). */
int nonces_new(const char *path, int64_t now, struct nonces **ret_nonces);

/* Accepts NULL. */
void nonces_free(struct nonces *nonces);

/* 0, or ERR_MANIFEST_REPLAYED: this name of this origin has been used; ERR_INTERNAL. */
int nonces_check(const struct nonces *nonces, const char *origin, const char *name, int64_t now);

/*
 * Uses it, until that time (seconds since 1970).  0; ERR_MANIFEST_REPLAYED: it has been; ERR_BUSY: too many are in use; ERR_INTERNAL: no
 * memory.  When the file can't be written, that is told in the log and it holds until the agent ends.
 */
int nonces_use(struct nonces *nonces, const char *origin, const char *name, int64_t until, int64_t now);

#endif
