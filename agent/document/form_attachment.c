/* SPDX-License-Identifier: Apache-2.0 */
/* document/form_attachment.c: reads what goes along with a form, in one pass over each file. */
#include "document/form_attachment.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <glib.h>

#include "base/encoding.h"
#include "base/err.h"
#include "base/json.h"
#include "document/attachment_name.h"
#include "document/file.h"
#include "forms/field.h"

/* The form's words for it; NULL: the form takes no such file. */
static const char *
label_find(const cJSON *layout, const cJSON *texts, const char *language, const char *id)
{
	const cJSON *kind;

	cJSON_ArrayForEach(kind, json_member(layout, "attachments")) {
		const char *own = json_string(kind, "id"), *label = json_string(kind, "label");

		if (own != NULL && label != NULL && strcmp(own, id) == 0)
			return field_text(texts, language, label);
	}
	return NULL;
}

static bool
name_is_taken(const struct form_attachments *attachments, const char *name)
{
	char *folded = g_utf8_casefold(name, -1);
	bool taken = false;

	for (size_t i = 0; i < attachments->count && !taken; i++) {
		char *other = g_utf8_casefold(attachments->items[i].name, -1);

		taken = strcmp(other, folded) == 0;
		g_free(other);
	}
	g_free(folded);
	return taken;
}

/* So that none hides behind another when they are taken out into one folder, also on a system where capitals are no difference. */
static int
name_give(const struct form_attachments *attachments, const char *name, struct form_attachment *item)
{
	char *plain = attachment_name(name, item->media_type), *own = g_strdup(plain);

	if (plain == NULL)
		return ERR_INVALID_PARAMS;
	for (unsigned number = 2; name_is_taken(attachments, own); number++) {
		g_free(own);
		own = attachment_name_numbered(plain, number);
	}
	item->name = own;
	g_free(plain);
	return 0;
}

static int
file_hash(struct form_attachment *item, const char *expected)
{
	unsigned char sha256[32];
	char *hex = NULL;
	EVP_MD_CTX *md5;
	int r;

	if ((r = file_size(item->file, &item->size)) != 0)
		return r;
	md5 = digest_new(EVP_md5());
	if (md5 == NULL || (r = file_pass_sha256(item->file, item->size, md5, -1, sha256)) != 0 || EVP_DigestFinal_ex(md5, item->md5, NULL) != 1 ||
	    (hex = hex_encode(sha256, sizeof(sha256))) == NULL)
		r = ERR_INTERNAL;
	else if (strcmp(hex, expected) != 0)
		r = ERR_INVALID_PARAMS;
	else
		snprintf(item->sha256, sizeof(item->sha256), "%s", hex);
	free(hex);
	EVP_MD_CTX_free(md5);
	return r;
}

int
form_attachments_read(const cJSON *list, const int *files, size_t files_count, const cJSON *layout, const cJSON *texts, const char *language,
    struct form_attachments *ret_attachments)
{
	const cJSON *json;
	int r;

	*ret_attachments = (struct form_attachments){ .count = 0 };
	if ((size_t)cJSON_GetArraySize(list) != files_count || files_count > FORM_ATTACHMENTS_MAX)
		return ERR_INVALID_PARAMS;
	cJSON_ArrayForEach(json, list) {
		struct form_attachment *item = &ret_attachments->items[ret_attachments->count];
		const char *name = json_string(json, "name"), *sha256 = json_string(json, "sha256");

		*item = (struct form_attachment){ .id = json_string(json, "id"), .media_type = json_string(json, "mediaType"),
			.file = files[ret_attachments->count] };
		if (item->id == NULL || item->media_type == NULL || name == NULL || sha256 == NULL ||
		    (item->label = label_find(layout, texts, language, item->id)) == NULL)
			return ERR_INVALID_PARAMS;
		if ((r = name_give(ret_attachments, name, item)) != 0)
			return r;
		ret_attachments->count++;
		if ((r = file_hash(item, sha256)) != 0)
			return r;
	}
	return 0;
}

void
form_attachments_clear(struct form_attachments *attachments)
{
	for (size_t i = 0; i < attachments->count; i++)
		g_free(attachments->items[i].name);
	*attachments = (struct form_attachments){ .count = 0 };
}
