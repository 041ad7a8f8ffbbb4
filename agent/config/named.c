/* SPDX-License-Identifier: Apache-2.0 */
/* config/named.c: looks at what settings name, without reading it. */
#include "config/named.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "base/trusted_file.h"

enum named { NAMED_GOOD, NAMED_NO_FILE, NAMED_NO_FOLDER, NAMED_UNTRUSTED, NAMED_UNREADABLE, NAMED_ROOTS_ONLY, NAMED_KINDS };

static const char *
text_of(enum named named, const char *language)
{
	static const struct { const char *tr, *en; } texts[NAMED_KINDS] = {
		[NAMED_NO_FILE] = { "böyle bir dosya yok", "there is no such file" },
		[NAMED_NO_FOLDER] = { "böyle bir klasör yok", "there is no such folder" },
		[NAMED_UNTRUSTED] = { "dosya root'un ya da sizin olmalı, başkası yazamamalı; kullanılmaz",
		    "the file must belong to root or to you and nobody else may write it; it is not used" },
		[NAMED_UNREADABLE] = { "okunamıyor", "it can't be read" },
		[NAMED_ROOTS_ONLY] = { "yalnız root okuyabiliyor; kullanıcıların e-imza aracısı okuyamaz", "only root can read it; the users' agents can't" },
	};

	return strcmp(language, "tr") == 0 ? texts[named].tr : texts[named].en;
}

static enum named
look(const char *path, bool folder)
{
	struct stat st;
	int r;

	if (!folder && (r = trusted_file_check(path)) != 0)
		return r == ERR_NOT_FOUND ? NAMED_NO_FILE : NAMED_UNTRUSTED;
	if (stat(path, &st) != 0 || (folder && !S_ISDIR(st.st_mode)))
		return NAMED_NO_FOLDER;
	if (access(path, folder ? R_OK | X_OK : R_OK) != 0)
		return NAMED_UNREADABLE;
	return geteuid() == 0 && st.st_uid == 0 && (st.st_mode & (S_IRGRP | S_IROTH)) == 0 ? NAMED_ROOTS_ONLY : NAMED_GOOD;
}

size_t
config_named_check(const struct config_sources *sources, const char *language, FILE *out)
{
	const struct config_list *files = config_sources_files(sources);
	size_t count, found = 0;
	const struct config_value *values = config_sources_values(sources, &count);
	enum named named;

	/* One that can't be read at all is a problem of its own. */
	for (size_t i = 0; i < files->count && !config_sources_file_is_named(sources); i++)
		if (look(files->items[i], false) == NAMED_ROOTS_ONLY) {
			fprintf(out, "%s: %s\n", files->items[i], text_of(NAMED_ROOTS_ONLY, language));
			found++;
		}
	for (size_t i = 0; i < count; i++) {
		const struct config_value *value = &values[i];
		bool folder = value->key->kind == CONFIG_FOLDER || value->key->kind == CONFIG_FOLDERS;

		if (value->file == NULL || value->value == NULL || value->unread || (!folder && value->key->kind != CONFIG_PATH && value->key->kind != CONFIG_PATHS) ||
		    (named = look(value->value, folder)) == NAMED_GOOD)
			continue;
		fprintf(out, "%s:%u: %s: %s: %s\n", value->file, value->line, value->key->name, value->value, text_of(named, language));
		found++;
	}
	return found;
}
