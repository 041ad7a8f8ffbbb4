/* SPDX-License-Identifier: Apache-2.0 */
/* proto/check_schemas.c: run by the build: every schema of proto/ compiles in the agent's own validator, every $ref of it leads somewhere. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/schema.h"
#include "forms/formats.h"

#define FILE_MAX (1u << 20)

static struct schema_set *set;
static int schemas;

/* Says it; always -1. */
static int
complain(const char *problem)
{
	fprintf(stderr, "proto: %s\n", problem != NULL ? problem : "out of memory");
	return -1;
}

static int
add(const char *file, const char *pointer, const cJSON *schema)
{
	char name[300], *problem = NULL;
	int r;

	snprintf(name, sizeof(name), "%s%s", file, pointer);
	if (schema == NULL) {
		fprintf(stderr, "%s: ", name);
		return complain("it is missing");
	}
	if (schema_set_add(set, name, schema, &problem) == 0) {
		schemas++;
		return 0;
	}
	r = complain(problem);
	free(problem);
	return r;
}

static int
errors_add(const char *file, const cJSON *json)
{
	const cJSON *error;
	char pointer[40];
	int i = 0;

	cJSON_ArrayForEach(error, json_member(json, "errors")) {
		snprintf(pointer, sizeof(pointer), "#/errors/%d/data", i++);
		if (json_member(error, "data") != NULL && add(file, pointer, json_member(error, "data")) != 0)
			return -1;
	}
	return add(file, "#/detail", json_member(json, "detail"));
}

static int
file_add(const char *root, const char *name)
{
	static char bytes[FILE_MAX];
	bool method = strncmp(name, "methods/", 8) == 0;
	const char *slash = strrchr(name, '/');
	char path[1000];
	cJSON *json = NULL;
	size_t len = 0;
	FILE *file;
	int r = 0;

	snprintf(path, sizeof(path), "%s/%s", root, name);
	if ((file = fopen(path, "rb")) != NULL) {
		len = fread(bytes, 1, sizeof(bytes), file);
		fclose(file);
	}
	if (len == 0 || len == sizeof(bytes) || json_parse(bytes, len, &json) != 0)
		return add(name, "", NULL);
	if (method || strncmp(name, "notifications/", 14) == 0)
		r = add(name, "#/params", json_member(json, "params"));
	if (r == 0 && method)
		r = add(name, "#/result", json_member(json, "result"));
	if (strcmp(name, "errors.json") == 0)
		r = errors_add(name, json);
	if (strcmp(name, "types.json") == 0 || (slash != NULL && strcmp(slash, "/schema.json") == 0))
		r = add(name, "", json);
	cJSON_Delete(json);
	return r;
}

int
main(int argc, char **argv)
{
	char *problem = NULL;
	FILE *stamp;

	if (argc < 4) {
		fprintf(stderr, "usage: check_schemas STAMP.h PROTO-FOLDER NAME...\n");
		return 2;
	}
	if (schema_set_new(&set) != 0 || formats_register(set) != 0)
		return complain(NULL) != 0;
	for (int i = 3; i < argc; i++)
		if (file_add(argv[2], argv[i]) != 0)
			return EXIT_FAILURE;
	if (schema_set_finish(set, &problem) != 0) {
		complain(problem);
		free(problem);
		return EXIT_FAILURE;
	}
	schema_set_free(set);
	if ((stamp = fopen(argv[1], "w")) == NULL || fprintf(stamp, "/* %d schemas are good */\n", schemas) < 0 || fclose(stamp) != 0) {
		perror(argv[1]);
		return EXIT_FAILURE;
	}
	return EXIT_SUCCESS;
}
