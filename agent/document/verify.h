/* SPDX-License-Identifier: Apache-2.0 */
/* document/verify.h: the op `verify` of agent/HELPERS.md: every signature of a file, and what is wrong with it. */
#ifndef DOCUMENT_VERIFY_H
#define DOCUMENT_VERIFY_H

#include "base/helper.h"
#include "document/cms_verify.h"
#include "trust/trust.h"

#define VERIFY_CLOCK_SECONDS 300	/* a signature may claim to be this much younger than our clock says */

/* One file to verify, and where the results go. */
struct verification {
	const unsigned char *data;	/* the file, mapped */
	size_t size;
	uint64_t released;		/* what lies before was hashed and given back to the system */
	int fd, content_fd;		/* the file itself; detached content, or -1 */
	struct trust *trust;
	time_t now;
	cJSON *result;			/* `format` and what the format adds; signatures[] is in it */
	cJSON *signatures;
	const char *detail;		/* English, static: why the file was refused; or NULL */
};

/* CMS files and PDFs. 0, ERR_DOCUMENT_INVALID, ERR_DOCUMENT_ENCRYPTED, ERR_TOO_LARGE, ERR_INTERNAL. */
int verify_cades(struct verification *verification);
int verify_pades(struct verification *verification);

/*
 * Of verify_report.c: judges the certificate's chain and dates and adds the signature to the results.  *ret_json (borrowed from there)
 * takes further members.  extra: certificates that came along.  0 or ERR_INTERNAL.
 */
int verification_report(struct verification *verification, struct signature_facts *facts, STACK_OF(X509) *extra, cJSON **ret_json);

/* Hashes [offset, offset + len) of the mapped file without keeping it in memory. 0 or ERR_INTERNAL. */
int verification_hash(struct verification *verification, EVP_MD_CTX *ctx, uint64_t offset, size_t len);

/* Answers the request. 0 and *ret_result, or an error. */
int verify_document(struct helper_call *call, cJSON **ret_result);

#endif
