/* SPDX-License-Identifier: Apache-2.0 */
/*
 * browsers/firefox.c: Firefox reads one file of policies, which belongs to the institution: our sites are added to it and taken out again,
 * and what it said before we came is kept beside so that it comes back byte by byte.
 */
#include "browsers/browsers.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/log.h"
#include "browsers/files.h"

#define POLICIES "/etc/firefox/policies/policies.json"
#define BEFORE_MAX (POLICY_MAX / 4)	/* so that the record is below POLICY_MAX */
#define POLICIES_FOLDERS 2	/* policies and firefox */
#define RECORD "/var/lib/imza-agent/firefox-policies.json"	/* sites: ours; before: the file without them, null for none */
#define RECORD_FOLDERS 1

/* It reads the first one that is there, and no other. */
static const char *const places[] = { POLICIES, "/usr/lib/firefox-esr/distribution/policies.json", "/usr/lib/firefox/distribution/policies.json" };

static char *
below(const char *root, const char *path)
{
	char *full;

	return asprintf(&full, "%s%s", root, path) < 0 ? NULL : full;
}

static char *
read_below(const char *root, const char *place)
{
	char *path = below(root, place), *text = path != NULL ? policy_read(path) : NULL;

	free(path);
	return text;
}

cJSON *
firefox_policies(const char *root, unsigned *ret_damaged)
{
	char *text = NULL;
	cJSON *json = NULL;

	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]) && text == NULL; i++)
		text = read_below(root, places[i]);
	if (text != NULL && (json = policy_parse(text)) == NULL)
		*ret_damaged = 1;
	free(text);
	return json != NULL ? json : cJSON_CreateObject();
}

/* A site's host: that is what Firefox knows it by. */
static void
host_of(const char *site, char host[256])
{
	const char *name = site + strlen("https://");

	snprintf(host, 256, "%.*s", (int)strcspn(name, ":"), name);
}

const char *
firefox_outcome(const cJSON *policies, const char *site)
{
	const cJSON *access = json_member(json_member(policies, "policies"), "LocalNetworkAccess");
	char host[256];

	host_of(site, host);
	return cJSON_IsFalse(json_member(access, "Enabled")) || policy_list_has(json_member(access, "SkipDomains"), host) ? "ok" : "missing";
}

/* The member, made when it is not there; NULL when it is of another type. */
static cJSON *
member_made(cJSON *object, const char *name, cJSON *(*make)(void))
{
	cJSON *member = json_member(object, name), *fresh = make();

	if (member == NULL && fresh != NULL) {
		cJSON_AddItemToObject(object, name, fresh);
		return fresh;
	}
	if (member == NULL || fresh == NULL || member->type != fresh->type)
		member = NULL;
	cJSON_Delete(fresh);
	return member;
}

/* before with the sites, the caller's; NULL when before is not what Firefox could read, or memory runs out. */
static char *
sites_added(const char *before, const struct config_list *sites)
{
	cJSON *json = before != NULL ? policy_parse(before) : cJSON_CreateObject();
	cJSON *list = json != NULL ? member_made(json, "policies", cJSON_CreateObject) : NULL;
	char *text, *line = NULL, host[256];

	if (list != NULL && (list = member_made(list, "LocalNetworkAccess", cJSON_CreateObject)) != NULL)
		list = member_made(list, "SkipDomains", cJSON_CreateArray);
	for (size_t i = 0; list != NULL && i < sites->count; i++) {
		host_of(sites->items[i], host);
		if (!policy_list_has(list, host))
			cJSON_AddItemToArray(list, cJSON_CreateString(host));
	}
	text = list != NULL ? cJSON_Print(json) : NULL;
	if (text == NULL || asprintf(&line, "%s\n", text) < 0)
		line = NULL;
	cJSON_free(text);
	cJSON_Delete(json);
	return line;
}

static cJSON *
skip_domains(const cJSON *json)
{
	return json_member(json_member(json_member(json, "policies"), "LocalNetworkAccess"), "SkipDomains");
}

/* Someone has edited the file since: only the hosts that we added go, and what holds nothing without them. */
static char *
sites_taken(const char *now, const char *before, const struct config_list *sites)
{
	cJSON *json = policy_parse(now), *policies = json_member(json, "policies"), *access = json_member(policies, "LocalNetworkAccess");
	cJSON *list = skip_domains(json);
	cJSON *old = before != NULL ? policy_parse(before) : NULL;
	char *text, *line = NULL, host[256];

	for (size_t i = 0; i < sites->count; i++) {
		host_of(sites->items[i], host);
		if (policy_list_has(skip_domains(old), host))
			continue;	/* it was not ours */
		for (int k = cJSON_GetArraySize(list) - 1; k >= 0; k--)
			if (cJSON_IsString(cJSON_GetArrayItem(list, k)) && strcmp(cJSON_GetArrayItem(list, k)->valuestring, host) == 0)
				cJSON_DeleteItemFromArray(list, k);
	}
	if (list != NULL && cJSON_GetArraySize(list) == 0)
		cJSON_DeleteItemFromObjectCaseSensitive(access, "SkipDomains");
	if (access != NULL && cJSON_GetArraySize(access) == 0)
		cJSON_DeleteItemFromObjectCaseSensitive(policies, "LocalNetworkAccess");
	text = json != NULL ? cJSON_Print(json) : NULL;
	if (text == NULL || asprintf(&line, "%s\n", text) < 0)
		line = NULL;
	cJSON_free(text);
	cJSON_Delete(json);
	cJSON_Delete(old);
	return line;
}

cJSON *
firefox_ours(const char *root)
{
	char *text = read_below(root, RECORD);
	cJSON *json = text != NULL ? policy_parse(text) : NULL, *ours = cJSON_DetachItemFromObjectCaseSensitive(json, "sites");

	cJSON_Delete(json);
	free(text);
	return ours;
}

/* What an earlier call added goes out of the file. 0 or a negative error. */
static int
earlier_undo(const char *policies, const char *record)
{
	char *told = policy_read(record), *now = policy_read(policies), *with = NULL, *without = NULL;
	cJSON *json = told != NULL ? policy_parse(told) : NULL;
	const char *before = json_string(json, "before");
	struct config_list sites = { 0 };
	const cJSON *site;
	int r = 0;

	cJSON_ArrayForEach(site, json_member(json, "sites"))
		if (cJSON_IsString(site) && r == 0)
			r = config_list_add(&sites, site->valuestring);
	if (r == 0 && json != NULL && now != NULL) {
		with = sites_added(before, &sites);
		if (with != NULL && strcmp(with, now) == 0 && before == NULL)
			r = policy_remove(policies, POLICIES_FOLDERS);
		else if (with != NULL && strcmp(with, now) == 0)
			r = policy_write(policies, before);
		else if ((without = sites_taken(now, before, &sites)) != NULL)
			r = policy_write(policies, without);
	}
	if (r == 0 && told != NULL)
		r = policy_remove(record, RECORD_FOLDERS);
	config_list_clear(&sites);
	cJSON_Delete(json);
	free(told);
	free(now);
	free(with);
	free(without);
	return r;
}

/* The record first: whatever happens next, our sites can be found again. */
static int
added_write(const char *policies, const char *record, const char *before, const char *with, const struct config_list *sites)
{
	cJSON *json = cJSON_CreateObject();
	char *text;
	int r = ERR_INTERNAL;

	cJSON_AddItemToObject(json, "sites", cJSON_CreateStringArray((const char *const *)sites->items, (int)sites->count));
	cJSON_AddItemToObject(json, "before", before != NULL ? cJSON_CreateString(before) : cJSON_CreateNull());
	if ((text = cJSON_Print(json)) != NULL && (r = policy_write(record, text)) == 0)
		r = policy_write(policies, with);
	cJSON_free(text);
	cJSON_Delete(json);
	return r;
}

/* The path of the file that decides although ours would be read before it, or that we can't add to; NULL for none. */
static const char *
foreign_place(const char *root, const char *before, const char *with)
{
	if (before != NULL)
		return with == NULL || strlen(before) > BEFORE_MAX ? places[0] : NULL;
	for (size_t i = 1; i < sizeof(places) / sizeof(places[0]); i++) {
		char *text = read_below(root, places[i]);

		free(text);
		if (text != NULL)
			return places[i];
	}
	return NULL;
}

enum browser_change
firefox_set(const char *root, const struct config_list *sites, char **ret_where)
{
	char *policies = below(root, POLICIES), *record = below(root, RECORD), *before = NULL, *with = NULL;
	enum browser_change change = BROWSER_FAILED;
	const char *foreign;

	if (policies == NULL || record == NULL || earlier_undo(policies, record) != 0)
		goto out;
	before = policy_read(policies);
	with = sites_added(before, sites);
	if (sites->count == 0) {
		change = BROWSER_NOTHING;
	} else if ((foreign = foreign_place(root, before, with)) != NULL) {
		change = BROWSER_FOREIGN;
		*ret_where = below(root, foreign);
	} else if (with != NULL && added_write(policies, record, before, with, sites) == 0) {
		change = BROWSER_SET;
	}
out:
	free(policies);
	free(record);
	free(before);
	free(with);
	return change;
}
