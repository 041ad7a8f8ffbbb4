/* SPDX-License-Identifier: Apache-2.0 */
/* session/rates.h: how many requests a second an origin may make, over all of its connections together. */
#ifndef SESSION_RATES_H
#define SESSION_RATES_H

#include <stdint.h>

#define RATES_BURST_SECONDS 10	/* what an origin saves up while it is quiet, and how far it may go over before it is shut out */
#define RATES_ORIGINS_MAX 512	/* remembered: more than can be connected; the one that was quiet longest gives way */
#define RATES_CLOSE UINT32_MAX

struct rates;

/* per_second: requests; 0: as many as come. NULL when memory runs out. */
struct rates *rates_new(unsigned per_second);
void rates_free(struct rates *rates);

/*
 * One request more. now: milliseconds that never go back.  0: it is served.  Else the seconds after which one will be: it is refused, and counts
 * all the same.  RATES_CLOSE: the origin goes on although it is refused; not even an answer is due.
 */
uint32_t rates_take(struct rates *rates, const char *origin, int64_t now);

#endif
