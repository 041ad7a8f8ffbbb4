/* SPDX-License-Identifier: Apache-2.0 */
/* health/browser.c: whether the institution's policies let its sites reach the agent, browser by browser. */
#include "health/checks.h"

#include <stdlib.h>
#include <string.h>

#include "browsers/browsers.h"

static void
stale_tell(void *context, const struct browser *browser, const char *site)
{
	report_tell(((struct health *)context)->report, browser->check, "stale", "%s", site);
}

static void
sites_check(struct health *h, const struct browser *browser, const struct config_list *sites)
{
	unsigned damaged = 0;
	cJSON *policies = browser_policies(browser, h->options.root, NULL, &damaged);

	for (size_t i = 0; i < sites->count; i++)
		report_tell(h->report, browser->check, browser_outcome(browser, policies, sites->items[i]), "%s", sites->items[i]);
	browser_stale(browser, h->options.root, policies, sites, stale_tell, h);
	if (damaged > 0)
		report_tell(h->report, browser->check, "damaged", "%u files", damaged);
	cJSON_Delete(policies);
}

static void
flatpak_tell(void *context, const char *name)
{
	struct health *h = context;

	report_tell(h->report, "browser_sandboxed", "flatpak", "%s", name);
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
	struct config_list sites;

	proxy_check(h);
	if (browser_flatpaks(h->options.root, getenv("HOME"), flatpak_tell, h) == 0)
		report_tell(h->report, "browser_sandboxed", "ok", "none in /var/lib/flatpak");
	if (browser_sites(&h->services->config->allowed_origins, &sites) != 0)
		return;
	for (size_t i = 0; i < browsers_count; i++)
		if (browser_is_there(&browsers[i], h->options.root)) {
			sites_check(h, &browsers[i], &sites);
			report_skip(h->report, browsers[i].check, "no_sites", "%s", "");
		}
	for (size_t i = 0; i < browsers_count; i++)
		report_skip(h->report, browsers[i].check, "not_installed", "%s", "");
	config_list_clear(&sites);
}
