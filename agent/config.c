/* SPDX-License-Identifier: Apache-2.0 */
/* config.c: one table of keys reads the settings file; an unknown key or a bad value is an error with its line. */
#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/log.h"

#define LIST_MAX 1000
#define NUMBER_MAX 3600000ul

enum kind { KIND_LIST, KIND_PATH, KIND_LANGUAGE, KIND_NUMBER };

static const struct key {
	const char *name;
	enum kind kind;
	size_t offset;
} keys[] = {
	{ "allow-origin", KIND_LIST, offsetof(struct config, allowed_origins) },
	{ "developer-origin", KIND_LIST, offsetof(struct config, developer_origins) },
	{ "cards-dir", KIND_PATH, offsetof(struct config, cards_dir) },
	{ "dialog-arm-ms", KIND_NUMBER, offsetof(struct config, dialog_arm_ms) },
	{ "dialog-pause-seconds", KIND_NUMBER, offsetof(struct config, dialog_pause_seconds) },
	{ "dialog-seconds", KIND_NUMBER, offsetof(struct config, dialog_seconds) },
	{ "forms-dir", KIND_LIST, offsetof(struct config, forms_folders) },
	{ "hash-origin", KIND_LIST, offsetof(struct config, hash_origins) },
	{ "institution", KIND_PATH, offsetof(struct config, institution) },
	{ "language", KIND_LANGUAGE, offsetof(struct config, language) },
	{ "module", KIND_LIST, offsetof(struct config, modules) },
	{ "pin-pause-seconds", KIND_NUMBER, offsetof(struct config, pin_pause_seconds) },
	{ "pinentry", KIND_PATH, offsetof(struct config, pinentry) },
	{ "trust-dir", KIND_LIST, offsetof(struct config, trust_folders) },
};
static const size_t keys_count = sizeof(keys) / sizeof(keys[0]);

static int
text_set(char **text, const char *value)
{
	char *copy = strdup(value);

	if (copy == NULL)
		return ERR_INTERNAL;
	free(*text);
	*text = copy;
	return 0;
}

int
config_list_add(struct config_list *list, const char *value)
{
	char **items;

	if (list->count == LIST_MAX)
		return ERR_TOO_LARGE;
	if ((items = realloc(list->items, (list->count + 1) * sizeof(*items))) == NULL)
		return ERR_INTERNAL;
	list->items = items;
	if ((items[list->count] = strdup(value)) == NULL)
		return ERR_INTERNAL;
	list->count++;
	return 0;
}

static int
number_set(unsigned *number, const char *value)
{
	unsigned long parsed;
	char *end;

	errno = 0;
	parsed = strtoul(value, &end, 10);
	if (*value < '0' || *value > '9' || *end != '\0' || errno != 0 || parsed > NUMBER_MAX)
		return ERR_INVALID_PARAMS;
	*number = (unsigned)parsed;
	return 0;
}

static int
key_set(struct config *config, const struct key *key, const char *value)
{
	void *member = (char *)config + key->offset;

	switch (key->kind) {
	case KIND_LIST:
		return config_list_add(member, value);
	case KIND_NUMBER:
		return number_set(member, value);
	case KIND_PATH:
		return *value == '/' ? text_set(member, value) : ERR_INVALID_PARAMS;
	case KIND_LANGUAGE:
		return strcmp(value, "tr") == 0 || strcmp(value, "en") == 0 ? text_set(member, value) : ERR_INVALID_PARAMS;
	}
	return ERR_INVALID_PARAMS;
}

/* The text without blanks at both ends, in place. */
static char *
trimmed(char *text)
{
	size_t len;

	text += strspn(text, " \t\r\n");
	for (len = strlen(text); len > 0 && strchr(" \t\r\n", text[len - 1]) != NULL; len--)
		text[len - 1] = '\0';
	return text;
}

static int
line_read(struct config *config, char *line)
{
	char *name = trimmed(line), *equals, *value;

	if (*name == '\0' || *name == '#')
		return 0;
	if ((equals = strchr(name, '=')) == NULL)
		return ERR_INVALID_PARAMS;
	*equals = '\0';
	value = trimmed(equals + 1);
	name = trimmed(name);
	for (size_t i = 0; *value != '\0' && i < keys_count; i++)
		if (strcmp(keys[i].name, name) == 0)
			return key_set(config, &keys[i], value);
	return ERR_INVALID_PARAMS;
}

int
config_read(const char *path, struct config *ret_config)
{
	struct config config = { .dialog_arm_ms = 700, .dialog_seconds = 120, .dialog_pause_seconds = 60, .pin_pause_seconds = 300 };
	char *line = NULL;
	size_t capacity = 0;
	unsigned number = 0;
	FILE *file = NULL;
	int r = text_set(&config.pinentry, "/usr/bin/pinentry");

	if (r == 0 && path != NULL && (file = fopen(path, "re")) == NULL) {
		log_error("%s: %s", path, strerror(errno));
		r = ERR_INVALID_PARAMS;
	}
	while (r == 0 && file != NULL && getline(&line, &capacity, file) >= 0) {
		number++;
		if ((r = line_read(&config, line)) != 0)
			log_error("%s:%u: unknown key or bad value", path, number);
	}
	free(line);
	if (file != NULL)
		fclose(file);
	if (r != 0) {
		config_clear(&config);
		return r;
	}
	*ret_config = config;
	return 0;
}

static void
list_clear(struct config_list *list)
{
	while (list->count > 0)
		free(list->items[--list->count]);
	free(list->items);
}

void
config_clear(struct config *config)
{
	list_clear(&config->modules);
	list_clear(&config->allowed_origins);
	list_clear(&config->developer_origins);
	list_clear(&config->forms_folders);
	list_clear(&config->hash_origins);
	list_clear(&config->trust_folders);
	free(config->cards_dir);
	free(config->pinentry);
	free(config->institution);
	free(config->language);
	*config = (struct config){ 0 };
}

bool
config_list_has(const struct config_list *list, const char *item)
{
	for (size_t i = 0; i < list->count; i++)
		if (strcmp(list->items[i], item) == 0)
			return true;
	return false;
}

const char *
config_language(const struct config *config)
{
	static const char *const variables[] = { "LC_ALL", "LC_MESSAGES", "LANG" };

	if (config->language != NULL)
		return config->language;
	for (size_t i = 0; i < sizeof(variables) / sizeof(variables[0]); i++) {
		const char *value = getenv(variables[i]);

		if (value != NULL && *value != '\0')
			return strncmp(value, "en", 2) == 0 ? "en" : "tr";
	}
	return "tr";
}
