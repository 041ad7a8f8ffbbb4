/* SPDX-License-Identifier: Apache-2.0 */
/* document/cms_verify.h: one signer of a SignedData, checked as CAdES B-B wants it (RFC 5652 5.4, RFC 5035, EN 319 122-1 5). */
#ifndef DOCUMENT_CMS_VERIFY_H
#define DOCUMENT_CMS_VERIFY_H

#include <time.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#include "document/cms_read.h"
#include "document/verdict.h"

#define CMS_DIGESTS 3		/* SHA-256, SHA-384, SHA-512 */

/* What was signed, hashed once for each digest that a signer used. Zeroed but for the first two members. */
struct cms_content {
	/* Hashes the content; 0, ERR_NOT_FOUND (it is not there) or ERR_INTERNAL. */
	int (*digest)(void *context, const EVP_MD *md, unsigned char *out);
	void *context;
	unsigned char values[CMS_DIGESTS][EVP_MAX_MD_SIZE];
	bool have[CMS_DIGESTS];
};

/* What was found out about one signature. */
struct signature_facts {
	struct reasons reasons;
	X509 *certificate;		/* of the signer; borrowed from the certificates, or NULL */
	const struct tlv *der;		/* and its bytes */
	const char *digest_name;	/* "sha256"...; NULL: one that is not allowed */
	bool bound;			/* signingCertificateV2 names the certificate */
	bool has_time;
	time_t time;			/* that it claims */
	bool is_pss;
	unsigned time_stamps, counter_signatures;	/* among its unsigned attributes */
};

/* What kind of signature it has to be. */
enum cms_rules {
	CMS_RULES_CADES,	/* signingCertificateV2 must be there */
	CMS_RULES_PLAIN,	/* need not, as in a PDF's adbe.pkcs7.detached */
};

/* The message's certificates in their order. */
struct cms_certificates {
	X509 *items[CMS_CERTIFICATES_MAX];	/* NULL: it can't be read, or is not in DER */
	STACK_OF(X509) *stack;			/* of those that can; borrows them */
};

/* 0 or ERR_INTERNAL. Pair with cms_certificates_free(), which accepts a zeroed struct. */
int cms_certificates_read(const struct cms_message *message, struct cms_certificates *ret_certificates);
void cms_certificates_free(struct cms_certificates *certificates);

/*
 * Checks all of a signature but its certificate's chain.  The signed attributes are hashed as they stand in the file.  0 whatever is wrong
 * with it (facts->reasons), or ERR_INTERNAL.
 */
int cms_signer_verify(const struct cms_message *message, const struct cms_signer *signer, const struct cms_certificates *certificates,
    struct cms_content *content, enum cms_rules rules, struct signature_facts *ret_facts);

#endif
