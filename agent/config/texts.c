/* SPDX-License-Identifier: Apache-2.0 */
/* config/texts.c: what is wrong with settings, in words. */
#include "config/sources.h"

#include <stdio.h>
#include <string.h>

bool
config_problem_counts(const struct config_problem *problem)
{
	return problem->kind != CONFIG_OVERRIDDEN && problem->kind != CONFIG_OTHER_NAME;
}

const char *
config_problem_text(enum config_problem_kind kind, const char *language)
{
	static const struct { const char *tr, *en; } texts[CONFIG_PROBLEM_KINDS] = {
		[CONFIG_UNREADABLE] = { "dosya okunamıyor", "the file can't be read" },
		[CONFIG_UNTRUSTED] = { "dosya root'un ya da sizin olmalı, başkası yazamamalı; dikkate alınmadı",
		    "the file must belong to root or to you and nobody else may write it; it is left out" },
		[CONFIG_NO_SETTING] = { "satır `anahtar = değer` biçiminde değil", "the line is not `key = value`" },
		[CONFIG_UNKNOWN_KEY] = { "böyle bir ayar yok", "there is no such key" },
		[CONFIG_BAD_VALUE] = { "bu ayar böyle bir değer alamaz", "this key can't have such a value" },
		[CONFIG_NOT_A_USERS] = { "bu ayarı yalnız yönetici yapar", "only the administrator sets this key" },
		[CONFIG_TOO_MANY] = { "çok fazla değer var", "there are too many values" },
		[CONFIG_OVERRIDDEN] = { "bu ayar kilitli (policy.d); satırın etkisi yok", "this key is locked (policy.d); the line has no effect" },
		[CONFIG_OTHER_NAME] = { "adı .conf ile bitmediği için okunmadı", "its name does not end in .conf, so it is not read" },
	};

	return strcmp(language, "tr") == 0 ? texts[kind].tr : texts[kind].en;
}

/* What an unread value of a list counts for. */
static const char *
list_reach(const struct config_value *value, bool turkish)
{
	if (value->key->kind == CONFIG_PATHS || value->key->kind == CONFIG_FOLDERS)
		return turkish ? "hiçbir şey göstermiyor" : "naming nothing";
	if (value->value != NULL)
		return value->value;
	return turkish ? "her site" : "every site";
}

void
config_unread_text(const struct config_value *value, const char *language, char ret_text[CONFIG_UNREAD_BYTES])
{
	bool turkish = strcmp(language, "tr") == 0;
	const char *counts = config_key_is_list(value->key) ? list_reach(value, turkish) : value->value;
	char line[16] = "";

	if (value->line > 0)
		snprintf(line, sizeof(line), ":%u", value->line);
	snprintf(ret_text, CONFIG_UNREAD_BYTES, turkish ? "%.400s%s: %s okunamadı; düzeltilene dek en sıkı anlamı geçerli: %s" :
	    "%.400s%s: %s can't be read; until it is mended the strictest of it holds: %s", value->file, line, value->key->name, counts);
}
