/* SPDX-License-Identifier: Apache-2.0 */
/* base/schema_embedded.c: the schemas of the wire contract that are compiled in. */
#include "base/schema.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/embedded.h"
#include "base/err.h"
#include "base/json.h"

static bool
starts_with(const char *text, const char *start)
{
	return strncmp(text, start, strlen(start)) == 0;
}

static int
member_add(struct schema_set *set, const struct embedded_file *file, const cJSON *json, const char *member, char **ret_problem)
{
	const cJSON *schema = json_member(json, member);
	char *name = NULL;
	int err = ERR_INTERNAL;

	if (schema == NULL) {
		if (asprintf(ret_problem, "%s: it has no %s", file->name, member) < 0)
			*ret_problem = NULL;
		return ERR_INTERNAL;
	}
	if (asprintf(&name, "%s#/%s", file->name, member) < 0)
		return ERR_INTERNAL;
	err = schema_set_add(set, name, schema, ret_problem);
	free(name);
	return err;
}

static int
file_add(struct schema_set *set, const struct embedded_file *file, char **ret_problem)
{
	cJSON *json = NULL;
	int err;

	if ((err = json_parse(file->data, file->len, &json)) != 0) {
		if (asprintf(ret_problem, "%s: it is no JSON", file->name) < 0)
			*ret_problem = NULL;
		return ERR_INTERNAL;
	}
	if (strcmp(file->name, "types.json") == 0) {
		err = schema_set_add(set, file->name, json, ret_problem);
		goto out;
	}
	err = member_add(set, file, json, "params", ret_problem);
	if (err == 0 && starts_with(file->name, "methods/"))
		err = member_add(set, file, json, "result", ret_problem);
out:
	cJSON_Delete(json);
	return err;
}

int
schema_set_add_types(struct schema_set *set, char **ret_problem)
{
	*ret_problem = NULL;
	for (size_t i = 0; i < embedded_files_count; i++)
		if (strcmp(embedded_files[i].name, "types.json") == 0)
			return file_add(set, &embedded_files[i], ret_problem);
	return ERR_INTERNAL;
}

int
schema_set_add_embedded(struct schema_set *set, char **ret_problem)
{
	*ret_problem = NULL;
	for (size_t i = 0; i < embedded_files_count; i++) {
		const char *name = embedded_files[i].name;
		int err = 0;

		if (strcmp(name, "types.json") == 0 || starts_with(name, "methods/") || starts_with(name, "notifications/"))
			err = file_add(set, &embedded_files[i], ret_problem);
		if (err != 0)
			return err;
	}
	return 0;
}
