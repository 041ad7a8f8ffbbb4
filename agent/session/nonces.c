/* SPDX-License-Identifier: Apache-2.0 */
/* session/nonces.c: one JSON object, from a hash of origin and name to the time when it may be forgotten. */
#include "session/nonces.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <openssl/evp.h>

#include "base/encoding.h"
#include "base/err.h"
#include "base/json.h"
#include "base/log.h"
#include "base/replace_file.h"

#define FILE_MAX (NONCES_MAX * 100)
#define KEY_LEN 64

struct nonces {
	char *path;
	cJSON *used;
};

/* What their time has ended for goes, and what was never ours. */
static void
expired_drop(cJSON *used, int64_t now)
{
	cJSON *next;

	for (cJSON *item = used->child; item != NULL; item = next) {
		next = item->next;
		if (strlen(item->string) != KEY_LEN || !cJSON_IsNumber(item) || !(item->valuedouble > (double)now))
			cJSON_Delete(cJSON_DetachItemViaPointer(used, item));
	}
}

static void
file_read(struct nonces *nonces, int64_t now)
{
	FILE *file = fopen(nonces->path, "re");
	char *text = malloc(FILE_MAX);
	cJSON *json = NULL;
	size_t len;

	if (file == NULL) {
		if (errno != ENOENT && errno != ENOTDIR)
			log_warning("%s: %s", nonces->path, strerror(errno));
	} else if (text != NULL && (len = fread(text, 1, FILE_MAX, file)) > 0) {
		if (json_parse(text, len, &json) == 0 && cJSON_IsObject(json)) {
			cJSON_Delete(nonces->used);
			nonces->used = json;
			json = NULL;
			expired_drop(nonces->used, now);
		} else {
			log_warning("%s is damaged and is made anew", nonces->path);
		}
	}
	cJSON_Delete(json);
	free(text);
	if (file != NULL)
		fclose(file);
}

int
nonces_new(const char *path, int64_t now, struct nonces **ret_nonces)
{
	struct nonces *nonces = calloc(1, sizeof(*nonces));

	if (nonces == NULL)
		return ERR_INTERNAL;
	*nonces = (struct nonces){ .path = strdup(path), .used = cJSON_CreateObject() };
	if (nonces->path == NULL || nonces->used == NULL) {
		nonces_free(nonces);
		return ERR_INTERNAL;
	}
	file_read(nonces, now);
	*ret_nonces = nonces;
	return 0;
}

void
nonces_free(struct nonces *nonces)
{
	if (nonces == NULL)
		return;
	cJSON_Delete(nonces->used);
	free(nonces->path);
	free(nonces);
}

/* A hash, since a portal may put anything into its names. */
static char *
key_make(const char *origin, const char *name)
{
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	unsigned char digest[EVP_MAX_MD_SIZE];
	char *key = NULL;

	if (context != NULL && EVP_DigestInit_ex(context, EVP_sha256(), NULL) == 1 && EVP_DigestUpdate(context, origin, strlen(origin) + 1) == 1 &&
	    EVP_DigestUpdate(context, name, strlen(name)) == 1 && EVP_DigestFinal_ex(context, digest, NULL) == 1)
		key = hex_encode(digest, KEY_LEN / 2);
	EVP_MD_CTX_free(context);
	return key;
}

int
nonces_check(const struct nonces *nonces, const char *origin, const char *name, int64_t now)
{
	char *key = key_make(origin, name);
	int r = key == NULL ? ERR_INTERNAL : json_integer(nonces->used, key, 0) > now ? ERR_MANIFEST_REPLAYED : 0;

	free(key);
	return r;
}

static void
file_write(const struct nonces *nonces)
{
	char *text = cJSON_PrintUnformatted(nonces->used);

	if (text == NULL || replace_file(nonces->path, text, strlen(text)) != 0)
		log_warning("%s can't be written: what was used is forgotten when this program ends", nonces->path);
	cJSON_free(text);
}

int
nonces_use(struct nonces *nonces, const char *origin, const char *name, int64_t until, int64_t now)
{
	char *key = key_make(origin, name);
	int r = key == NULL ? ERR_INTERNAL : 0;

	expired_drop(nonces->used, now);
	if (r == 0 && json_member(nonces->used, key) != NULL)
		r = ERR_MANIFEST_REPLAYED;
	if (r == 0 && cJSON_GetArraySize(nonces->used) >= NONCES_MAX)
		r = ERR_BUSY;
	if (r == 0 && cJSON_AddNumberToObject(nonces->used, key, (double)until) == NULL)
		r = ERR_INTERNAL;
	if (r == 0)
		file_write(nonces);
	free(key);
	return r;
}
