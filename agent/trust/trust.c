/* SPDX-License-Identifier: Apache-2.0 */
/* trust/trust.c: an X509_STORE of anchors, and OpenSSL's chain check with its findings named as ETSI names them. */
#include "trust/trust.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include "base/err.h"

#define SECURITY_LEVEL 2	/* 112 bits: no SHA-1 signature, no RSA below 2048 bits (ETSI TS 119 312) */

struct trust {
	X509_STORE *anchors;
	STACK_OF(X509) *intermediates;
	size_t anchors_count;
};

/* What one check has found, for the callback. */
struct findings {
	int date_error, date_depth;	/* the first wrong date; the rest is looked at all the same */
};

static const char NO_CHAIN[] = "NO_CERTIFICATE_CHAIN_FOUND", CONSTRAINTS[] = "CHAIN_CONSTRAINTS_FAILURE";

static const struct {
	int error;
	const char *reason;
} reasons[] = {
	{ X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT, NO_CHAIN },
	{ X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY, NO_CHAIN },
	{ X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE, NO_CHAIN },
	{ X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT, NO_CHAIN },
	{ X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN, NO_CHAIN },
	{ X509_V_ERR_CERT_SIGNATURE_FAILURE, NO_CHAIN },
	{ X509_V_ERR_UNABLE_TO_DECRYPT_CERT_SIGNATURE, NO_CHAIN },
	{ X509_V_ERR_CERT_CHAIN_TOO_LONG, NO_CHAIN },
	{ X509_V_ERR_CERT_UNTRUSTED, NO_CHAIN },
	{ X509_V_ERR_INVALID_CA, CONSTRAINTS },
	{ X509_V_ERR_INVALID_NON_CA, CONSTRAINTS },
	{ X509_V_ERR_PATH_LENGTH_EXCEEDED, CONSTRAINTS },
	{ X509_V_ERR_INVALID_PURPOSE, CONSTRAINTS },
	{ X509_V_ERR_KEYUSAGE_NO_CERTSIGN, CONSTRAINTS },
	{ X509_V_ERR_UNHANDLED_CRITICAL_EXTENSION, CONSTRAINTS },
	{ X509_V_ERR_INVALID_EXTENSION, CONSTRAINTS },
	{ X509_V_ERR_PERMITTED_VIOLATION, CONSTRAINTS },
	{ X509_V_ERR_EXCLUDED_VIOLATION, CONSTRAINTS },
	{ X509_V_ERR_UNSUPPORTED_CONSTRAINT_TYPE, CONSTRAINTS },
	{ X509_V_ERR_UNSUPPORTED_CONSTRAINT_SYNTAX, CONSTRAINTS },
	{ X509_V_ERR_UNSUPPORTED_NAME_SYNTAX, CONSTRAINTS },
	{ X509_V_ERR_SUBTREE_MINMAX, CONSTRAINTS },
	{ X509_V_ERR_EE_KEY_TOO_SMALL, "CRYPTO_CONSTRAINTS_FAILURE_NO_POE" },
	{ X509_V_ERR_CA_KEY_TOO_SMALL, "CRYPTO_CONSTRAINTS_FAILURE_NO_POE" },
	{ X509_V_ERR_CA_MD_TOO_WEAK, "CRYPTO_CONSTRAINTS_FAILURE_NO_POE" },
};

static const char *
reason_of(int error, int depth)
{
	if (error == X509_V_ERR_CERT_HAS_EXPIRED)
		return depth == 0 ? "EXPIRED" : "OUT_OF_BOUNDS_NO_POE";
	if (error == X509_V_ERR_CERT_NOT_YET_VALID)
		return depth == 0 ? "NOT_YET_VALID" : "OUT_OF_BOUNDS_NO_POE";
	for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++)
		if (reasons[i].error == error)
			return reasons[i].reason;
	return "CERTIFICATE_CHAIN_GENERAL_FAILURE";
}

/* --- what is trusted --- */

static bool
is_self_signed(X509 *certificate)
{
	return X509_self_signed(certificate, 1) == 1;
}

/* Takes certificate. */
static int
certificate_add(struct trust *trust, X509 *certificate)
{
	int r = 0;

	if (is_self_signed(certificate)) {
		if (X509_STORE_add_cert(trust->anchors, certificate) != 1)
			r = ERR_INTERNAL;
		trust->anchors_count++;
		X509_free(certificate);
	} else if (sk_X509_push(trust->intermediates, certificate) <= 0) {
		X509_free(certificate);
		r = ERR_INTERNAL;
	}
	return r;
}

static int
certificates_read(struct trust *trust, BIO *bio)
{
	size_t count = 0;
	X509 *certificate;
	int r = 0;

	while (r == 0 && (certificate = PEM_read_bio_X509(bio, NULL, NULL, NULL)) != NULL) {
		if (++count > TRUST_CERTIFICATES_MAX) {
			X509_free(certificate);
			return ERR_TOO_LARGE;
		}
		r = certificate_add(trust, certificate);
	}
	/* The end of the text is told as a missing first line. */
	if (r == 0 && ERR_GET_REASON(ERR_peek_last_error()) != PEM_R_NO_START_LINE)
		r = ERR_INVALID_PARAMS;
	return r;
}

int
trust_new(const void *pem, size_t len, struct trust **ret_trust)
{
	struct trust *trust = calloc(1, sizeof(*trust));
	BIO *bio = NULL;
	int r = ERR_INTERNAL;

	if (len > TRUST_BYTES_MAX) {
		r = ERR_TOO_LARGE;
		goto out;
	}
	if (trust == NULL || (trust->anchors = X509_STORE_new()) == NULL || (trust->intermediates = sk_X509_new_null()) == NULL ||
	    (bio = BIO_new_mem_buf(len > 0 ? pem : "", (int)len)) == NULL)
		goto out;
	ERR_clear_error();
	if ((r = certificates_read(trust, bio)) != 0)
		goto out;
	*ret_trust = trust;
	trust = NULL;
out:
	ERR_clear_error();
	BIO_free(bio);
	trust_free(trust);
	return r;
}

int
trust_read(int fd, struct trust **ret_trust)
{
	struct stat st = { 0 };
	unsigned char *pem;
	int r;

	if (fd < 0)
		return trust_new(NULL, 0, ret_trust);
	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode))
		return ERR_INVALID_PARAMS;
	if ((uint64_t)st.st_size > TRUST_BYTES_MAX)
		return ERR_TOO_LARGE;
	if ((pem = malloc((size_t)st.st_size + 1)) == NULL)
		return ERR_INTERNAL;
	r = pread(fd, pem, (size_t)st.st_size, 0) == st.st_size ? trust_new(pem, (size_t)st.st_size, ret_trust) : ERR_INTERNAL;
	free(pem);
	return r;
}

void
trust_free(struct trust *trust)
{
	if (trust == NULL)
		return;
	X509_STORE_free(trust->anchors);
	sk_X509_pop_free(trust->intermediates, X509_free);
	free(trust);
}

size_t
trust_anchors_count(const struct trust *trust)
{
	return trust->anchors_count;
}

X509_STORE *
trust_store(const struct trust *trust)
{
	return trust->anchors;
}

STACK_OF(X509) *
trust_intermediates(const struct trust *trust)
{
	return trust->intermediates;
}

/* --- the check --- */

static int
on_finding(int ok, X509_STORE_CTX *ctx)
{
	struct findings *findings = X509_STORE_CTX_get_app_data(ctx);
	int error = X509_STORE_CTX_get_error(ctx);

	if (ok || (error != X509_V_ERR_CERT_HAS_EXPIRED && error != X509_V_ERR_CERT_NOT_YET_VALID))
		return ok;
	if (findings->date_error == 0) {
		findings->date_error = error;
		findings->date_depth = X509_STORE_CTX_get_error_depth(ctx);
	}
	return 1;
}

static int
untrusted_collect(const struct trust *trust, STACK_OF(X509) *extra, STACK_OF(X509) **ret_untrusted)
{
	STACK_OF(X509) *untrusted = sk_X509_dup(trust->intermediates);

	for (int i = 0; untrusted != NULL && i < sk_X509_num(extra) && i < TRUST_EXTRA_MAX; i++)
		if (sk_X509_push(untrusted, sk_X509_value(extra, i)) <= 0) {
			sk_X509_free(untrusted);
			return ERR_INTERNAL;
		}
	*ret_untrusted = untrusted;
	return untrusted != NULL ? 0 : ERR_INTERNAL;
}

/* X.509 version 3 and a positive serial number (RFC 5280 sections 4.1.2.1 and 4.1.2.2), which OpenSSL leaves alone. */
static const char *
form_problem(X509 *certificate)
{
	const ASN1_INTEGER *serial = X509_get0_serialNumber(certificate);
	BIGNUM *number;
	bool positive;

	if (X509_get_version(certificate) != X509_VERSION_3)
		return "not a version 3 certificate";
	number = ASN1_INTEGER_to_BN(serial, NULL);
	positive = number != NULL && !BN_is_negative(number) && !BN_is_zero(number);
	BN_free(number);
	return positive ? NULL : "the serial number is not positive";
}

static const char *
purpose_problem(X509 *certificate, enum trust_purpose purpose)
{
	uint32_t flags = X509_get_extension_flags(certificate);

	switch (purpose) {
	case TRUST_SIGNING:
		if ((flags & EXFLAG_KUSAGE) != 0 && (X509_get_key_usage(certificate) & (KU_NON_REPUDIATION | KU_DIGITAL_SIGNATURE)) == 0)
			return "its key is not for signing";
		break;
	case TRUST_TIME_STAMPING:
		if (X509_check_purpose(certificate, X509_PURPOSE_TIMESTAMP_SIGN, 0) != 1)
			return "its key is not for time-stamps";
		break;
	case TRUST_OCSP_SIGNING:
		if ((flags & EXFLAG_XKUSAGE) == 0 || (X509_get_extended_key_usage(certificate) & XKU_OCSP_SIGN) == 0)
			return "its key is not for OCSP answers";
		break;
	}
	return NULL;
}

/* What OpenSSL does not ask: the form of every certificate, the purpose of the first. */
static void
rules_apply(struct trust_chain *chain, enum trust_purpose purpose)
{
	const char *problem = NULL;
	int i;

	for (i = 0; problem == NULL && i < sk_X509_num(chain->certificates); i++) {
		problem = form_problem(sk_X509_value(chain->certificates, i));
		/* An old root may be of version 1: it is trusted for its key. */
		if (i > 0 && chain->anchored && i == sk_X509_num(chain->certificates) - 1)
			problem = NULL;
		if (problem == NULL && i == 0)
			problem = purpose_problem(sk_X509_value(chain->certificates, 0), purpose);
	}
	if (problem == NULL)
		return;
	chain->anchored = false;
	chain->reason = CONSTRAINTS;
	chain->detail = problem;
	chain->depth = i - 1;
}

static int
context_prepare(X509_STORE_CTX *ctx, const struct trust *trust, X509 *certificate, STACK_OF(X509) *untrusted, time_t at,
    struct findings *findings)
{
	X509_VERIFY_PARAM *param;

	if (X509_STORE_CTX_init(ctx, trust->anchors, certificate, untrusted) != 1 || X509_STORE_CTX_set_app_data(ctx, findings) != 1)
		return ERR_INTERNAL;
	param = X509_STORE_CTX_get0_param(ctx);
	X509_VERIFY_PARAM_set_time(param, at);
	X509_VERIFY_PARAM_set_depth(param, TRUST_DEPTH_MAX);
	X509_VERIFY_PARAM_set_auth_level(param, SECURITY_LEVEL);
	X509_STORE_CTX_set_verify_cb(ctx, on_finding);
	return X509_VERIFY_PARAM_set_purpose(param, X509_PURPOSE_ANY) == 1 ? 0 : ERR_INTERNAL;
}

int
trust_check(const struct trust *trust, X509 *certificate, STACK_OF(X509) *extra, enum trust_purpose purpose, time_t at,
    struct trust_chain *ret_chain)
{
	struct findings findings = { 0 };
	struct trust_chain chain = { 0 };
	STACK_OF(X509) *untrusted = NULL;
	X509_STORE_CTX *ctx = X509_STORE_CTX_new();
	int r, ok, error;

	if (ctx == NULL || (r = untrusted_collect(trust, extra, &untrusted)) != 0 ||
	    (r = context_prepare(ctx, trust, certificate, untrusted, at, &findings)) != 0) {
		r = ERR_INTERNAL;
		goto out;
	}
	ok = X509_verify_cert(ctx);
	error = X509_STORE_CTX_get_error(ctx);
	if ((chain.certificates = X509_STORE_CTX_get1_chain(ctx)) == NULL || error == X509_V_ERR_OUT_OF_MEM) {
		r = ERR_INTERNAL;
		goto out;
	}
	chain.anchored = ok == 1;
	if (ok != 1) {
		chain.depth = X509_STORE_CTX_get_error_depth(ctx);
		chain.reason = reason_of(error, chain.depth);
		chain.detail = X509_verify_cert_error_string(error);
	} else {
		rules_apply(&chain, purpose);
	}
	if (chain.reason == NULL && findings.date_error != 0) {
		chain.depth = findings.date_depth;
		chain.reason = reason_of(findings.date_error, chain.depth);
		chain.detail = X509_verify_cert_error_string(findings.date_error);
	}
	*ret_chain = chain;
	chain.certificates = NULL;
	r = 0;
out:
	trust_chain_clear(&chain);
	X509_STORE_CTX_free(ctx);
	sk_X509_free(untrusted);
	ERR_clear_error();
	return r;
}

void
trust_chain_clear(struct trust_chain *chain)
{
	sk_X509_pop_free(chain->certificates, X509_free);
	*chain = (struct trust_chain){ 0 };
}
