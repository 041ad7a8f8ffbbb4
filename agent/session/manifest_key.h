/* SPDX-License-Identifier: Apache-2.0 */
/* session/manifest_key.h: a value of the setting manifest-key: whose manifests are wanted, and the key that signs them. */
#ifndef SESSION_MANIFEST_KEY_H
#define SESSION_MANIFEST_KEY_H

#include "session/origin_text.h"

#define MANIFEST_KEY_BYTES 32	/* of an Ed25519 public key (RFC 8032) */

struct manifest_key {
	char origin[ORIGIN_MAX + 1];
	unsigned char key[MANIFEST_KEY_BYTES];
};

/* Reads "ORIGIN KEY", KEY being the member x of the key's JWK (RFC 8037 section 2). 0, ERR_INVALID_PARAMS, ERR_INTERNAL. */
int manifest_key_read(const char *value, struct manifest_key *ret_key);

#endif
