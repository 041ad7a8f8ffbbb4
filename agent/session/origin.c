/* SPDX-License-Identifier: Apache-2.0 */
/* session/origin.c: exact origins: parsed once, compared byte by byte, never by prefix, suffix or wildcard. */
#include "session/origin.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/err.h"
#include "base/json.h"
#include "base/log.h"
#include "base/replace_file.h"

#define STORE_MAX (1u << 20)

struct origins {
	const struct config *config;
	char *path;
	cJSON *remembered;	/* object: origin -> true (always) or false (denied) */
	struct stat seen;	/* the store's file when it was read or written; zeroed: none */
};

const char *
grant_name(enum grant grant)
{
	static const char *const names[] = { "none", "once", "always", "listed", "denied" };

	return names[grant];
}

/* A store that can't be read must not keep the agent from starting: its sites are asked for again. */
static void
store_read(struct origins *origins)
{
	FILE *file = fopen(origins->path, "re");
	char *text = NULL;
	cJSON *json = NULL;
	size_t len;

	if (file == NULL) {
		origins->seen = (struct stat){ 0 };
		if (errno != ENOENT && errno != ENOTDIR)
			log_warning("%s: %s", origins->path, strerror(errno));
		return;
	}
	if (fstat(fileno(file), &origins->seen) == 0 && (text = malloc(STORE_MAX)) != NULL && (len = fread(text, 1, STORE_MAX, file)) > 0) {
		if (json_parse(text, len, &json) != 0 || !cJSON_IsObject(json)) {
			log_warning("%s is damaged: its sites will be asked for again", origins->path);
			cJSON_Delete(json);
			json = cJSON_CreateObject();
		}
		if (json != NULL) {
			cJSON_Delete(origins->remembered);
			origins->remembered = json;
		}
	}
	free(text);
	fclose(file);
}

/* Another program (imza-agent origins) puts a new file in the store's place: one stat(2) tells. */
static void
store_refresh(struct origins *origins)
{
	struct stat now;

	if (stat(origins->path, &now) == 0 && (now.st_ino != origins->seen.st_ino || now.st_size != origins->seen.st_size ||
	    now.st_mtim.tv_sec != origins->seen.st_mtim.tv_sec || now.st_mtim.tv_nsec != origins->seen.st_mtim.tv_nsec))
		store_read(origins);
}

int
origins_new(const struct config *config, const char *store_path, struct origins **ret_origins)
{
	struct origins *origins = calloc(1, sizeof(*origins));

	if (origins == NULL)
		return ERR_INTERNAL;
	*origins = (struct origins){ .config = config, .path = strdup(store_path), .remembered = cJSON_CreateObject() };
	if (origins->path == NULL || origins->remembered == NULL) {
		origins_free(origins);
		return ERR_INTERNAL;
	}
	store_read(origins);
	*ret_origins = origins;
	return 0;
}

void
origins_free(struct origins *origins)
{
	if (origins == NULL)
		return;
	cJSON_Delete(origins->remembered);
	free(origins->path);
	free(origins);
}

bool
origins_may_connect(const struct origins *origins, const char *origin)
{
	const struct config *config = origins->config;
	bool developer = config_list_has(&config->developer_origins, origin);

	if (config_list_has(&config->denied_origins, origin))
		return false;
	if (config->listed_origins_only && !developer && !config_list_has(&config->allowed_origins, origin))
		return false;
	return origin_text_is_https(origin) || (developer && origin_text_is_http(origin));
}

/* What would be settled if every line could be read. */
static enum grant
grant_read(struct origins *origins, const char *origin)
{
	store_refresh(origins);
	if (cJSON_IsFalse(json_member(origins->remembered, origin)))
		return GRANT_DENIED;
	if (config_list_has(&origins->config->allowed_origins, origin))
		return GRANT_LISTED;
	return json_true(origins->remembered, origin) ? GRANT_ALWAYS : GRANT_NONE;
}

enum grant
origins_grant(struct origins *origins, const char *origin)
{
	return config_list_unread(&origins->config->denied_origins, origin) != NULL ? GRANT_DENIED : grant_read(origins, origin);
}

const char *
origins_shut(struct origins *origins, const char *origin)
{
	enum grant grant = grant_read(origins, origin);

	return grant == GRANT_LISTED || grant == GRANT_ALWAYS ? config_list_unread(&origins->config->denied_origins, origin) : NULL;
}

bool
origins_may_sign_hashes(const struct origins *origins, const char *origin)
{
	return config_list_has(&origins->config->hash_origins, origin);
}

static int
store_write(struct origins *origins)
{
	char *text = cJSON_Print(origins->remembered);
	int r = text != NULL ? replace_file(origins->path, text, strlen(text)) : ERR_INTERNAL;

	if (r == 0 && stat(origins->path, &origins->seen) != 0)
		origins->seen = (struct stat){ 0 };
	cJSON_free(text);
	return r;
}

int
origins_remember(struct origins *origins, const char *origin, bool allowed)
{
	const cJSON *now;

	store_refresh(origins);
	now = json_member(origins->remembered, origin);
	if (now != NULL && cJSON_IsTrue(now) == allowed)
		return 0;
	cJSON_DeleteItemFromObjectCaseSensitive(origins->remembered, origin);
	if (cJSON_AddBoolToObject(origins->remembered, origin, allowed) == NULL)
		return ERR_INTERNAL;
	return store_write(origins);
}

int
origins_forget(struct origins *origins, const char *origin)
{
	store_refresh(origins);
	if (json_member(origins->remembered, origin) == NULL)
		return ERR_NOT_FOUND;
	cJSON_DeleteItemFromObjectCaseSensitive(origins->remembered, origin);
	return store_write(origins);
}

const cJSON *
origins_remembered(struct origins *origins)
{
	store_refresh(origins);
	return origins->remembered;
}
