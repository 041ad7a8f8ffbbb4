/* SPDX-License-Identifier: Apache-2.0 */
/* trust/revocation.h: what an OCSP answer (RFC 6960) or a CRL (RFC 5280 section 5) says of a certificate: bytes in, finding out. */
#ifndef TRUST_REVOCATION_H
#define TRUST_REVOCATION_H

#include <stdbool.h>
#include <stddef.h>
#include <time.h>
#include <openssl/ocsp.h>

#include "trust/trust.h"

#define OCSP_ANSWER_MAX ((size_t)128 << 10)	/* bytes */
#define CRL_BYTES_MAX ((size_t)16 << 20)
#define CLOCK_TOLERANCE 300			/* seconds that two clocks may differ */

enum revocation_status { REVOCATION_UNKNOWN, REVOCATION_GOOD, REVOCATION_REVOKED, REVOCATION_SUSPENDED };

struct revocation {
	enum revocation_status status;
	/*
	 * Why it is unknown (static): malformed, responder_refused, wrong_certificate, bad_signature, responder_not_authorised, weak_algorithm,
	 * not_yet_valid, stale, nonce_mismatch, unknown_certificate, delta, indirect, scope, critical_extension.  NULL when it is known.
	 */
	const char *problem;
	time_t produced_at, this_update, next_update, revoked_at;	/* 0: not told */
	int reason;			/* CRLReason; -1: not told */
	bool responder_unchecked;	/* the OCSP responder's own certificate could be revoked: it has no id-pkix-ocsp-nocheck */
};

/*
 * Both judge for the certificate at place index of a chain that is anchored; below its anchor.  now is the time at which the answer must
 * be fresh.  What came over a network or out of a document is never an error, only a finding.  0 or ERR_INTERNAL (memory).
 */

/* request (may be NULL): what was asked, for its nonce. A responder may leave the nonce out, as many do. */
int ocsp_judge(const struct trust *trust, STACK_OF(X509) *chain, int index, const unsigned char *der, size_t len, OCSP_REQUEST *request,
    time_t now, struct revocation *ret_revocation);

int crl_judge(const struct trust *trust, STACK_OF(X509) *chain, int index, const unsigned char *der, size_t len, time_t now,
    struct revocation *ret_revocation);

/* The question for it, with a nonce; the caller frees it with OCSP_REQUEST_free(). 0 or ERR_INTERNAL. */
int ocsp_request_make(STACK_OF(X509) *chain, int index, OCSP_REQUEST **ret_request);

/* Shared by both. */
time_t revocation_time(const ASN1_TIME *asn1);		/* 0 when it is no time */
const char *revocation_staleness(const struct revocation *revocation, time_t now);	/* NULL: fresh; else the problem */
bool revocation_weak(const X509_ALGOR *algorithm);	/* a digest that no longer holds: SHA-1 and older */

#endif
