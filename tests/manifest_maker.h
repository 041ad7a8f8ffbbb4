/* SPDX-License-Identifier: Apache-2.0 */
/* manifest_maker.h: a portal's server for tests: makes compact JWS with the key of RFC 8037 appendix A.1. */
#ifndef MANIFEST_MAKER_H
#define MANIFEST_MAKER_H

#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

#include "base/encoding.h"

#define MAKER_X "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"
#define MAKER_D "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A"
#define MAKER_HEADER "{\"alg\":\"EdDSA\",\"typ\":\"imza-manifest+jwt\"}"

/* The caller's. */
static inline char *
maker_base64url(const void *data, size_t len)
{
	char *text = base64_encode(data, len);

	for (char *p = text; p != NULL && *p != '\0'; p++)
		*p = *p == '+' ? '-' : *p == '/' ? '_' : *p == '=' ? '\0' : *p;
	return text;
}

/* Signs "header.payload" as it stands: the whole, the caller's; NULL when that fails. */
static inline char *
maker_sign(const char *both)
{
	unsigned char *d = NULL, signature[64];
	size_t len = 0, signature_len = sizeof(signature);
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	EVP_PKEY *key = base64url_decode(MAKER_D, strlen(MAKER_D), &d, &len) == 0 ? EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, d, len) : NULL;
	char *text = NULL, *third = NULL;

	if (key != NULL && EVP_DigestSignInit(context, NULL, NULL, NULL, key) == 1 &&
	    EVP_DigestSign(context, signature, &signature_len, (const unsigned char *)both, strlen(both)) == 1 &&
	    (third = maker_base64url(signature, signature_len)) != NULL && asprintf(&text, "%s.%s", both, third) < 0)
		text = NULL;
	EVP_MD_CTX_free(context);
	EVP_PKEY_free(key);
	free(d);
	free(third);
	return text;
}

/* The caller's. */
static inline char *
maker_make(const char *header, const char *claims)
{
	char *first = maker_base64url(header, strlen(header)), *second = maker_base64url(claims, strlen(claims)), *both = NULL, *text = NULL;

	if (asprintf(&both, "%s.%s", first, second) > 0)
		text = maker_sign(both);
	free(first);
	free(second);
	free(both);
	return text;
}

#endif
