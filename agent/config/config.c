/* SPDX-License-Identifier: Apache-2.0 */
/* config/config.c: fills in the settings from their sources. */
#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/err.h"
#include "base/log.h"
#include "config/sources.h"
#include "session/origin_text.h"

static void
problems_log(const struct config_sources *sources)
{
	size_t count;
	const struct config_problem *problems = config_sources_problems(sources, &count);

	for (size_t i = 0; i < count; i++) {
		const struct config_problem *p = &problems[i];
		const char *text = config_problem_text(p->kind, "en"), *colon = *p->what != '\0' ? ": " : "";

		if (p->kind == CONFIG_OTHER_NAME)
			log_info("%s: %s", p->file, text);
		else if (!config_problem_counts(p))
			log_info("%s:%u: %s%s%s", p->file, p->line, p->what, colon, text);
		else if (p->line == 0)
			log_error("%s: %s%s%s", p->file, text, colon, p->what);
		else
			log_error("%s:%u: %s%s%s", p->file, p->line, p->what, colon, text);
	}
}

/* What it counts as is said in the log, once more than what is wrong with it. */
static int
unread_fill(struct config *config, const struct config_value *value)
{
	char text[CONFIG_UNREAD_BYTES];

	config_unread_text(value, "en", text);
	log_error("%s", text);
	if (!config_key_is_list(value->key))
		return config_key_set(config, value->key, value->value);
	return config_list_add_unread((struct config_list *)((char *)config + value->key->offset), value->value, text);
}

static int
config_fill(struct config *config)
{
	size_t count;
	const struct config_value *values = config_sources_values(config->sources, &count);
	int r = 0;

	for (size_t i = 0; r == 0 && i < count; i++)
		if (values[i].unread)
			r = unread_fill(config, &values[i]);
		else if (values[i].value != NULL)
			r = config_key_set(config, values[i].key, values[i].value);
	return r;
}

/* $XDG_CONFIG_HOME/imza-agent/imza-agent.conf, or NULL for none. */
static char *
user_file(void)
{
	const char *base = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME");
	char *path = NULL;
	int n = 0;

	if (base != NULL && *base == '/')
		n = asprintf(&path, "%s/imza-agent/imza-agent.conf", base);
	else if (home != NULL && *home == '/')
		n = asprintf(&path, "%s/.config/imza-agent/imza-agent.conf", home);
	return n < 0 ? NULL : path;
}

int
config_read(const char *path, struct config *ret_config)
{
	struct config config = { 0 };
	struct stat st;
	bool folder = path == NULL || (stat(path, &st) == 0 && S_ISDIR(st.st_mode));
	const char *base = path == NULL ? CONFIG_SYSTEM_DIR : path;
	char *file = NULL, *drop_ins = NULL, *locked = NULL, *user = path == NULL ? user_file() : NULL;
	int r = ERR_INTERNAL;

	if (asprintf(&file, "%s/imza-agent.conf", base) < 0)
		file = NULL;
	if (asprintf(&drop_ins, "%s/conf.d", base) < 0)
		drop_ins = NULL;
	if (asprintf(&locked, "%s/policy.d", folder ? base : CONFIG_SYSTEM_DIR) < 0)
		locked = NULL;
	if (file != NULL && drop_ins != NULL && locked != NULL)
		r = config_sources_read(&(struct config_places){ .vendor = CONFIG_VENDOR_DIR, .file = folder ? file : path,
		    .drop_ins = folder ? drop_ins : NULL, .user = user, .locked = locked, .file_named = !folder }, &config.sources);
	free(file);
	free(drop_ins);
	free(locked);
	free(user);
	if (r != 0 || (r = config_fill(&config)) != 0) {
		config_clear(&config);
		*ret_config = config;
		return ERR_INTERNAL;
	}
	problems_log(config.sources);
	*ret_config = config;
	return config_sources_usable(config.sources) ? 0 : ERR_INVALID_PARAMS;
}

void
config_clear(struct config *config)
{
	config_keys_clear(config);
	config_sources_free(config->sources);
	*config = (struct config){ 0 };
}

const char *
config_list_unread(const struct config_list *list, const char *origin)
{
	bool is_origin = origin_text_is_https(origin) || origin_text_is_http(origin);

	for (size_t i = 0; i < list->unread_count; i++)
		if (list->unread[i].item == NULL ? is_origin : strcmp(list->unread[i].item, origin) == 0)
			return list->unread[i].text;
	return NULL;
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
