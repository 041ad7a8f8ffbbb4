/* SPDX-License-Identifier: Apache-2.0 */
/* suite.c: runs the official JSON Schema Test Suite against base/schema: json-schema-suite DIRECTORY (its tests/draft2020-12). */
#include <dirent.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/json.h"
#include "base/schema.h"

#define FILE_BYTES_MAX (4 << 20)
#define PATH_BYTES_MAX 4096

#define NO_ID "$id below the root is not supported"
#define NO_LONG_NAMES "PCRE2 10.42 knows properties by their short names only"
#define OWN_SPACE "\\s is ASCII white space"
#define NO_UNEVALUATED "unevaluatedItems and unevaluatedProperties are not supported"

/* What base/schema does not do, and why; group NULL: the whole file. A line that names nothing, or a group that passes, is an error. */
static const struct skip {
	const char *file, *group, *reason;
} skips[] = {
	{ "anchor.json", NULL, "$anchor is not supported" },
	{ "content.json", NULL, "contentEncoding is asserted, contentMediaType not supported" },
	{ "defs.json", "validate definition against metaschema", "the meta-schema uses $dynamicRef" },
	{ "dynamicRef.json", NULL, "$dynamicRef is not supported" },
	{ "format.json", NULL, "formats are asserted and unknown ones refused; optional/format is run instead" },
	{ "not.json", "collect annotations inside a 'not', even if collection is disabled", NO_UNEVALUATED },
	{ "ref.json", "remote ref, containing refs itself", "the meta-schema uses $dynamicRef" },
	{ "ref.json", "Recursive references between schemas", NO_ID },
	{ "ref.json", "ref creates new scope when adjacent to keywords", NO_UNEVALUATED },
	{ "ref.json", "refs with relative uris and defs", NO_ID },
	{ "ref.json", "relative refs with absolute uris and defs", NO_ID },
	{ "ref.json", "$id must be resolved against nearest parent, not just immediate parent", NO_ID },
	{ "ref.json", "order of evaluation: $id and $ref", NO_ID },
	{ "ref.json", "order of evaluation: $id and $anchor and $ref", NO_ID },
	{ "ref.json", "URN base URI with URN and anchor ref", "$anchor is not supported" },
	{ "ref.json", "URN ref with nested pointer ref", NO_ID },
	{ "ref.json", "ref to if", NO_ID },
	{ "ref.json", "ref to then", NO_ID },
	{ "ref.json", "ref to else", NO_ID },
	{ "ref.json", "ref with absolute-path-reference", NO_ID },
	{ "refRemote.json", NULL, "nothing is fetched: documents are added by name" },
	{ "unevaluatedItems.json", NULL, NO_UNEVALUATED },
	{ "unevaluatedProperties.json", NULL, NO_UNEVALUATED },
	{ "vocabulary.json", NULL, "other vocabularies and unknown keywords are refused" },
	{ "optional/ecmascript-regex.json", "ECMA 262 \\s matches whitespace", OWN_SPACE },
	{ "optional/ecmascript-regex.json", "ECMA 262 \\S matches everything but whitespace", OWN_SPACE },
	{ "optional/ecmascript-regex.json", "patterns always use unicode semantics with pattern", NO_LONG_NAMES },
	{ "optional/ecmascript-regex.json", "patterns always use unicode semantics with patternProperties", NO_LONG_NAMES },
	{ "optional/ecmascript-regex.json", "pattern with non-ASCII digits", NO_LONG_NAMES },
	{ "optional/ecmascript-regex.json", "patternProperties with non-ASCII digits", NO_LONG_NAMES },
};

static int passed, failed, skipped;
static bool skip_used[sizeof(skips) / sizeof(skips[0])];

static const struct skip *
skip_find(const char *file, const char *group)
{
	for (size_t i = 0; i < sizeof(skips) / sizeof(skips[0]); i++)
		if (strcmp(skips[i].file, file) == 0 && (skips[i].group == NULL || strcmp(skips[i].group, group) == 0)) {
			skip_used[i] = true;
			return &skips[i];
		}
	return NULL;
}

/* Not json_parse(): the suite has texts that it refuses on purpose, such as \u0000. */
static cJSON *
file_read(const char *path)
{
	char *data = malloc(FILE_BYTES_MAX);
	FILE *file = fopen(path, "rb");
	cJSON *json = NULL;
	size_t len;

	if (data != NULL && file != NULL && (len = fread(data, 1, FILE_BYTES_MAX, file)) < FILE_BYTES_MAX)
		json = cJSON_ParseWithLength(data, len);
	if (file != NULL)
		fclose(file);
	free(data);
	return json;
}

/* The number of the group's tests that do not come out as they should; each is told unless quiet. */
static int
group_failures(const char *file, const cJSON *group, bool quiet)
{
	struct schema_set *set = NULL;
	const struct schema *schema = NULL;
	char *problem = NULL;
	const cJSON *test;
	int failures = 0;

	if (schema_set_new(&set) == 0 && schema_set_add(set, "suite.json", json_member(group, "schema"), &problem) == 0 &&
	    schema_set_finish(set, &problem) == 0)
		schema = schema_find(set, "suite.json");
	cJSON_ArrayForEach(test, json_member(group, "tests")) {
		struct schema_error error = { 0 };
		size_t count = 0;
		int err = schema == NULL ? ERR_INTERNAL : schema_check(schema, json_member(test, "data"), &error, 1, &count);

		if (err != (json_true(test, "valid") ? 0 : ERR_INVALID_PARAMS)) {
			failures++;
			if (!quiet)
				printf("not ok: %s: %s: %s (%s)\n", file, json_string(group, "description"), json_string(test, "description"),
				    problem != NULL ? problem : error.rule != NULL ? error.rule : err_reason(err));
		}
		schema_errors_clear(&error, 1);
	}
	free(problem);
	schema_set_free(set);
	return failures;
}

static void
group_run(const char *file, const cJSON *group)
{
	const char *name = json_string(group, "description");
	const struct skip *skip = skip_find(file, name);
	int tests = cJSON_GetArraySize(json_member(group, "tests")), failures = group_failures(file, group, skip != NULL);

	if (skip == NULL) {
		passed += tests - failures;
		failed += failures;
	} else if (skip->group != NULL && failures == 0) {
		failed++;
		printf("not ok: %s: %s: passes, and need not be skipped\n", file, name);
	} else {
		skipped += tests;
	}
}

static void
file_run(const char *directory, const char *file)
{
	char path[PATH_BYTES_MAX];
	cJSON *groups;
	const cJSON *group;

	snprintf(path, sizeof(path), "%s/%s", directory, file);
	if ((groups = file_read(path)) == NULL || !cJSON_IsArray(groups)) {
		failed++;
		printf("not ok: %s can't be read\n", path);
	}
	cJSON_ArrayForEach(group, groups)
		group_run(file, group);
	cJSON_Delete(groups);
}

static int
is_json(const struct dirent *entry)
{
	const char *dot = strrchr(entry->d_name, '.');

	return dot != NULL && strcmp(dot, ".json") == 0;
}

int
main(int argc, char **argv)
{
	static const char *const optional[] = {
		"optional/format/date.json", "optional/format/date-time.json", "optional/format/email.json", "optional/format/uri.json",
		"optional/no-schema.json", "optional/ecmascript-regex.json", "optional/non-bmp-regex.json", "optional/float-overflow.json",
	};
	struct dirent **files = NULL;
	int count = argc == 2 ? scandir(argv[1], &files, is_json, alphasort) : -1;

	if (count < 0) {
		fprintf(stderr, "usage: json-schema-suite DIRECTORY\n");
		return 2;
	}
	for (int i = 0; i < count; i++) {
		file_run(argv[1], files[i]->d_name);
		free(files[i]);
	}
	free(files);
	for (size_t i = 0; i < sizeof(optional) / sizeof(optional[0]); i++)
		file_run(argv[1], optional[i]);
	for (size_t i = 0; i < sizeof(skips) / sizeof(skips[0]); i++)
		if (!skip_used[i]) {
			failed++;
			printf("not ok: the suite has no %s: %s\n", skips[i].file, skips[i].group != NULL ? skips[i].group : "(the file)");
		} else {
			printf("skipped: %s%s%s: %s\n", skips[i].file, skips[i].group != NULL ? ": " : "", skips[i].group != NULL ? skips[i].group : "",
			    skips[i].reason);
		}
	printf("json-schema: %d passed, %d failed, %d skipped\n", passed, failed, skipped);
	return failed > 0 || passed == 0;
}
