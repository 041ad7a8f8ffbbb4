/* SPDX-License-Identifier: Apache-2.0 */
/* session/identity.h: the key by which a page knows this user's agent again: another user's program on the port does not have it. */
#ifndef SESSION_IDENTITY_H
#define SESSION_IDENTITY_H

#include <cjson/cJSON.h>

struct identity;

/*
 * Reads the P-256 key in this folder (PKCS #8, mode 0600), or makes it at the first start.  A damaged file is replaced: pages then meet
 * a new agent. 0 or ERR_INTERNAL.
 */
int identity_new(const char *folder, struct identity **ret_identity);
void identity_free(struct identity *identity);

/*
 * Proof of the key for this origin and challenge (base64): {publicKey: SubjectPublicKeyInfo, signature: ECDSA with SHA-256, r || s}, both
 * base64, over the bytes "imza-agent identity 1", NUL, origin, NUL, challenge.  The caller frees *ret_proof. 0, ERR_INVALID_PARAMS, ERR_INTERNAL.
 */
int identity_prove(const struct identity *identity, const char *origin, const char *challenge, cJSON **ret_proof);

#endif
