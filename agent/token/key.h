/* SPDX-License-Identifier: Apache-2.0 */
/* token/key.h: the private key that signs, and one signature by it. */
#ifndef TOKEN_KEY_H
#define TOKEN_KEY_H

#include "token/login.h"
#include "token/sign_request.h"

#define SIGNATURE_MAX 1024	/* RSA of 8,192 bits */

struct key {
	CK_OBJECT_HANDLE handle;
	bool rsa;
	bool always_authenticate;	/* wants a login of its own before each signature */
	size_t modulus_len;		/* bytes; 0 for EC and when the module does not tell */
};

/* Whether the token signs at all as request wants. 0, ERR_ALGORITHM_UNSUPPORTED or another error, told to call. */
int key_check_mechanism(struct module *module, const struct sign_request *request, struct helper_call *call);

/* Whether a certificate with the request's CKA_ID is there: asked before a login is spent on it. 0 or an error, told to call. */
int key_check_certificate(struct session *session, const struct sign_request *request, struct helper_call *call);

/* The private key of the request, after login. 0, ERR_NOT_FOUND or another error, told to call. */
int key_find(struct session *session, const struct sign_request *request, struct helper_call *call, struct key *ret_key);

/*
 * Signs request's digest number i into signature (SIGNATURE_MAX bytes); pin is for a key that always authenticates (NULL: keypad).
 * RSASSA-PKCS1-v1_5, or ECDSA as r || s.  0 or an error, told to call.
 */
int key_sign(struct session *session, const struct key *key, const struct sign_request *request, size_t i, const struct secret *pin,
    struct helper_call *call, unsigned char *signature, size_t *ret_len);

#endif
