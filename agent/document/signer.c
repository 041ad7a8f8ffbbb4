/* SPDX-License-Identifier: Apache-2.0 */
/* document/signer.c: reads and checks the signer's certificate; checks and encodes the signature value. */
#include "document/signer.h"

#include <stdlib.h>
#include <string.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>

#include "base/err.h"
#include "base/json.h"
#include "trust/certificates.h"

#define RSA_BITS_MIN 2048	/* ETSI TS 119 312 */
#define RSA_BITS_MAX 8192

static const struct {
	const char *name;
	const EVP_MD *(*md)(void);
} digests[] = {
	{ "sha256", EVP_sha256 },
	{ "sha384", EVP_sha384 },
	{ "sha512", EVP_sha512 },
};

static bool
signer_has(const struct signer *signer, X509 *certificate)
{
	if (X509_cmp(signer->certificate, certificate) == 0)
		return true;
	for (int i = 0; i < sk_X509_num(signer->chain); i++)
		if (X509_cmp(sk_X509_value(signer->chain, i), certificate) == 0)
			return true;
	return false;
}

static int
chain_read(struct signer *signer, const cJSON *chain)
{
	const cJSON *item;
	int r;

	if ((signer->chain = sk_X509_new_null()) == NULL)
		return ERR_INTERNAL;
	if (cJSON_GetArraySize(chain) > CHAIN_MAX)
		return ERR_INVALID_PARAMS;
	cJSON_ArrayForEach(item, chain) {
		X509 *certificate = NULL;

		if ((r = certificate_from_json(item, &certificate)) != 0)
			return r;
		if (signer_has(signer, certificate)) {
			X509_free(certificate);
		} else if (sk_X509_push(signer->chain, certificate) <= 0) {
			X509_free(certificate);
			return ERR_INTERNAL;
		}
	}
	return 0;
}

int
signer_key_check(const EVP_PKEY *key)
{
	char curve[32] = "";

	if (key == NULL)
		return ERR_ALGORITHM_UNSUPPORTED;
	if (EVP_PKEY_is_a(key, "RSA"))
		return EVP_PKEY_get_bits(key) >= RSA_BITS_MIN && EVP_PKEY_get_bits(key) <= RSA_BITS_MAX ? 0 : ERR_ALGORITHM_UNSUPPORTED;
	if (!EVP_PKEY_is_a(key, "EC") || EVP_PKEY_get_group_name(key, curve, sizeof(curve), NULL) != 1)
		return ERR_ALGORITHM_UNSUPPORTED;
	return strcmp(curve, "prime256v1") == 0 || strcmp(curve, "secp384r1") == 0 || strcmp(curve, "secp521r1") == 0 ?
	    0 : ERR_ALGORITHM_UNSUPPORTED;
}

static int
certificate_check(X509 *certificate)
{
	uint32_t flags = X509_get_extension_flags(certificate);

	/* A certificate without keyUsage may do anything, also log in: the same key must not sign contracts. */
	if (flags & (EXFLAG_INVALID | EXFLAG_CA) || !(flags & EXFLAG_KUSAGE) ||
	    !(X509_get_key_usage(certificate) & X509v3_KU_NON_REPUDIATION))
		return ERR_CERTIFICATE_UNSUITABLE;
	return signer_key_check(X509_get0_pubkey(certificate));
}

int
signer_read(const cJSON *request, struct signer *ret_signer)
{
	struct signer signer = { NULL, NULL, NULL, NULL, 0 };
	const char *name = json_string(request, "digestAlgorithm");
	int r;

	for (size_t i = 0; name != NULL && i < sizeof(digests) / sizeof(digests[0]); i++) {
		if (strcmp(name, digests[i].name) == 0) {
			signer.md = digests[i].md();
			signer.digest_name = digests[i].name;
		}
	}
	if (signer.md == NULL)
		return ERR_ALGORITHM_UNSUPPORTED;
	if ((r = certificate_from_json(json_member(request, "certificate"), &signer.certificate)) != 0 ||
	    (r = certificate_check(signer.certificate)) != 0 ||
	    (r = chain_read(&signer, json_member(request, "chain"))) != 0)
		goto out;
	*ret_signer = signer;
	signer = (struct signer){ NULL, NULL, NULL, NULL, 0 };
out:
	signer_clear(&signer);
	return r;
}

int
signer_share(const struct signer *signer, struct signer *ret_signer)
{
	STACK_OF(X509) *chain = X509_chain_up_ref(signer->chain);

	if (chain == NULL || X509_up_ref(signer->certificate) != 1) {
		sk_X509_pop_free(chain, X509_free);
		return ERR_INTERNAL;
	}
	*ret_signer = *signer;
	ret_signer->chain = chain;
	return 0;
}

void
signer_clear(struct signer *signer)
{
	X509_free(signer->certificate);
	sk_X509_pop_free(signer->chain, X509_free);
	*signer = (struct signer){ NULL, NULL, NULL, NULL, 0 };
}

size_t
signer_value_max(const struct signer *signer)
{
	return (size_t)EVP_PKEY_get_size(X509_get0_pubkey(signer->certificate));
}

/* r || s, each as long as the curve's order, as PKCS #11 has it (v2.40 mechanisms, 2.3.1), into an ECDSA-Sig-Value. */
static int
ecdsa_value_encode(const EVP_PKEY *key, const unsigned char *raw, size_t raw_len, unsigned char **ret_value, size_t *ret_len)
{
	size_t half = ((size_t)EVP_PKEY_get_bits(key) + 7) / 8;
	ECDSA_SIG *signature;
	BIGNUM *r, *s;
	unsigned char *der = NULL;
	int len;

	if (raw_len != 2 * half)
		return ERR_MODULE_FAILED;
	signature = ECDSA_SIG_new();
	r = BN_bin2bn(raw, (int)half, NULL);
	s = BN_bin2bn(raw + half, (int)half, NULL);
	if (signature == NULL || r == NULL || s == NULL || ECDSA_SIG_set0(signature, r, s) != 1) {
		BN_free(r);
		BN_free(s);
		ECDSA_SIG_free(signature);
		return ERR_INTERNAL;
	}
	len = i2d_ECDSA_SIG(signature, &der);
	ECDSA_SIG_free(signature);
	if (len <= 0)
		return ERR_INTERNAL;
	*ret_value = der;
	*ret_len = (size_t)len;
	return 0;
}

static int
value_verify(const struct signer *signer, const unsigned char *digest, const unsigned char *value, size_t len)
{
	EVP_PKEY *key = X509_get0_pubkey(signer->certificate);
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(key, NULL);
	int r = ERR_INTERNAL;

	if (ctx == NULL || EVP_PKEY_verify_init(ctx) != 1 ||
	    (EVP_PKEY_is_a(key, "RSA") && EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PADDING) != 1) ||
	    EVP_PKEY_CTX_set_signature_md(ctx, signer->md) != 1)
		goto out;
	r = EVP_PKEY_verify(ctx, value, len, digest, (size_t)EVP_MD_get_size(signer->md)) == 1 ? 0 : ERR_MODULE_FAILED;
out:
	EVP_PKEY_CTX_free(ctx);
	return r;
}

int
signer_encode_value(const struct signer *signer, const unsigned char *digest, const unsigned char *raw, size_t raw_len,
    unsigned char **ret_value, size_t *ret_len)
{
	const EVP_PKEY *key = X509_get0_pubkey(signer->certificate);
	unsigned char *value = NULL;
	size_t len = raw_len;
	int r;

	if (raw_len == 0 || raw_len > 2 * signer_value_max(signer))
		return ERR_MODULE_FAILED;
	if (EVP_PKEY_is_a(key, "RSA"))
		r = (value = OPENSSL_memdup(raw, raw_len)) == NULL ? ERR_INTERNAL : 0;
	else
		r = ecdsa_value_encode(key, raw, raw_len, &value, &len);
	if (r != 0 || (r = value_verify(signer, digest, value, len)) != 0)
		goto out;
	*ret_value = value;
	*ret_len = len;
	value = NULL;
out:
	OPENSSL_free(value);
	return r;
}
