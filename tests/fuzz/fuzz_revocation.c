/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fuzz_revocation.c: any bytes as an OCSP answer and as a CRL; what can be parsed is signed again, so that the ways behind the signature are
 * gone too.  Whoever has no memory may know less, but nothing else.
 */
#include <time.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/param_build.h>

#include "base/err.h"
#include "fuzz.h"
#include "trust/revocation.h"
#include "unit/pki.h"

static struct pki_party root, sub, leaf;
static struct trust *trust;
static STACK_OF(X509) *chain;
static time_t now;

/* The P-256 key with this private number: seeds made elsewhere (tests/e2e/revocation_pki.py) name the same certificates. */
static EVP_PKEY *
key_of(unsigned long number)
{
	EC_GROUP *group = EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1);
	EC_POINT *point = EC_POINT_new(group);
	OSSL_PARAM_BLD *build = OSSL_PARAM_BLD_new();
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);
	BIGNUM *secret = BN_new();
	EVP_PKEY *key = NULL;
	unsigned char public[65];
	OSSL_PARAM *params;

	BN_set_word(secret, number);
	pki_must(EC_POINT_mul(group, point, secret, NULL, NULL, NULL) == 1 &&
	    EC_POINT_point2oct(group, point, POINT_CONVERSION_UNCOMPRESSED, public, sizeof(public), NULL) == sizeof(public), "point");
	OSSL_PARAM_BLD_push_utf8_string(build, OSSL_PKEY_PARAM_GROUP_NAME, "P-256", 0);
	OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_PRIV_KEY, secret);
	OSSL_PARAM_BLD_push_octet_string(build, OSSL_PKEY_PARAM_PUB_KEY, public, sizeof(public));
	params = OSSL_PARAM_BLD_to_param(build);
	pki_must(EVP_PKEY_fromdata_init(ctx) == 1 && EVP_PKEY_fromdata(ctx, &key, EVP_PKEY_KEYPAIR, params) == 1, "key");
	OSSL_PARAM_free(params);
	OSSL_PARAM_BLD_free(build);
	EVP_PKEY_CTX_free(ctx);
	BN_free(secret);
	EC_POINT_free(point);
	EC_GROUP_free(group);
	return key;
}

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
	char *pem;

	(void)argc;
	(void)argv;
	now = time(NULL);
	root = pki_make(&(struct pki_wish){ .name = "KÖK", .key = key_of(1001), .serial = 1, .extensions = { CA_EXTENSIONS } });
	sub = pki_make(&(struct pki_wish){ .name = "ALT KÖK", .key = key_of(1002), .serial = 2, .issuer = &root, .extensions = { CA_EXTENSIONS } });
	leaf = pki_make(&(struct pki_wish){ .name = "Çağla", .key = key_of(1003), .serial = 3, .issuer = &sub,
		.extensions = { "keyUsage=critical,nonRepudiation", "crlDistributionPoints=URI:http://crl.example/" } });
	pem = pki_pem((X509 *[]){ root.certificate, sub.certificate, NULL });
	pki_must(trust_new(pem, strlen(pem), &trust) == 0, "trust");
	free(pem);
	chain = sk_X509_new_null();
	sk_X509_push(chain, leaf.certificate);
	sk_X509_push(chain, sub.certificate);
	sk_X509_push(chain, root.certificate);
	return 0;
}

typedef int (*judge)(const unsigned char *der, size_t len, struct revocation *ret_revocation);

static int
ocsp(const unsigned char *der, size_t len, struct revocation *ret_revocation)
{
	return ocsp_judge(trust, chain, 0, der, len, NULL, now, ret_revocation);
}

static int
crl(const unsigned char *der, size_t len, struct revocation *ret_revocation)
{
	return crl_judge(trust, chain, 0, der, len, now, ret_revocation);
}

/* A finding is either a status or a problem, whatever the bytes; without memory it is the same, or a problem. */
static void
judge_try(judge by, const unsigned char *der, size_t len)
{
	struct revocation sober = { 0 }, r = { 0 };
	bool memory = fuzz_memory_pause();

	fuzz_require(by(der, len, &sober) == 0 && (sober.status == REVOCATION_UNKNOWN) == (sober.problem != NULL), "neither known nor unknown");
	fuzz_memory_resume(memory);
	if (!memory)
		return;
	if (by(der, len, &r) == 0)
		fuzz_require((r.status == REVOCATION_UNKNOWN) == (r.problem != NULL) && (r.status == REVOCATION_UNKNOWN || r.status == sober.status ||
		    (r.status == REVOCATION_REVOKED && sober.status == REVOCATION_SUSPENDED)), "without memory it says something else");
	else
		fuzz_require(fuzz_memory_failed(), "no memory");
}

/* The answer as the right responder would have signed it: its length, or 0; *ret_der is the caller's. */
static int
ocsp_sign(const uint8_t *data, size_t size, unsigned char **ret_der)
{
	const unsigned char *p = data;
	OCSP_RESPONSE *response = d2i_OCSP_RESPONSE(NULL, &p, (long)size), *again;
	OCSP_BASICRESP *basic = response != NULL ? OCSP_response_get1_basic(response) : NULL;
	const ASN1_OCTET_STRING *hash;
	const X509_NAME *name = NULL;
	int len = 0;

	/* OpenSSL 3.0 can't name the responder anew where it was named by its key. */
	if (basic != NULL && OCSP_resp_get0_id(basic, &hash, &name) == 1 && name != NULL && OCSP_basic_sign(basic, sub.certificate, sub.key, EVP_sha256(), NULL, OCSP_NOTIME | OCSP_NOCERTS) == 1 &&
	    (again = OCSP_response_create(OCSP_RESPONSE_STATUS_SUCCESSFUL, basic)) != NULL) {
		len = i2d_OCSP_RESPONSE(again, ret_der);
		OCSP_RESPONSE_free(again);
	}
	OCSP_BASICRESP_free(basic);
	OCSP_RESPONSE_free(response);
	return len;
}

/* The same of a CRL. */
static int
crl_sign(const uint8_t *data, size_t size, unsigned char **ret_der)
{
	const unsigned char *p = data;
	X509_CRL *list = d2i_X509_CRL(NULL, &p, (long)size);
	int len = 0;

	if (list != NULL && X509_CRL_set_issuer_name(list, X509_get_subject_name(sub.certificate)) == 1 && X509_CRL_sign(list, sub.key, EVP_sha256()) > 0)
		len = i2d_X509_CRL(list, ret_der);
	X509_CRL_free(list);
	return len;
}

static void
both_try(judge by, int (*sign)(const uint8_t *data, size_t size, unsigned char **ret_der), const uint8_t *data, size_t size)
{
	unsigned char *der = NULL;
	bool memory = fuzz_memory_pause();
	int len = sign(data, size, &der);

	ERR_clear_error();
	fuzz_memory_resume(memory);
	judge_try(by, data, size);
	if (len > 0)
		judge_try(by, der, (size_t)len);
	OPENSSL_free(der);
}

void
fuzz_run(const uint8_t *data, size_t size)
{
	both_try(ocsp, ocsp_sign, data, size);
	both_try(crl, crl_sign, data, size);
	ERR_clear_error();
}
