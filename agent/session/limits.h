/* SPDX-License-Identifier: Apache-2.0 */
/* session/limits.h: how often one origin may go wrong with people's PINs and patience before it has to pause; others are not affected. */
#ifndef SESSION_LIMITS_H
#define SESSION_LIMITS_H

#include <stdint.h>

#define LIMITS_PINS_MAX 3	/* operations in a row that ended with a PIN refused by the card: what locks most cards */
#define LIMITS_DIALOGS_MAX 10	/* dialogs in a row that the user refused, left, or that were taken away again */
#define LIMITS_ORIGINS_MAX 1000	/* remembered; the one that went wrong longest ago gives way */

enum limit { LIMIT_PINS, LIMIT_DIALOGS };

struct limits;

/* The pauses in seconds, 0 for none. NULL when memory runs out. Everything is forgotten at the end. */
struct limits *limits_new(unsigned pins_pause, unsigned dialogs_pause);
void limits_free(struct limits *limits);

/* One more in a row; the one that reaches the limit begins the pause and the count anew. now: seconds that never go back. */
void limits_failed(struct limits *limits, const char *origin, enum limit limit, int64_t now);

/* The row is broken. A pause that has begun goes on. */
void limits_succeeded(struct limits *limits, const char *origin, enum limit limit);

/* Seconds that are left of the pause, 0: there is none. */
unsigned limits_wait(const struct limits *limits, const char *origin, enum limit limit, int64_t now);

#endif
