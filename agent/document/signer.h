/* SPDX-License-Identifier: Apache-2.0 */
/* document/signer.h: who signs: the certificate, its chain, the digest, and the value that the card gave. */
#ifndef DOCUMENT_SIGNER_H
#define DOCUMENT_SIGNER_H

#include <stddef.h>
#include <cjson/cJSON.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#define CHAIN_MAX 8				/* certificates above the signer's */

struct signer {
	X509 *certificate;
	STACK_OF(X509) *chain;		/* without the signer's own certificate and without repeats */
	const EVP_MD *md;
	const char *digest_name;	/* "sha256"...; static */
	size_t cms_max;			/* bytes of a SignedData of this signer at most, without the content; 0: not looked at yet */
};

/*
 * Reads certificate, chain and digestAlgorithm of a request and checks that they may sign: non-repudiation (RFC 5280 4.2.1.3), no CA,
 * RSA of 2048 bits or more or a NIST curve.  The caller clears *ret_signer.
 * 0, ERR_INVALID_PARAMS, ERR_CERTIFICATE_UNSUITABLE, ERR_ALGORITHM_UNSUPPORTED or ERR_INTERNAL.
 */
int signer_read(const cJSON *request, struct signer *ret_signer);

/* The same signer once more, with references of its own: pair with signer_clear() too. 0 or ERR_INTERNAL. */
int signer_share(const struct signer *signer, struct signer *ret_signer);

void signer_clear(struct signer *signer);

/* Whether a key may sign here: RSA of 2048 bits or more, or a NIST curve. 0 or ERR_ALGORITHM_UNSUPPORTED (also for NULL). */
int signer_key_check(const EVP_PKEY *key);

/* The longest encoded signature value that this key makes, in bytes. */
size_t signer_value_max(const struct signer *signer);

/*
 * Checks the card's raw signature (RSASSA-PKCS1-v1_5, or r || s of equal length) over digest against the certificate and encodes it as
 * CMS wants it (ECDSA: DER, RFC 5753 7.2).  The caller frees *ret_value with OPENSSL_free().
 * 0, ERR_MODULE_FAILED (the value does not belong to this key and digest) or ERR_INTERNAL.
 */
int signer_encode_value(const struct signer *signer, const unsigned char *digest, const unsigned char *raw, size_t raw_len,
    unsigned char **ret_value, size_t *ret_len);

#endif
