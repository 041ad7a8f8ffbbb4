/* SPDX-License-Identifier: Apache-2.0 */
/* browsers/browsers.c: which browsers there are, and where each keeps its policies. */
#include "browsers/browsers.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"

const struct browser browsers[] = {
	{ "Google Chrome", "browser_chrome", BROWSER_CHROMIUM, { "/opt/google/chrome/chrome", "/usr/bin/google-chrome", NULL },
	    "/etc/opt/chrome/policies/managed" },
	{ "Chromium", "browser_chromium", BROWSER_CHROMIUM, { "/usr/bin/chromium", "/usr/bin/chromium-browser", NULL },
	    "/etc/chromium/policies/managed" },
	{ "Chromium (snap)", "browser_chromium", BROWSER_CHROMIUM, { "/snap/bin/chromium", NULL }, "/etc/chromium-browser/policies/managed" },
	{ "Microsoft Edge", "browser_edge", BROWSER_CHROMIUM, { "/opt/microsoft/msedge/msedge", "/usr/bin/microsoft-edge", NULL },
	    "/etc/opt/edge/policies/managed" },
	{ "Firefox", "browser_firefox", BROWSER_FIREFOX,
	    { "/usr/bin/firefox", "/usr/bin/firefox-esr", "/usr/lib/firefox/firefox", "/snap/bin/firefox", NULL }, NULL },
};
const size_t browsers_count = sizeof(browsers) / sizeof(browsers[0]);

static bool
is_there(const char *root, const char *place)
{
	char *path;
	bool there;

	if (asprintf(&path, "%s%s", root, place) < 0)
		return false;
	there = access(path, F_OK) == 0;
	free(path);
	return there;
}

bool
browser_is_there(const struct browser *browser, const char *root)
{
	for (const char *const *program = browser->programs; *program != NULL; program++)
		if (is_there(root, *program))
			return true;
	return false;
}

cJSON *
browser_policies(const struct browser *browser, const char *root, const char *without, unsigned *ret_damaged)
{
	*ret_damaged = 0;
	return browser->family == BROWSER_FIREFOX ? firefox_policies(root, ret_damaged) : chromium_policies(browser, root, without, ret_damaged);
}

const char *
browser_outcome(const struct browser *browser, const cJSON *policies, const char *site)
{
	return browser->family == BROWSER_FIREFOX ? firefox_outcome(policies, site) : chromium_outcome(policies, site);
}

enum browser_change
browser_set(const struct browser *browser, const char *root, const struct config_list *sites, char **ret_where)
{
	*ret_where = NULL;
	return browser->family == BROWSER_FIREFOX ? firefox_set(root, sites, ret_where) : chromium_set(browser, root, sites, ret_where);
}

size_t
browser_stale(const struct browser *browser, const char *root, const cJSON *policies, const struct config_list *sites,
    void (*told)(void *context, const struct browser *browser, const char *site), void *context)
{
	cJSON *ours = browser->family == BROWSER_FIREFOX ? firefox_ours(root) : chromium_ours(browser, root);
	const cJSON *site;
	size_t found = 0;

	cJSON_ArrayForEach(site, ours) {
		if (!cJSON_IsString(site) || strncmp(site->valuestring, "https://", 8) != 0 || config_list_has(sites, site->valuestring) ||
		    strcmp(browser_outcome(browser, policies, site->valuestring), "ok") != 0)
			continue;
		told(context, browser, site->valuestring);
		found++;
	}
	cJSON_Delete(ours);
	return found;
}

size_t
browser_flatpaks(const char *root, const char *home, void (*told)(void *context, const char *name), void *context)
{
	static const char *const names[] = { "org.mozilla.firefox", "org.chromium.Chromium", "com.google.Chrome", "com.microsoft.Edge",
		"com.brave.Browser" };
	size_t found = 0;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		char place[128], own[128];

		snprintf(place, sizeof(place), "/var/lib/flatpak/app/%s", names[i]);
		snprintf(own, sizeof(own), "/.local/share/flatpak/app/%s", names[i]);
		if (!is_there(root, place) && (home == NULL || !is_there(home, own)))
			continue;
		told(context, names[i]);
		found++;
	}
	return found;
}

int
browser_sites(const struct config_list *origins, struct config_list *ret_sites)
{
	*ret_sites = (struct config_list){ 0 };
	for (size_t i = 0; i < origins->count; i++)
		if (strncmp(origins->items[i], "https://", 8) == 0 && config_list_add(ret_sites, origins->items[i]) != 0) {
			config_list_clear(ret_sites);
			return ERR_INTERNAL;
		}
	return 0;
}
