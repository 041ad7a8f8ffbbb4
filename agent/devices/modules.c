/* SPDX-License-Identifier: Apache-2.0 */
/* devices/modules.c: candidates by name and folder; none is loaded here. */
#include "devices/modules.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/json.h"
#include "base/log.h"
#include "base/trusted_file.h"

#define MODULES_MAX 32
#define OPENSC "opensc-pkcs11.so"

static const char *const folders[] = {
	"/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu", "/usr/lib/x86_64-linux-gnu/pkcs11", "/usr/lib/aarch64-linux-gnu/pkcs11",
	"/usr/lib64", "/usr/lib64/pkcs11", "/usr/lib", "/usr/lib/pkcs11", "/usr/local/lib", "/usr/local/lib64", "/usr/lib/akis", "/usr/lib/akia",
	"/opt/akis", "/opt/akis/lib", "/opt/akia", "/opt/eToken/lib", "/opt/safenet/lib",
};
static const char *const p11_kit_folders[] = { "/etc/pkcs11/modules", "/usr/share/p11-kit/modules" };
/* No cards: certificates of authorities, p11-kit itself, tokens in files. */
static const char *const not_cards[] = { "p11-kit-trust.so", "p11-kit-client.so", "p11-kit-proxy.so", "libsofthsm2.so" };

static bool
is_no_card(const char *path)
{
	const char *slash = strrchr(path, '/'), *name = slash != NULL ? slash + 1 : path;

	for (size_t i = 0; i < sizeof(not_cards) / sizeof(not_cards[0]); i++)
		if (strcmp(name, not_cards[i]) == 0)
			return true;
	return false;
}

/* Adds a file by its real path, once. false: there is no such file, or it is not to be trusted. */
static bool
module_add(struct config_list *list, const char *path)
{
	char *resolved = NULL, **items;
	const char *why = NULL;
	int r = trusted_file_resolve(path, &resolved, &why);

	if (r != 0) {
		if (r != ERR_NOT_FOUND)
			log_warning("module %s is not used: %s", path, why);
		return false;
	}
	if (list->count == MODULES_MAX || is_no_card(resolved) || config_list_has(list, resolved) ||
	    (items = realloc(list->items, (list->count + 1) * sizeof(*items))) == NULL) {
		free(resolved);
		return true;
	}
	list->items = items;
	items[list->count++] = resolved;
	return true;
}

static void
name_search(struct config_list *list, const char *name)
{
	char path[4096];

	for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++) {
		snprintf(path, sizeof(path), "%s/%s", folders[i], name);
		if (module_add(list, path))
			return;
	}
}

/* The module that a file of p11-kit names (pkcs11.conf(5)); what it runs as a program of its own (remote:) is not ours to run. */
static void
p11_kit_file_read(struct config_list *list, const char *path)
{
	FILE *file = fopen(path, "re");
	char line[1024], name[512];

	while (file != NULL && fgets(line, sizeof(line), file) != NULL) {
		if (sscanf(line, " module : %511s", name) != 1 && sscanf(line, " module: %511s", name) != 1)
			continue;
		if (name[0] == '/')
			module_add(list, name);
		else if (strchr(name, '/') == NULL)
			name_search(list, name);
	}
	if (file != NULL)
		fclose(file);
}

static int
name_is_module(const struct dirent *entry)
{
	const char *dot = strrchr(entry->d_name, '.');

	return dot != NULL && strcmp(dot, ".module") == 0;
}

static void
p11_kit_folder_read(struct config_list *list, const char *folder)
{
	struct dirent **entries = NULL;
	char path[4096];
	int count = scandir(folder, &entries, name_is_module, alphasort);

	for (int i = 0; i < count; i++) {
		snprintf(path, sizeof(path), "%s/%s", folder, entries[i]->d_name);
		p11_kit_file_read(list, path);
		free(entries[i]);
	}
	free(entries);
}

void
modules_find(const cJSON *kinds, struct config_list *list)
{
	const cJSON *kind, *module;

	cJSON_ArrayForEach(kind, kinds)
		cJSON_ArrayForEach(module, json_member(kind, "modules"))
			name_search(list, module->valuestring);
	for (size_t i = 0; i < sizeof(p11_kit_folders) / sizeof(p11_kit_folders[0]); i++)
		p11_kit_folder_read(list, p11_kit_folders[i]);
	name_search(list, OPENSC);
	for (size_t i = 0; i < list->count; i++)
		log_info("module found: %s", list->items[i]);
}

void
modules_clear(struct config_list *list)
{
	while (list->count > 0)
		free(list->items[--list->count]);
	free(list->items);
	*list = (struct config_list){ 0 };
}
