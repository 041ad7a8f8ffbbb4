/* SPDX-License-Identifier: Apache-2.0 */
/* forms/profile.h: what an institution's profile (proto/institution/schema.json) says, for the page of a form. */
#ifndef FORMS_PROFILE_H
#define FORMS_PROFILE_H

#include <stdbool.h>
#include <cjson/cJSON.h>

#include "forms/day.h"

#define PROFILE_PRICE "price/"	/* before a price's id in a section's `institution` */

/* A member that is a text, or a text in both languages; "" when there is none. Borrowed. */
const char *profile_text(const cJSON *object, const char *name, const char *language);

/* The price of that id; NULL when there is none. Borrowed. */
const cJSON *profile_price(const cJSON *profile, const char *id);

/* Whether there are prices and their year has passed on that day. */
bool profile_prices_are_stale(const cJSON *profile, struct day today);

/*
 * What the profile says about one entry of a section's `institution`: "account", "callCentre", "links" or "price/ID"; one line or more
 * in *ret_text, the caller's, NULL when it says nothing.  0 or ERR_INTERNAL (no memory).
 */
int profile_note(const cJSON *profile, const char *entry, const char *language, struct day today, char **ret_text);

#endif
