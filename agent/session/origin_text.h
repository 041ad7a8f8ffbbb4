/* SPDX-License-Identifier: Apache-2.0 */
/* session/origin_text.h: what an origin looks like when it is written as browsers write it. */
#ifndef SESSION_ORIGIN_TEXT_H
#define SESSION_ORIGIN_TEXT_H

#include <stdbool.h>

#define ORIGIN_MAX 255	/* bytes */

/* Whether it is a canonical https origin (RFC 6454 section 6.2: scheme, host in lower case, port unless it is the default one; no path). */
bool origin_text_is_https(const char *origin);

/* The same for http. */
bool origin_text_is_http(const char *origin);

#endif
