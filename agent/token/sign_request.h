/* SPDX-License-Identifier: Apache-2.0 */
/* token/sign_request.h: the members of the op `sign`, checked and decoded. */
#ifndef TOKEN_SIGN_REQUEST_H
#define TOKEN_SIGN_REQUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <cjson/cJSON.h>
#include <p11-kit/pkcs11.h>

#define SIGN_DIGESTS_MAX 1000
#define DIGEST_MAX 64
#define DIGEST_PREFIX_LEN 19

struct digest_algorithm {
	const char *name;
	size_t len;				/* bytes of a digest */
	unsigned char prefix[DIGEST_PREFIX_LEN];	/* of its DigestInfo, RFC 8017 section 9.2 note 1 */
};

struct sign_request {
	CK_SLOT_ID slot;
	const char *serial;			/* borrowed from the JSON */
	unsigned char *cka_id;
	size_t cka_id_len;
	bool rsa;				/* or EC */
	const struct digest_algorithm *algorithm;
	unsigned char *digests;			/* count times algorithm->len bytes */
	size_t count;
};

/* Reads the request; pair with sign_request_clear(). 0, or ERR_INVALID_PARAMS, ERR_TOO_LARGE with *ret_member, the name of the bad one. */
int sign_request_read(const cJSON *json, struct sign_request *ret_request, const char **ret_member);

/* Accepts a zeroed request. */
void sign_request_clear(struct sign_request *request);

#endif
