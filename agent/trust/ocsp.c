/* SPDX-License-Identifier: Apache-2.0 */
/* trust/ocsp.c: who signed an OCSP answer, whether it may, and what it says of one certificate. */
#include "trust/revocation.h"

#include <openssl/err.h>
#include <openssl/x509v3.h>

#include "base/err.h"

#define ANSWERS_MAX 1000	/* single answers that are looked at */

int
ocsp_request_make(STACK_OF(X509) *chain, int index, OCSP_REQUEST **ret_request)
{
	OCSP_REQUEST *request = OCSP_REQUEST_new();
	/* SHA-1 names the certificate here, it protects nothing; every responder knows it. */
	OCSP_CERTID *id = OCSP_cert_to_id(EVP_sha1(), sk_X509_value(chain, index), sk_X509_value(chain, index + 1));

	if (request == NULL || id == NULL || OCSP_request_add0_id(request, id) == NULL) {
		OCSP_CERTID_free(id);
		OCSP_REQUEST_free(request);
		return ERR_INTERNAL;
	}
	if (OCSP_request_add1_nonce(request, NULL, 16) != 1) {
		OCSP_REQUEST_free(request);
		return ERR_INTERNAL;
	}
	*ret_request = request;
	return 0;
}

/* Whether this single answer is for the certificate, whatever digest it names it by. */
static bool
single_is_for(OCSP_SINGLERESP *single, X509 *certificate, X509 *issuer)
{
	OCSP_CERTID *theirs = OCSP_CERTID_dup(OCSP_SINGLERESP_get0_id(single)), *ours = NULL;	/* OpenSSL reads only what it may write to */
	ASN1_OBJECT *algorithm;
	const EVP_MD *md;
	bool same = theirs != NULL && OCSP_id_get0_info(NULL, &algorithm, NULL, NULL, theirs) == 1 &&
	    (md = EVP_get_digestbyobj(algorithm)) != NULL && (ours = OCSP_cert_to_id(md, certificate, issuer)) != NULL &&
	    OCSP_id_cmp(ours, theirs) == 0;

	OCSP_CERTID_free(ours);
	OCSP_CERTID_free(theirs);
	return same;
}

static OCSP_SINGLERESP *
single_find(OCSP_BASICRESP *basic, X509 *certificate, X509 *issuer)
{
	for (int i = 0; i < OCSP_resp_count(basic) && i < ANSWERS_MAX; i++)
		if (single_is_for(OCSP_resp_get0(basic, i), certificate, issuer))
			return OCSP_resp_get0(basic, i);
	return NULL;
}

/*
 * The issuer itself, or one that it has named for this alone, directly (RFC 6960 section 4.2.2.2): NULL, else the problem.  The signature over
 * the answer is known to be the signer's.
 */
static const char *
signer_problem(const struct trust *trust, STACK_OF(X509) *chain, int index, X509 *signer, time_t now, bool *ret_unchecked)
{
	X509 *issuer = sk_X509_value(chain, index + 1);
	struct trust_chain own = { 0 };
	const char *problem = "responder_not_authorised";

	*ret_unchecked = false;
	if (X509_cmp(signer, issuer) == 0)
		return NULL;
	if (trust_check(trust, signer, chain, TRUST_OCSP_SIGNING, now, &own) != 0)
		return problem;
	if (own.anchored && own.reason == NULL && sk_X509_num(own.certificates) > 1 && X509_cmp(sk_X509_value(own.certificates, 1), issuer) == 0)
		problem = NULL;
	trust_chain_clear(&own);
	*ret_unchecked = X509_get_ext_by_NID(signer, NID_id_pkix_OCSP_noCheck, -1) < 0;
	return problem;
}

/* NULL when the answer was signed by one who may; else the problem. */
static const char *
signature_problem(const struct trust *trust, STACK_OF(X509) *chain, int index, OCSP_BASICRESP *basic, time_t now, bool *ret_unchecked)
{
	STACK_OF(X509) *above = sk_X509_new_null();
	const char *problem = "bad_signature";
	X509 *signer = NULL;

	if (above == NULL || sk_X509_push(above, sk_X509_value(chain, index + 1)) <= 0)
		goto out;
	/* The chain of the signer is judged below, at our time and by our rules. */
	if (OCSP_basic_verify(basic, above, NULL, OCSP_NOVERIFY) != 1 || OCSP_resp_get0_signer(basic, &signer, above) != 1)
		goto out;
	problem = revocation_weak(OCSP_resp_get0_tbs_sigalg(basic)) ? "weak_algorithm" : signer_problem(trust, chain, index, signer, now, ret_unchecked);
out:
	sk_X509_free(above);
	return problem;
}

/* The status of a single answer that is to be believed. */
static void
single_read(OCSP_SINGLERESP *single, struct revocation *r)
{
	ASN1_GENERALIZEDTIME *revoked = NULL;
	int reason = -1;

	switch (OCSP_single_get0_status(single, &reason, &revoked, NULL, NULL)) {
	case V_OCSP_CERTSTATUS_GOOD:
		r->status = REVOCATION_GOOD;
		break;
	case V_OCSP_CERTSTATUS_REVOKED:
		r->status = reason == OCSP_REVOKED_STATUS_CERTIFICATEHOLD ? REVOCATION_SUSPENDED : REVOCATION_REVOKED;
		r->reason = reason;
		r->revoked_at = revocation_time(revoked);
		break;
	default:
		r->problem = "unknown_certificate";
		break;
	}
}

static const char *
answer_judge(const struct trust *trust, STACK_OF(X509) *chain, int index, OCSP_RESPONSE *response, OCSP_REQUEST *request, time_t now,
    struct revocation *r)
{
	OCSP_BASICRESP *basic = NULL;
	OCSP_SINGLERESP *single;
	ASN1_GENERALIZEDTIME *this_update = NULL, *next_update = NULL;
	const char *problem;

	if (OCSP_response_status(response) != OCSP_RESPONSE_STATUS_SUCCESSFUL)
		return "responder_refused";
	if ((basic = OCSP_response_get1_basic(response)) == NULL)
		return "malformed";
	/* A nonce that is there must be ours; -1: it was left out. */
	if (request != NULL && OCSP_check_nonce(request, basic) == 0)
		problem = "nonce_mismatch";
	else if ((problem = signature_problem(trust, chain, index, basic, now, &r->responder_unchecked)) == NULL &&
	    (single = single_find(basic, sk_X509_value(chain, index), sk_X509_value(chain, index + 1))) == NULL)
		problem = "wrong_certificate";
	if (problem == NULL) {
		OCSP_single_get0_status(single, NULL, NULL, &this_update, &next_update);
		r->produced_at = revocation_time(OCSP_resp_get0_produced_at(basic));
		r->this_update = revocation_time(this_update);
		r->next_update = revocation_time(next_update);
		if ((problem = revocation_staleness(r, now)) == NULL)
			single_read(single, r);
	}
	OCSP_BASICRESP_free(basic);
	return problem;
}

int
ocsp_judge(const struct trust *trust, STACK_OF(X509) *chain, int index, const unsigned char *der, size_t len, OCSP_REQUEST *request,
    time_t now, struct revocation *ret_revocation)
{
	struct revocation r = { .reason = -1 };
	const unsigned char *p = der;
	OCSP_RESPONSE *response = NULL;
	const char *problem = "malformed";

	if (len <= OCSP_ANSWER_MAX && (response = d2i_OCSP_RESPONSE(NULL, &p, (long)len)) != NULL && p == der + len)
		problem = answer_judge(trust, chain, index, response, request, now, &r);
	if (problem != NULL)
		r.problem = problem;
	OCSP_RESPONSE_free(response);
	ERR_clear_error();
	*ret_revocation = r;
	return 0;
}
