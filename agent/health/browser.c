/* SPDX-License-Identifier: Apache-2.0 */
/* health/browser.c: whether the institution's policies let its sites reach the agent, browser by browser. */
#include "health/checks.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/json.h"

#define POLICY_MAX (1u << 20)

static const struct browser {
	const char *check;
	const char *programs[5];
	const char *policies;
} chromiums[] = {
	{ "browser_chrome", { "/opt/google/chrome/chrome", "/usr/bin/google-chrome", NULL }, "/etc/opt/chrome/policies/managed" },
	{ "browser_chromium", { "/usr/bin/chromium", "/usr/bin/chromium-browser", "/snap/bin/chromium", NULL }, "/etc/chromium/policies/managed" },
	{ "browser_edge", { "/opt/microsoft/msedge/msedge", "/usr/bin/microsoft-edge", NULL }, "/etc/opt/edge/policies/managed" },
};

static bool
any_is_there(const struct health *h, const char *const *places)
{
	bool there = false;

	for (; *places != NULL && !there; places++) {
		char *path = health_path(h, *places);

		there = path != NULL && access(path, F_OK) == 0;
		free(path);
	}
	return there;
}

static bool
list_has(const cJSON *list, const char *text)
{
	const cJSON *item;

	cJSON_ArrayForEach(item, list)
		if (cJSON_IsString(item) && (strcmp(item->valuestring, text) == 0 || strcmp(item->valuestring, "*") == 0))
			return true;
	return false;
}

/* The policies of a folder as one object, a later file's value over an earlier one's, as browsers do it. */
static cJSON *
policies_read(const char *folder, unsigned *ret_damaged)
{
	struct dirent **files = NULL;
	int count = scandir(folder, &files, NULL, alphasort);
	cJSON *all = cJSON_CreateObject();

	for (int i = 0; i < count; i++) {
		size_t name_len = strlen(files[i]->d_name), len;
		char path[1024], *text;
		cJSON *json = NULL, *item;

		if (name_len > 5 && strcmp(files[i]->d_name + name_len - 5, ".json") == 0) {
			snprintf(path, sizeof(path), "%s/%s", folder, files[i]->d_name);
			text = health_file(path, POLICY_MAX, &len);
			if (text == NULL || json_parse(text, len, &json) != 0 || !cJSON_IsObject(json))
				++*ret_damaged;
			while (cJSON_IsObject(json) && (item = cJSON_DetachItemViaPointer(json, json->child)) != NULL) {
				cJSON_DeleteItemFromObjectCaseSensitive(all, item->string);
				cJSON_AddItemToObject(all, item->string, item);
			}
			cJSON_Delete(json);
			free(text);
		}
		free(files[i]);
	}
	free(files);
	return all;
}

/* Loopback bans, then loopback permissions, then the older names: the order in which Chromium looks (policies since 139 and 146). */
static const char *
site_outcome(const cJSON *policies, const char *site)
{
	static const struct { const char *name, *outcome; } order[] = {
		{ "LoopbackNetworkBlockedForUrls", "blocked" }, { "LoopbackNetworkAllowedForUrls", "ok" },
		{ "LocalNetworkAccessBlockedForUrls", "blocked" }, { "LocalNetworkAccessAllowedForUrls", "ok" },
	};

	for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++)
		if (list_has(json_member(policies, order[i].name), site))
			return order[i].outcome;
	return "missing";
}

/* Pages of this computer itself need no permission to reach it. */
static bool
site_counts(const char *site)
{
	return strncmp(site, "https://", 8) == 0;
}

static void
chromium_check(struct health *h, const struct browser *browser)
{
	const struct config_list *sites = &h->services->config->allowed_origins;
	char *folder = health_path(h, browser->policies);
	unsigned damaged = 0;
	cJSON *policies;

	if (folder == NULL || !any_is_there(h, browser->programs)) {
		report_skip(h->report, browser->check, "not_installed", "%s", "");
		free(folder);
		return;
	}
	policies = policies_read(folder, &damaged);
	for (size_t i = 0; i < sites->count; i++)
		if (site_counts(sites->items[i]))
			report_tell(h->report, browser->check, site_outcome(policies, sites->items[i]), "%s", sites->items[i]);
	if (damaged > 0)
		report_tell(h->report, browser->check, "damaged", "%u files", damaged);
	report_skip(h->report, browser->check, "no_sites", "%s", "");
	cJSON_Delete(policies);
	free(folder);
}

static void
firefox_check(struct health *h)
{
	static const char *const programs[] = { "/usr/bin/firefox", "/usr/bin/firefox-esr", "/usr/lib/firefox/firefox", "/snap/bin/firefox", NULL };
	static const char *const places[] = { "/etc/firefox/policies/policies.json", "/usr/lib/firefox-esr/distribution/policies.json",
		"/usr/lib/firefox/distribution/policies.json" };
	const struct config_list *sites = &h->services->config->allowed_origins;
	const cJSON *access;
	char *text = NULL;
	cJSON *json = NULL;
	size_t len = 0;

	if (!any_is_there(h, programs)) {
		report_skip(h->report, "browser_firefox", "not_installed", "%s", "");
		return;
	}
	/* It reads the first one that is there, and no other. */
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]) && text == NULL; i++) {
		char *path = health_path(h, places[i]);

		text = path != NULL ? health_file(path, POLICY_MAX, &len) : NULL;
		free(path);
	}
	if (text != NULL && (json_parse(text, len, &json) != 0 || !cJSON_IsObject(json)))
		report_tell(h->report, "browser_firefox", "damaged", "policies.json");
	access = json_member(json_member(json, "policies"), "LocalNetworkAccess");
	for (size_t i = 0; i < sites->count; i++) {
		const char *host = site_counts(sites->items[i]) ? sites->items[i] + 8 : NULL;
		char name[256];

		if (host == NULL)
			continue;
		snprintf(name, sizeof(name), "%.*s", (int)strcspn(host, ":"), host);
		report_tell(h->report, "browser_firefox", cJSON_IsFalse(json_member(access, "Enabled")) || list_has(json_member(access, "SkipDomains"), name) ?
		    "ok" : "missing", "%s", sites->items[i]);
	}
	report_skip(h->report, "browser_firefox", "no_sites", "%s", "");
	cJSON_Delete(json);
	free(text);
}

static void
sandbox_check(struct health *h)
{
	static const char *const names[] = { "org.mozilla.firefox", "org.chromium.Chromium", "com.google.Chrome", "com.microsoft.Edge",
		"com.brave.Browser" };
	bool any = false;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		char place[128], *path;

		snprintf(place, sizeof(place), "/var/lib/flatpak/app/%s", names[i]);
		if ((path = health_path(h, place)) != NULL && access(path, F_OK) == 0) {
			report_tell(h->report, "browser_sandboxed", "flatpak", "%s", names[i]);
			any = true;
		}
		free(path);
	}
	if (!any)
		report_tell(h->report, "browser_sandboxed", "ok", "none in /var/lib/flatpak");
}

static void
proxy_check(struct health *h)
{
	static const char *const names[] = { "http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY" };
	const char *except = getenv("no_proxy") != NULL ? getenv("no_proxy") : getenv("NO_PROXY"), *proxy = NULL;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]) && proxy == NULL; i++)
		if (getenv(names[i]) != NULL && *getenv(names[i]) != '\0')
			proxy = names[i];
	if (proxy == NULL)
		report_tell(h->report, "proxy_loopback", "ok", "no proxy in the environment");
	else
		report_tell(h->report, "proxy_loopback", except != NULL && (strstr(except, "127.0.0.1") != NULL || strcmp(except, "*") == 0) ?
		    "ok" : "proxied", "%s is set, no_proxy %s", proxy, except != NULL ? "too" : "is not");
}

void
check_browsers(struct health *h)
{
	for (size_t i = 0; i < sizeof(chromiums) / sizeof(chromiums[0]); i++)
		chromium_check(h, &chromiums[i]);
	firefox_check(h);
	sandbox_check(h);
	proxy_check(h);
}
