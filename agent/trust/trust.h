/* SPDX-License-Identifier: Apache-2.0 */
/* trust/trust.h: whom this machine trusts, and whether a certificate's chain leads there (RFC 5280 section 6, ETSI EN 319 102-1). */
#ifndef TRUST_TRUST_H
#define TRUST_TRUST_H

#include <stdbool.h>
#include <stddef.h>
#include <time.h>
#include <openssl/x509.h>

#define TRUST_BYTES_MAX ((size_t)4 << 20)	/* of the PEM that the agent hands over (agent/helpers/anchors.h) */
#define TRUST_CERTIFICATES_MAX 1000
#define TRUST_EXTRA_MAX 100			/* certificates of a document or an answer that are tried for a chain; more are not looked at */
#define TRUST_DEPTH_MAX 8			/* certificate authorities between the certificate and its anchor */

/* Self-signed certificates are anchors; the others help to build chains and prove nothing. Never changes once it is made. */
struct trust;

/* What the end of the chain is for, besides the rules that hold for every chain. */
enum trust_purpose {
	TRUST_SIGNING,		/* keyUsage, where it is there, holds nonRepudiation or digitalSignature */
	TRUST_TIME_STAMPING,	/* a critical extendedKeyUsage of timeStamping and nothing else (RFC 3161 section 2.3) */
	TRUST_OCSP_SIGNING,	/* extendedKeyUsage holds OCSPSigning (RFC 6960 section 4.2.2.2) */
};

struct trust_chain {
	STACK_OF(X509) *certificates;	/* the certificate first, as far as the chain could be built; the anchor last if anchored; never NULL */
	bool anchored;			/* it leads to an anchor and keeps every rule but, perhaps, the dates */
	/*
	 * Good when NULL; else the sub-indication of ETSI EN 319 102-1 (static): NO_CERTIFICATE_CHAIN_FOUND, CHAIN_CONSTRAINTS_FAILURE,
	 * CERTIFICATE_CHAIN_GENERAL_FAILURE, CRYPTO_CONSTRAINTS_FAILURE_NO_POE; EXPIRED, NOT_YET_VALID (the certificate itself, at the
	 * time asked for); OUT_OF_BOUNDS_NO_POE (one above it).
	 */
	const char *reason;
	const char *detail;		/* English, for the log and data.detail; static, or NULL */
	int depth;			/* which one the reason is about: 0 is the certificate itself */
};

/* Reads certificates in PEM, one after another; text around them is passed over. 0, ERR_INVALID_PARAMS, ERR_TOO_LARGE, ERR_INTERNAL. */
int trust_new(const void *pem, size_t len, struct trust **ret_trust);

/* The same from a file's beginning, whatever its offset; -1: nobody is trusted. Borrows fd. */
int trust_read(int fd, struct trust **ret_trust);

/* Accepts NULL. */
void trust_free(struct trust *trust);

size_t trust_anchors_count(const struct trust *trust);

/* The anchors, with no settings of a check in it. Borrowed. */
X509_STORE *trust_store(const struct trust *trust);

/* The certificates that are no anchors. Borrowed. */
STACK_OF(X509) *trust_intermediates(const struct trust *trust);

/*
 * Builds and checks the chain of a certificate at a time (UTC), with the intermediates and with certificates that came along (extra,
 * untrusted; may be NULL).  Revocation is another matter (trust/revocation.h).  The dates are judged last, so that the chain is
 * there even when it has expired.  0 whatever the chain is like, pair with trust_chain_clear(); ERR_INTERNAL when memory ran out.
 */
int trust_check(const struct trust *trust, X509 *certificate, STACK_OF(X509) *extra, enum trust_purpose purpose, time_t at,
    struct trust_chain *ret_chain);

/* Accepts a zeroed struct. */
void trust_chain_clear(struct trust_chain *chain);

#endif
