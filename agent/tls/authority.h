/* SPDX-License-Identifier: Apache-2.0 */
/* tls/authority.h: an authority that can speak for this computer only, and one leaf of it; the authority's key dies before this returns. */
#ifndef TLS_AUTHORITY_H
#define TLS_AUTHORITY_H

#include <stdint.h>

#define AUTHORITY_DAYS 397		/* of both certificates: what browsers take from public servers, and Apple from all */
#define AUTHORITY_ID_LEN 16		/* hex digits: two authorities never have one name */

struct authority {
	char id[AUTHORITY_ID_LEN + 1];
	char *certificate;	/* PEM of the authority */
	char *server;		/* PEM of the leaf and of its key: wipe it */
};

/*
 * Makes both. now: seconds since 1970. The authority's key is in OpenSSL's secure heap (locked, left out of core files) for as long as it takes
 * to sign twice, and is wiped.  0: pair with authority_clear(). ERR_INTERNAL: then nothing was made (no memory could be locked).
 */
int authority_make(int64_t now, struct authority *ret_authority);

/* Wipes and frees. Accepts a zeroed struct. */
void authority_clear(struct authority *authority);

#endif
