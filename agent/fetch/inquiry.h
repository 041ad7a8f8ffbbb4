/* SPDX-License-Identifier: Apache-2.0 */
/* fetch/inquiry.h: asks the addresses in a certificate, or what was kept of their answers, whether it is revoked. */
#ifndef FETCH_INQUIRY_H
#define FETCH_INQUIRY_H

#include <cjson/cJSON.h>

#include "fetch/fetch.h"
#include "trust/revocation.h"

/* One validation's means; borrowed. */
struct inquiry {
	const struct trust *trust;
	STACK_OF(X509) *chain;		/* anchored: only its certificates say where to ask */
	struct fetch_settings fetch;
	bool offline;			/* only what is kept is looked at */
	int cache;			/* fetch/cache.h */
	int64_t deadline;		/* by clock_ms(), for all of it */
	time_t now;
	long clock_off;			/* seconds that our clock is ahead of a server's, when beyond CLOCK_TOLERANCE; 0: it is not, or nobody told */
};

/* What was found out of one certificate. */
struct inquiry_result {
	struct revocation revocation;
	const char *source;	/* "ocsp" or "crl"; NULL: none has answered */
	bool kept;		/* from the cache */
	cJSON *attempts;	/* each address that gave nothing: source, url, problem; never NULL; the caller frees it */
};

/* Of the certificate at this place of the chain: OCSP first, then CRLs. 0 or ERR_INTERNAL. */
int inquiry_run(struct inquiry *inquiry, int index, struct inquiry_result *ret_result);

#endif
