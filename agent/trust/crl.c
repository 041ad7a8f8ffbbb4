/* SPDX-License-Identifier: Apache-2.0 */
/* trust/crl.c: a complete, direct CRL, checked by OpenSSL against the chain whose certificate it is asked for. */
#include "trust/revocation.h"

#include <openssl/err.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include "base/err.h"

static const struct {
	int error;
	const char *problem;
} problems[] = {
	{ X509_V_ERR_UNABLE_TO_GET_CRL, "scope" },
	{ X509_V_ERR_DIFFERENT_CRL_SCOPE, "scope" },
	{ X509_V_ERR_CRL_SIGNATURE_FAILURE, "bad_signature" },
	{ X509_V_ERR_UNABLE_TO_DECRYPT_CRL_SIGNATURE, "bad_signature" },
	{ X509_V_ERR_UNABLE_TO_GET_CRL_ISSUER, "bad_signature" },
	{ X509_V_ERR_KEYUSAGE_NO_CRL_SIGN, "responder_not_authorised" },
	{ X509_V_ERR_CRL_PATH_VALIDATION_ERROR, "responder_not_authorised" },
	{ X509_V_ERR_UNHANDLED_CRITICAL_CRL_EXTENSION, "critical_extension" },
	{ X509_V_ERR_CRL_NOT_YET_VALID, "not_yet_valid" },
	{ X509_V_ERR_CRL_HAS_EXPIRED, "stale" },
};

struct findings {
	int error;	/* the first one that is the list's */
	bool revoked;
};

/* The chain has been judged before; here only what concerns the list counts. */
static int
on_finding(int ok, X509_STORE_CTX *ctx)
{
	struct findings *findings = X509_STORE_CTX_get_app_data(ctx);
	int error = X509_STORE_CTX_get_error(ctx);

	if (ok)
		return 1;
	if (error == X509_V_ERR_CERT_REVOKED) {
		findings->revoked = true;
		return 1;
	}
	if (error == X509_V_ERR_CERT_HAS_EXPIRED || error == X509_V_ERR_CERT_NOT_YET_VALID)
		return 1;
	if (findings->error == 0)
		findings->error = error;
	return 0;
}

/* Whether the issuing distribution point says that another signs here for the issuer (RFC 5280 section 5.2.5). */
static bool
is_indirect(X509_CRL *crl)
{
	ISSUING_DIST_POINT *point = X509_CRL_get_ext_d2i(crl, NID_issuing_distribution_point, NULL, NULL);
	bool indirect = point != NULL && point->indirectCRL > 0;

	ISSUING_DIST_POINT_free(point);
	return indirect;
}

static int
list_check(const struct trust *trust, STACK_OF(X509) *chain, int index, X509_CRL *crl, time_t now, struct findings *findings)
{
	STACK_OF(X509_CRL) *crls = sk_X509_CRL_new_null();
	X509_STORE_CTX *ctx = X509_STORE_CTX_new();
	X509_VERIFY_PARAM *param;
	int r = ERR_INTERNAL;

	if (crls == NULL || ctx == NULL || sk_X509_CRL_push(crls, crl) <= 0 ||
	    X509_STORE_CTX_init(ctx, trust_store(trust), sk_X509_value(chain, index), chain) != 1 || X509_STORE_CTX_set_app_data(ctx, findings) != 1)
		goto out;
	param = X509_STORE_CTX_get0_param(ctx);
	X509_VERIFY_PARAM_set_flags(param, X509_V_FLAG_CRL_CHECK);
	X509_VERIFY_PARAM_set_depth(param, TRUST_DEPTH_MAX);
	X509_VERIFY_PARAM_set_time(param, now);
	X509_STORE_CTX_set0_crls(ctx, crls);
	X509_STORE_CTX_set_verify_cb(ctx, on_finding);
	if (X509_verify_cert(ctx) != 1 && findings->error == 0)
		findings->error = X509_V_ERR_UNSPECIFIED;
	r = 0;
out:
	X509_STORE_CTX_free(ctx);
	sk_X509_CRL_free(crls);
	return r;
}

static const char *
problem_of(int error)
{
	for (size_t i = 0; i < sizeof(problems) / sizeof(problems[0]); i++)
		if (problems[i].error == error)
			return problems[i].problem;
	return "malformed";
}

static void
entry_read(X509_CRL *crl, X509 *certificate, struct revocation *r)
{
	X509_REVOKED *entry = NULL;
	ASN1_ENUMERATED *reason;

	r->status = REVOCATION_REVOKED;
	if (X509_CRL_get0_by_cert(crl, &entry, certificate) != 1)
		return;
	r->revoked_at = revocation_time(X509_REVOKED_get0_revocationDate(entry));
	if ((reason = X509_REVOKED_get_ext_d2i(entry, NID_crl_reason, NULL, NULL)) != NULL) {
		r->reason = (int)ASN1_ENUMERATED_get(reason);
		ASN1_ENUMERATED_free(reason);
	}
	if (r->reason == CRL_REASON_CERTIFICATE_HOLD)
		r->status = REVOCATION_SUSPENDED;
}

static int
list_judge(const struct trust *trust, STACK_OF(X509) *chain, int index, X509_CRL *crl, time_t now, struct revocation *r)
{
	struct findings findings = { 0 };
	const X509_ALGOR *algorithm;
	int err;

	if (X509_CRL_get_ext_by_NID(crl, NID_delta_crl, -1) >= 0) {
		r->problem = "delta";
		return 0;
	}
	if (is_indirect(crl)) {
		r->problem = "indirect";
		return 0;
	}
	if ((err = list_check(trust, chain, index, crl, now, &findings)) != 0)
		return err;
	X509_CRL_get0_signature(crl, NULL, &algorithm);
	r->this_update = revocation_time(X509_CRL_get0_lastUpdate(crl));
	r->next_update = revocation_time(X509_CRL_get0_nextUpdate(crl));
	if (findings.error != 0)
		r->problem = problem_of(findings.error);
	else if (revocation_weak(algorithm))
		r->problem = "weak_algorithm";
	else if ((r->problem = revocation_staleness(r, now)) == NULL && findings.revoked)
		entry_read(crl, sk_X509_value(chain, index), r);
	else if (r->problem == NULL)
		r->status = REVOCATION_GOOD;
	return 0;
}

int
crl_judge(const struct trust *trust, STACK_OF(X509) *chain, int index, const unsigned char *der, size_t len, time_t now,
    struct revocation *ret_revocation)
{
	struct revocation revocation = { .reason = -1, .problem = "malformed" };
	const unsigned char *p = der;
	X509_CRL *crl = NULL;
	int r = 0;

	if (len <= CRL_BYTES_MAX && (crl = d2i_X509_CRL(NULL, &p, (long)len)) != NULL && p == der + len) {
		revocation.problem = NULL;
		r = list_judge(trust, chain, index, crl, now, &revocation);
	}
	X509_CRL_free(crl);
	ERR_clear_error();
	if (r == 0)
		*ret_revocation = revocation;
	return r;
}
