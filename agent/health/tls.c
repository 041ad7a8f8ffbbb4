/* SPDX-License-Identifier: Apache-2.0 */
/* health/tls.c: whether wss is set up, its certificate young enough, and this user's browsers trust it. */
#include "health/checks.h"

#include <stdio.h>
#include <stdlib.h>

#include "tls/setup.h"

struct trust {
	size_t without, with;
};

static void
store_count(void *context, const struct store *store, enum setup_outcome outcome, bool in_use)
{
	struct trust *trust = context;

	(void)in_use;
	if (store->there)
		*(outcome == SETUP_TRUSTED ? &trust->with : &trust->without) += 1;
}

/* certutil takes its time, so only the command line looks into the stores: a serving agent has pages that wait. */
static void
trust_check(struct health *h, const struct setup_state *state)
{
	const char *home = getenv("HOME");
	struct stores stores = { .count = 0 };
	struct trust trust = { 0 };

	if (h->services->port == 0 && home != NULL && *home == '/' &&
	    stores_find(home, getenv("XDG_CONFIG_HOME"), getenv("XDG_DATA_HOME"), &stores) == 0)
		setup_look(state, &stores, store_count, &trust);
	stores_clear(&stores);
	report_tell(h->report, "browser_tls", trust.without > 0 ? "untrusted" : "ok", "%zu stores trust it, %zu do not", trust.with, trust.without);
}

void
check_tls(struct health *h)
{
	struct setup_state state;
	char *folder = NULL;

	if (asprintf(&folder, "%s/" SETUP_FOLDER, h->services->state) < 0)
		return;
	if (setup_read(folder, &state) != 0)
		report_skip(h->report, "browser_tls", "not_installed", "%s", "");
	else if (state.ends <= h->now)
		report_tell(h->report, "browser_tls", "expired", "since %lld days", (long long)(h->now - state.ends) / 86400);
	else if (state.due <= h->now)
		report_tell(h->report, "browser_tls", "due", "%lld days left", (long long)(state.ends - h->now) / 86400);
	else
		trust_check(h, &state);
	free(folder);
}
