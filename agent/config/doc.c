/* SPDX-License-Identifier: Apache-2.0 */
/* config/doc.c: prints the table of settings as JSON, for doc.py, which makes the manual page and the README's table of it. */
#include <cjson/cJSON.h>
#include <stdio.h>
#include <string.h>

#include "config/keys.h"

int
main(void)
{
	cJSON *rows = cJSON_CreateArray();
	char *text;

	for (size_t i = 0; i < config_keys_count; i++) {
		const struct config_key *key = &config_keys[i];
		cJSON *row = cJSON_CreateObject();
		static const char *const values[] = {
			[CONFIG_FLAG] = "yes|no", [CONFIG_NUMBER] = "NUMBER", [CONFIG_TEXT] = "TEXT", [CONFIG_CHOICE] = "", [CONFIG_PATH] = "PATH", [CONFIG_FOLDER] = "FOLDER",
			[CONFIG_TEXTS] = "TEXT", [CONFIG_PATHS] = "PATH", [CONFIG_FOLDERS] = "FOLDER", [CONFIG_ORIGINS] = "ORIGIN", [CONFIG_ORIGIN_KEYS] = "ORIGIN KEY",
		};

		cJSON_AddStringToObject(row, "name", key->name);
		cJSON_AddStringToObject(row, "value", key->kind == CONFIG_CHOICE ? key->choices : values[key->kind]);
		cJSON_AddBoolToObject(row, "list", config_key_is_list(key));
		cJSON_AddStringToObject(row, "initial", key->initial != NULL ? key->initial : "");
		cJSON_AddStringToObject(row, "strictest", key->strictest == NULL ? "" : strcmp(key->strictest, CONFIG_ANY) != 0 ? key->strictest :
		    key->kind == CONFIG_PATHS || key->kind == CONFIG_FOLDERS ? "none" : "all sites");
		cJSON_AddBoolToObject(row, "user", key->user);
		cJSON_AddStringToObject(row, "doc", key->doc);
		cJSON_AddItemToArray(rows, row);
	}
	if ((text = cJSON_Print(rows)) != NULL)
		puts(text);
	cJSON_free(text);
	cJSON_Delete(rows);
	return text == NULL;
}
