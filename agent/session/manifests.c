/* SPDX-License-Identifier: Apache-2.0 */
/* session/manifests.c: the rules, the schema of the claims and the used nonces, together. */
#include "session/manifests.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/log.h"
#include "session/nonces.h"

struct manifests {
	const struct config_list *rules;
	struct manifest_key *keys;
	size_t count;
	struct schema_set *schemas;	/* types.json alone; NULL while there is no rule, as nonces */
	const struct schema *claims;
	struct nonces *nonces;
};

static int
claims_find(struct manifests *manifests)
{
	char *problem = NULL;

	if (schema_set_new(&manifests->schemas) != 0 || schema_set_add_types(manifests->schemas, &problem) != 0 ||
	    schema_set_finish(manifests->schemas, &problem) != 0 ||
	    (manifests->claims = schema_find(manifests->schemas, "types.json#/$defs/manifestClaims")) == NULL) {
		log_error("manifests can't be checked: %s", problem != NULL ? problem : "no memory");
		free(problem);
		return ERR_INTERNAL;
	}
	return 0;
}

int
manifests_new(const struct config_list *rules, const char *folder, int64_t now, struct manifests **ret_manifests)
{
	struct manifests *manifests = calloc(1, sizeof(*manifests));
	char *path = NULL;
	int r = ERR_INTERNAL;

	if (manifests != NULL)
		manifests->rules = rules;
	if (manifests == NULL || (manifests->keys = calloc(rules->count + 1, sizeof(*manifests->keys))) == NULL)
		goto out;
	for (size_t i = 0; i < rules->count; i++)
		if ((r = manifest_key_read(rules->items[i], &manifests->keys[manifests->count++])) != 0)
			goto out;
	r = 0;
	if (rules->count > 0 && (r = claims_find(manifests)) == 0)
		r = asprintf(&path, "%s/manifests.json", folder) < 0 ? ERR_INTERNAL : nonces_new(path, now, &manifests->nonces);
out:
	free(path);
	if (r != 0) {
		manifests_free(manifests);
		return ERR_INTERNAL;
	}
	*ret_manifests = manifests;
	return 0;
}

void
manifests_free(struct manifests *manifests)
{
	if (manifests == NULL)
		return;
	nonces_free(manifests->nonces);
	schema_set_free(manifests->schemas);
	free(manifests->keys);
	free(manifests);
}

/* The origin's keys, at most MANIFEST_KEYS_MAX: their number. */
static size_t
keys_of(const struct manifests *manifests, const char *origin, const struct manifest_key *ret_keys[MANIFEST_KEYS_MAX])
{
	size_t count = 0;

	for (size_t i = 0; i < manifests->count && count < MANIFEST_KEYS_MAX; i++)
		if (strcmp(manifests->keys[i].origin, origin) == 0)
			ret_keys[count++] = &manifests->keys[i];
	return count;
}

bool
manifests_are_wanted(const struct manifests *manifests, const char *origin)
{
	const struct manifest_key *keys[MANIFEST_KEYS_MAX];

	return keys_of(manifests, origin, keys) > 0 || config_list_unread(manifests->rules, origin) != NULL;
}

int
manifests_take(const struct manifests *manifests, const char *origin, const char *text, int64_t now, struct manifest **ret_manifest,
    char ret_detail[MANIFEST_DETAIL_BYTES])
{
	const struct manifest_key *keys[MANIFEST_KEYS_MAX];
	const char *unread = config_list_unread(manifests->rules, origin);
	struct manifest *manifest = NULL;
	size_t count = keys_of(manifests, origin, keys);
	int r;

	*ret_manifest = NULL;
	if (count == 0 && unread == NULL)
		return 0;
	/* A rule that may be this origin's, and no key to keep it by. */
	if (count == 0) {
		snprintf(ret_detail, MANIFEST_DETAIL_BYTES, "%s", unread);
		return text == NULL ? ERR_MANIFEST_REQUIRED : ERR_MANIFEST_INVALID;
	}
	if (text == NULL) {
		snprintf(ret_detail, MANIFEST_DETAIL_BYTES, "a manifest-key setting wants a manifest from this origin");
		return ERR_MANIFEST_REQUIRED;
	}
	if ((r = manifest_read(text, origin, keys, count, manifests->claims, now, &manifest, ret_detail)) != 0)
		return r;
	if ((r = nonces_check(manifests->nonces, origin, manifest_nonce(manifest), now)) != 0) {
		snprintf(ret_detail, MANIFEST_DETAIL_BYTES, "its jti has been used");
		manifest_free(manifest);
		return r;
	}
	*ret_manifest = manifest;
	return 0;
}

int
manifests_use(struct manifests *manifests, const char *origin, const struct manifest *manifest, int64_t now)
{
	if (manifest == NULL ? manifests_are_wanted(manifests, origin) : !manifest_is_matched(manifest))
		return ERR_INTERNAL;
	return manifest == NULL ? 0 : nonces_use(manifests->nonces, origin, manifest_nonce(manifest), manifest_until(manifest), now);
}
