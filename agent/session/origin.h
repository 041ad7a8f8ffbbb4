/* SPDX-License-Identifier: Apache-2.0 */
/* session/origin.h: which web origins may connect, which are allowed, and what the user remembers of them. */
#ifndef SESSION_ORIGIN_H
#define SESSION_ORIGIN_H

#include <stdbool.h>
#include <cjson/cJSON.h>

#include "config.h"
#include "session/origin_text.h"

enum grant { GRANT_NONE, GRANT_ONCE, GRANT_ALWAYS, GRANT_LISTED, GRANT_DENIED };

/* The wire's word for a grant (types.json). */
const char *grant_name(enum grant grant);

struct origins;

/* The administrator's lists (borrowed) and the user's store, a JSON file at this path that need not exist. 0 or ERR_INTERNAL. */
int origins_new(const struct config *config, const char *store_path, struct origins **ret_origins);
void origins_free(struct origins *origins);

/*
 * Whether this Origin header may open a connection: a canonical https origin (RFC 6454 section 6.2, lower case, no default port), or
 * an http one that is listed as a developer's; never one that the administrator denies, nor one that is not listed where only listed ones may.
 */
bool origins_may_connect(const struct origins *origins, const char *origin);

/*
 * What is settled about it: GRANT_DENIED (the user's word, even on a listed one; or a line that may deny it can't be read), GRANT_LISTED,
 * GRANT_ALWAYS, or GRANT_NONE.  A store that was changed by another program is read again first.
 */
enum grant origins_grant(struct origins *origins, const char *origin);

/* What shuts out an origin that is allowed otherwise: the text of a line that can't be read and may deny it (config_list_unread()); NULL: nothing. */
const char *origins_shut(struct origins *origins, const char *origin);

/* Whether an administrator lets it sign digests whose content nobody sees. */
bool origins_may_sign_hashes(const struct origins *origins, const char *origin);

/* Keeps "always", or "denied", for this origin in the user's store. 0 or ERR_INTERNAL (it then holds until the agent ends). */
int origins_remember(struct origins *origins, const char *origin, bool allowed);

/* Takes it out of the user's store. 0, ERR_NOT_FOUND when it is not there, ERR_INTERNAL. */
int origins_forget(struct origins *origins, const char *origin);

/* The user's store as it is: an object, origin -> true (always) or false (denied); borrowed until the next call. Never NULL. */
const cJSON *origins_remembered(struct origins *origins);

#endif
