/* SPDX-License-Identifier: Apache-2.0 */
/* fetch/fetch.h: HTTP for OCSP answers and CRLs, from addresses that certificates name: so each is taken for an attack. */
#ifndef FETCH_FETCH_H
#define FETCH_FETCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FETCH_URL_MAX 2048
#define FETCH_REDIRECTS_MAX 3

/* What an administrator has set; borrowed. */
struct fetch_settings {
	const char *const *hosts;	/* "host" or "host:port": these may have addresses that are not public, and are not asked through the proxy */
	size_t hosts_count;
	const char *proxy;		/* an http: URL, or NULL */
};

struct fetch_request {
	const char *url;
	const void *body;		/* NULL: GET, else POST of */
	size_t body_len;
	const char *media_type;		/* of body */
	size_t max;			/* bytes of the answer, as they come: nothing is decompressed */
	int64_t deadline;		/* by clock_ms() */
};

struct fetched {
	unsigned char *data;		/* the caller frees it */
	size_t len;
	int64_t date;			/* the server's clock when it answered, seconds since 1970; 0: it did not say */
};

/* Before the sandbox, once. 0 or ERR_INTERNAL. */
int fetch_init(void);

/*
 * 0, or ERR_REVOCATION_UNAVAILABLE and why in *ret_problem (static): scheme_refused, address_refused, redirect_refused, unreachable, timeout,
 * too_large, http_status; or ERR_INTERNAL.  Redirects are followed as far as each hop could have been asked for itself.
 */
int fetch(const struct fetch_settings *settings, const struct fetch_request *request, struct fetched *ret_fetched, const char **ret_problem);

#endif
