/* SPDX-License-Identifier: Apache-2.0 */
/*
 * session/manifest.h: what a portal's server, not its page, says is to be signed: a JWS in compact serialization (RFC 7515), signed with
 * Ed25519 (RFC 8037, RFC 9864), with the claims of types.json manifestClaims.
 */
#ifndef SESSION_MANIFEST_H
#define SESSION_MANIFEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <cjson/cJSON.h>

#include "base/schema.h"
#include "session/manifest_key.h"

#define MANIFEST_TYPE "imza-manifest+jwt"	/* header member typ: no other token of the portal's is taken for one (RFC 8725 section 3.11) */
#define MANIFEST_MAX (256u << 10)		/* bytes: 1,000 SHA-512 in base64, in base64url */
#define MANIFEST_SECONDS_MAX 600		/* from iat to exp */
#define MANIFEST_DETAIL_BYTES 512	/* one may be CONFIG_UNREAD_BYTES */
#define MANIFEST_SKEW_SECONDS 60		/* by which the server's clock and ours may differ */

struct manifest;

/*
 * Reads and checks a manifest: form, signature by one of count keys, claims, origin, time (now: seconds since 1970).  0 and a manifest for
 * manifest_free(); ERR_MANIFEST_INVALID, ERR_MANIFEST_MISMATCH (made for another origin), ERR_MANIFEST_EXPIRED and English words for a
 * developer's log; ERR_INTERNAL.
 */
int manifest_read(const char *text, const char *origin, const struct manifest_key *const *keys, size_t count, const struct schema *claims,
    int64_t now, struct manifest **ret_manifest, char ret_detail[MANIFEST_DETAIL_BYTES]);

/* Accepts NULL. */
void manifest_free(struct manifest *manifest);

/* --- What it covers. One that was held against nothing permits nothing. --- */

/*
 * Whether it is for exactly count documents with these SHA-256 (lower-case hex), in their order.  NULL stands for one that nobody can read
 * and nobody signs, and is any.
 */
bool manifest_is_for_documents(struct manifest *manifest, const char *const *sha256s, size_t count);

/* Whether it is for exactly these hashes[] of sign.hash, in their order. */
bool manifest_is_for_hashes(struct manifest *manifest, const cJSON *hashes);

/*
 * Whether it is for this form in this version with data whose canonical form (RFC 8785) has this SHA-256, and for exactly these attachments:
 * an array of {id, sha256}, in the request's order; NULL: none.
 */
bool manifest_is_for_form(struct manifest *manifest, const char *id, int64_t version, const char *sha256, const cJSON *attachments);

/* Whether one of these has said yes. */
bool manifest_is_matched(const struct manifest *manifest);

/* --- What it says. Borrowed. --- */

/* What the signature is for, in "tr" or "en". */
const char *manifest_purpose(const struct manifest *manifest, const char *language);

/* The portal's name for it, jti: used once. */
const char *manifest_nonce(const struct manifest *manifest);

/* When it has to be forgotten no longer: exp and the clocks' difference. */
int64_t manifest_until(const struct manifest *manifest);

#endif
