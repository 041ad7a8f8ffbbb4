/* SPDX-License-Identifier: Apache-2.0 */
/* prompt/site.h: the site that asks: its address as the browser gave it, and in its own letters where those are not ASCII. */
#ifndef PROMPT_SITE_H
#define PROMPT_SITE_H

#include <stdbool.h>

#include "prompt/pages.h"
#include "prompt/text.h"

/* Why an address in other letters may not be what it looks like. */
enum site_doubt {
	SITE_PLAIN,		/* letters of the Turkish alphabet */
	SITE_UNUSUAL,		/* others: many look like a Latin letter, in one script too */
	SITE_MIXED,		/* letters of several scripts in one part of the name */
	SITE_UNREADABLE,	/* no valid international name (RFC 5891) */
};

struct site {
	char origin[TEXT_BYTES(TEXT_ORIGIN_MAX)];	/* as the browser gave it, made harmless; never cut: the end of a host says whose it is */
	bool international;				/* a part of the host is in Punycode */
	char letters[TEXT_BYTES(TEXT_ORIGIN_MAX)];	/* the same, decoded; empty when SITE_UNREADABLE */
	enum site_doubt doubt;
};

/* 0 or ERR_INVALID_PARAMS: no origin, or one too long to be one. */
int site_read(const char *origin, struct site *ret_site);

/* What to say of an international address besides the address; NULL: nothing. */
const char *site_warning(const struct site *site);

/* Adds the decoded address and the warning, where there are any. */
void site_add(const struct site *site, struct pages *pages);

#endif
