/* SPDX-License-Identifier: Apache-2.0 */
/* browsers/chromium.c: the managed policies of Chrome, Chromium and Edge: a folder of files, ours is imza-agent.json. */
#include "browsers/browsers.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "browsers/files.h"

#define OUR_FILE "imza-agent.json"
#define OUR_FOLDERS 3	/* of /etc/opt/chrome/policies/managed those below /etc/opt, which is Debian's */

/* Loopback bans, then loopback permissions, then the older names: the order in which Chromium looks (policies since 139 and 146). */
static const struct { const char *name, *outcome; } order[] = {
	{ "LoopbackNetworkBlockedForUrls", "blocked" }, { "LoopbackNetworkAllowedForUrls", "ok" },
	{ "LocalNetworkAccessBlockedForUrls", "blocked" }, { "LocalNetworkAccessAllowedForUrls", "ok" },
};
static const size_t order_count = sizeof(order) / sizeof(order[0]);

const char *
chromium_outcome(const cJSON *policies, const char *site)
{
	for (size_t i = 0; i < order_count; i++)
		if (policy_list_has(json_member(policies, order[i].name), site))
			return order[i].outcome;
	return "missing";
}

static int
is_policy(const struct dirent *entry)
{
	size_t len = strlen(entry->d_name);

	return len > 5 && strcmp(entry->d_name + len - 5, ".json") == 0;
}

/* The value of a later file stands for that of an earlier one, as browsers do it. */
static void
policies_add(cJSON *all, cJSON *more)
{
	cJSON *item;

	while (more != NULL && (item = cJSON_DetachItemViaPointer(more, more->child)) != NULL) {
		cJSON_DeleteItemFromObjectCaseSensitive(all, item->string);
		cJSON_AddItemToObject(all, item->string, item);
	}
}

cJSON *
chromium_policies(const struct browser *browser, const char *root, const char *without, unsigned *ret_damaged)
{
	struct dirent **files = NULL;
	char *folder = NULL;
	cJSON *all = cJSON_CreateObject();
	int count = asprintf(&folder, "%s%s", root, browser->policies) < 0 ? -1 : scandir(folder, &files, is_policy, alphasort);

	for (int i = 0; i < count; i++) {
		char *path = NULL, *text = NULL;
		cJSON *json = NULL;

		if (without == NULL || strcmp(files[i]->d_name, without) != 0) {
			if (asprintf(&path, "%s/%s", folder, files[i]->d_name) >= 0 && (text = policy_read(path)) != NULL)
				json = policy_parse(text);
			*ret_damaged += json == NULL;
			policies_add(all, json);
		}
		cJSON_Delete(json);
		free(text);
		free(path);
		free(files[i]);
	}
	free(files);
	free(folder);
	return all;
}

/* Whether a file of the institution sets one of these policies: browsers do not join the lists of two files. */
static bool
is_foreign(const struct browser *browser, const char *root)
{
	unsigned damaged = 0;
	cJSON *others = chromium_policies(browser, root, OUR_FILE, &damaged);
	bool foreign = false;

	for (size_t i = 0; i < order_count; i++)
		foreign |= json_member(others, order[i].name) != NULL;
	cJSON_Delete(others);
	return foreign;
}

cJSON *
chromium_ours(const struct browser *browser, const char *root)
{
	char *path = NULL, *text = asprintf(&path, "%s%s/" OUR_FILE, root, browser->policies) < 0 ? NULL : policy_read(path);
	cJSON *json = text != NULL ? policy_parse(text) : NULL;
	cJSON *ours = cJSON_DetachItemFromObjectCaseSensitive(json, "LoopbackNetworkAllowedForUrls");

	cJSON_Delete(json);
	free(text);
	free(path);
	return ours;
}

static char *
policy_text(const struct config_list *sites)
{
	cJSON *json = cJSON_CreateObject();
	char *text, *line = NULL;

	for (size_t i = 0; i < order_count; i++)
		if (strcmp(order[i].outcome, "ok") == 0)
			cJSON_AddItemToObject(json, order[i].name, cJSON_CreateStringArray((const char *const *)sites->items, (int)sites->count));
	text = cJSON_Print(json);
	if (text == NULL || asprintf(&line, "%s\n", text) < 0)
		line = NULL;
	cJSON_free(text);
	cJSON_Delete(json);
	return line;
}

enum browser_change
chromium_set(const struct browser *browser, const char *root, const struct config_list *sites, char **ret_where)
{
	enum browser_change change = BROWSER_FAILED;
	char *path = NULL, *text = NULL;

	if (asprintf(&path, "%s%s/" OUR_FILE, root, browser->policies) < 0)
		return BROWSER_FAILED;
	if (sites->count == 0 || is_foreign(browser, root)) {
		if (policy_remove(path, OUR_FOLDERS) == 0)
			change = sites->count == 0 ? BROWSER_NOTHING : BROWSER_FOREIGN;
		if (change == BROWSER_FOREIGN && asprintf(ret_where, "%s%s", root, browser->policies) < 0)
			*ret_where = NULL;
	} else if ((text = policy_text(sites)) != NULL && policy_write(path, text) == 0) {
		change = BROWSER_SET;
	}
	free(text);
	free(path);
	return change;
}
