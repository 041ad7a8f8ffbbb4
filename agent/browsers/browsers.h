/* SPDX-License-Identifier: Apache-2.0 */
/*
 * browsers/browsers.h: the browsers' policies for pages that connect to this computer: what they say about a site, and ours in them.
 * A site is an https origin.  root is a folder that stands for "/", "" for this system.
 */
#ifndef BROWSERS_BROWSERS_H
#define BROWSERS_BROWSERS_H

#include <stdbool.h>
#include <stddef.h>
#include <cjson/cJSON.h>

#include "config.h"

enum browser_family { BROWSER_CHROMIUM, BROWSER_FIREFOX };

struct browser {
	const char *name;	/* a trade mark: the same in every language */
	const char *check;	/* its check in proto/health/checks.json */
	enum browser_family family;
	const char *programs[5];
	const char *policies;	/* BROWSER_CHROMIUM: its folder of managed policies */
};

extern const struct browser browsers[];
extern const size_t browsers_count;

/* Whether one of its programs is there. */
bool browser_is_there(const struct browser *browser, const char *root);

/*
 * Its policies as one object, as the browser puts its files together; without: the name of a file that is passed over, or NULL.  The caller
 * frees it.  *ret_damaged: files that are no JSON object.  NULL when memory runs out.
 */
cJSON *browser_policies(const struct browser *browser, const char *root, const char *without, unsigned *ret_damaged);

/* "ok", "missing" (it asks the user) or "blocked": what policies say about a site. */
const char *browser_outcome(const struct browser *browser, const cJSON *policies, const char *site);

/* Installed Flatpaks of browsers, which do not see /etc: calls told for each with its name; home may be NULL. Their number. */
size_t browser_flatpaks(const char *root, const char *home, void (*told)(void *context, const char *name), void *context);

/* The origins of a list that are sites; pages of this computer itself need no permission. The caller clears *ret_sites. 0 or ERR_INTERNAL. */
int browser_sites(const struct config_list *origins, struct config_list *ret_sites);

enum browser_change {
	BROWSER_FAILED = -1,	/* not written, and the log says why */
	BROWSER_SET,		/* our policy is there */
	BROWSER_NOTHING,	/* none was needed, and none of ours is there */
	BROWSER_FOREIGN,	/* the institution's own policy decides, which we leave alone; *ret_where is its path */
};

/* Puts the sites (maybe none) in place of what an earlier call put there. *ret_where is the caller's. */
enum browser_change browser_set(const struct browser *browser, const char *root, const struct config_list *sites, char **ret_where);

/*
 * The sites that an earlier call let in and that are none of these: told for each that its policies still let in, until the next call takes
 * them out. Their number.
 */
size_t browser_stale(const struct browser *browser, const char *root, const cJSON *policies, const struct config_list *sites,
    void (*told)(void *context, const struct browser *browser, const char *site), void *context);

/* Inside browsers/: the two families. ours: what an earlier call let in, the caller's; NULL for nothing. */
enum browser_change chromium_set(const struct browser *browser, const char *root, const struct config_list *sites, char **ret_where);
enum browser_change firefox_set(const char *root, const struct config_list *sites, char **ret_where);
cJSON *chromium_policies(const struct browser *browser, const char *root, const char *without, unsigned *ret_damaged);
cJSON *firefox_policies(const char *root, unsigned *ret_damaged);
cJSON *chromium_ours(const struct browser *browser, const char *root);
cJSON *firefox_ours(const char *root);
const char *chromium_outcome(const cJSON *policies, const char *site);
const char *firefox_outcome(const cJSON *policies, const char *site);

#endif
