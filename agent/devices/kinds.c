/* SPDX-License-Identifier: Apache-2.0 */
/* devices/kinds.c: the files of cards.d. */
#include "devices/kinds.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/json.h"
#include "base/log.h"
#include "base/secret.h"
#include "devices/atr.h"

#define ADMINISTRATOR_FOLDER "/etc/imza-agent/cards.d"
#define FILE_MAX (64u << 10)
#define FILES_MAX 200

struct kinds {
	cJSON *all;
};

static bool
strings_are_good(const cJSON *array, const char *characters)
{
	const cJSON *item;

	if (array != NULL && !cJSON_IsArray(array))
		return false;
	cJSON_ArrayForEach(item, array) {
		const char *text = cJSON_GetStringValue(item);

		if (text == NULL || *text == '\0' || (characters != NULL && strspn(text, characters) != strlen(text)) || strchr(text, '/') != NULL)
			return false;
	}
	return true;
}

static bool
pin_is_good(const cJSON *pin)
{
	struct pin_lengths lengths = pin_lengths_read(pin);

	return cJSON_IsObject(pin) && lengths.min > 0 && lengths.min <= lengths.max && lengths.max < SECRET_MAX;
}

static bool
kind_is_good(const cJSON *kind)
{
	const cJSON *name = json_member(kind, "name"), *page = json_member(kind, "page"), *pin = json_member(kind, "pin");
	const char *word = json_string(kind, "kind");

	return word != NULL && *word != '\0' && strspn(word, "abcdefghijklmnopqrstuvwxyz0123456789_") == strlen(word) &&
	    json_string(name, "tr") != NULL && json_string(name, "en") != NULL && json_string(kind, "provider") != NULL &&
	    (page == NULL || strncmp(cJSON_IsString(page) ? page->valuestring : "", "https://", 8) == 0) &&
	    (pin == NULL || pin_is_good(pin)) && json_member(kind, "modules") != NULL && strings_are_good(json_member(kind, "modules"), NULL) &&
	    strings_are_good(json_member(kind, "atr"), "0123456789ABCDEF.") && strings_are_good(json_member(kind, "historical"), "0123456789ABCDEF.");
}

static cJSON *
file_read(const char *path)
{
	FILE *file = fopen(path, "re");
	char *text = malloc(FILE_MAX);
	cJSON *kind = NULL;
	size_t len;

	if (file != NULL && text != NULL && (len = fread(text, 1, FILE_MAX, file)) < FILE_MAX && json_parse(text, len, &kind) == 0 &&
	    !kind_is_good(kind)) {
		cJSON_Delete(kind);
		kind = NULL;
	}
	if (kind == NULL)
		log_error("%s: not a description of a kind of card; left out", path);
	free(text);
	if (file != NULL)
		fclose(file);
	return kind;
}

static int
name_is_json(const struct dirent *entry)
{
	const char *dot = strrchr(entry->d_name, '.');

	return dot != NULL && strcmp(dot, ".json") == 0;
}

/* Adds a folder's files under their names; one that is there already is replaced. */
static void
folder_read(const char *folder, cJSON *all)
{
	struct dirent **entries = NULL;
	char path[4096];
	int count = scandir(folder, &entries, name_is_json, alphasort);

	for (int i = 0; i < count; i++) {
		cJSON *kind;

		snprintf(path, sizeof(path), "%s/%s", folder, entries[i]->d_name);
		if (cJSON_GetArraySize(all) < FILES_MAX && (kind = file_read(path)) != NULL) {
			cJSON_DeleteItemFromObjectCaseSensitive(all, entries[i]->d_name);
			cJSON_AddItemToObject(all, entries[i]->d_name, kind);
		}
		free(entries[i]);
	}
	free(entries);
}

int
kinds_new(const char *folder, struct kinds **ret_kinds)
{
	struct kinds *kinds = calloc(1, sizeof(*kinds));

	if (kinds == NULL || (kinds->all = cJSON_CreateObject()) == NULL) {
		free(kinds);
		return ERR_INTERNAL;
	}
	folder_read(folder != NULL ? folder : CARDS_DIR, kinds->all);
	if (folder == NULL)
		folder_read(ADMINISTRATOR_FOLDER, kinds->all);
	*ret_kinds = kinds;
	return 0;
}

void
kinds_free(struct kinds *kinds)
{
	if (kinds == NULL)
		return;
	cJSON_Delete(kinds->all);
	free(kinds);
}

const cJSON *
kinds_all(const struct kinds *kinds)
{
	return kinds->all;
}

static bool
any_matches(const cJSON *patterns, const char *text, bool whole)
{
	const cJSON *pattern;

	cJSON_ArrayForEach(pattern, patterns)
		if (atr_pattern_matches(pattern->valuestring, text, whole))
			return true;
	return false;
}

const cJSON *
kinds_find(const struct kinds *kinds, const char *atr)
{
	char historical[ATR_TEXT_MAX];
	bool has_historical = atr_historical(atr, historical);
	const cJSON *kind;

	cJSON_ArrayForEach(kind, kinds->all)
		if (any_matches(json_member(kind, "atr"), atr, true) ||
		    (has_historical && any_matches(json_member(kind, "historical"), historical, false)))
			return kind;
	return NULL;
}

struct pin_lengths
kind_pin_lengths(const cJSON *kind)
{
	return pin_lengths_read(json_member(kind, "pin"));
}

int
kind_module_rank(const cJSON *kind, const char *module)
{
	const cJSON *item;
	int rank = 0;

	if (kind == NULL)
		return -1;
	cJSON_ArrayForEach(item, json_member(kind, "modules")) {
		if (strcmp(item->valuestring, module) == 0)
			return rank;
		rank++;
	}
	return -1;
}
