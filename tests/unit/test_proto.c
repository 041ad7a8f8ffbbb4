/* SPDX-License-Identifier: Apache-2.0 */
/* test_proto.c: the schemas of the wire contract compile, and say of every file in proto/examples/ what the file says. */
#include "test.h"

#include <dirent.h>
#include <stdlib.h>

#include "base/embedded.h"
#include "base/err.h"
#include "base/json.h"
#include "base/schema.h"

#define EXAMPLE_BYTES_MAX (1 << 20)

static struct schema_set *
embedded_set(void)
{
	struct schema_set *set = NULL;
	char *problem = NULL;

	CHECK_INT(schema_set_new(&set), 0);
	CHECK_MSG(schema_set_add_embedded(set, &problem) == 0 && schema_set_finish(set, &problem) == 0, "%s", problem);
	free(problem);
	return set;
}

static cJSON *
example_read(const char *kind, const char *file)
{
	static char data[EXAMPLE_BYTES_MAX];
	char path[1000];
	FILE *stream;
	cJSON *json = NULL;
	size_t len = 0;

	snprintf(path, sizeof(path), PROTO_DIR "/examples/%s/%s", kind, file);
	if ((stream = fopen(path, "rb")) != NULL) {
		len = fread(data, 1, sizeof(data), stream);
		fclose(stream);
	}
	CHECK_MSG(len < sizeof(data) && json_parse(data, len, &json) == 0, "%s", path);
	return json;
}

/* What the check says of the example's params or result, as "POINTER KEYWORD", or "ok". */
static void
example_check(const struct schema_set *set, const char *file, const cJSON *example, char *got, size_t size)
{
	const char *method = json_string(example, "method"), *member = json_member(example, "result") != NULL ? "result" : "params";
	struct schema_error error = { 0 };
	const struct schema *schema;
	char name[200];
	size_t count = 0;
	int err;

	CHECK_MSG(method != NULL && strncmp(file, method, strlen(method)) == 0 && file[strlen(method)] == '.', "%s: its method is %s", file, method);
	snprintf(name, sizeof(name), "methods/%s.json#/%s", method, member);
	if ((schema = schema_find(set, name)) == NULL) {
		snprintf(name, sizeof(name), "notifications/%s.json#/%s", method, member);
		schema = schema_find(set, name);
	}
	if (schema == NULL) {
		snprintf(got, size, "no schema");
		return;
	}
	err = schema_check(schema, json_member(example, member), &error, 1, &count);
	if (err == ERR_INVALID_PARAMS && count == 1)
		snprintf(got, size, "%s %s", error.pointer, error.keyword);
	else
		snprintf(got, size, "%s", err_reason(err));
	schema_errors_clear(&error, 1);
}

static int
is_json(const struct dirent *entry)
{
	return strstr(entry->d_name, ".json") != NULL;
}

/* All examples of that kind against the schemas; their number. */
static int
examples_check(const char *kind)
{
	struct schema_set *set = embedded_set();
	struct dirent **files = NULL;
	char folder[1000];
	int count;

	snprintf(folder, sizeof(folder), PROTO_DIR "/examples/%s", kind);
	count = scandir(folder, &files, is_json, alphasort);
	for (int i = 0; i < count; i++) {
		cJSON *example = example_read(kind, files[i]->d_name);
		char got[300], expected[300] = "ok";

		if (strcmp(kind, "bad") == 0)
			snprintf(expected, sizeof(expected), "%s %s", json_string(example, "pointer"), json_string(example, "keyword"));
		example_check(set, files[i]->d_name, example, got, sizeof(got));
		CHECK_MSG(strcmp(got, expected) == 0, "%s/%s gives \"%s\", not \"%s\"", kind, files[i]->d_name, got, expected);
		cJSON_Delete(example);
		free(files[i]);
	}
	free(files);
	schema_set_free(set);
	return count;
}

static int
examples_of(const char *kind, const char *method)
{
	struct dirent **files = NULL;
	char folder[1000];
	int count, of_method = 0;

	snprintf(folder, sizeof(folder), PROTO_DIR "/examples/%s", kind);
	count = scandir(folder, &files, is_json, NULL);
	for (int i = 0; i < count; i++) {
		of_method += strncmp(files[i]->d_name, method, strlen(method)) == 0 && files[i]->d_name[strlen(method)] == '.';
		free(files[i]);
	}
	free(files);
	return of_method;
}

static void
good_params_are_valid(void)
{
	CHECK(examples_check("ok") > 0);
}

static void
bad_params_are_refused_with_pointer_and_keyword(void)
{
	CHECK(examples_check("bad") > 0);
}

static void
results_are_valid(void)
{
	CHECK(examples_check("result") > 0);
}

static void
notifications_are_valid(void)
{
	CHECK(examples_check("notification") > 0);
}

static void
every_method_has_examples(void)
{
	int methods = 0;

	for (size_t i = 0; i < embedded_files_count; i++) {
		const struct embedded_file *file = &embedded_files[i];
		cJSON *json = NULL;
		const char *name;

		if (json_parse(file->data, file->len, &json) != 0)
			continue;
		name = json_string(json, "name");
		if (strncmp(file->name, "methods/", 8) == 0) {
			/* Where there are no params, {} is the only good value. */
			int least = cJSON_GetArraySize(json_member(json_member(json, "params"), "properties")) == 0 ? 1 : 2;

			methods++;
			CHECK_MSG(examples_of("ok", name) >= least, "%s", name);
			CHECK_MSG(examples_of("bad", name) >= 4, "%s", name);
			CHECK_MSG(examples_of("result", name) >= 1, "%s", name);
		} else if (strncmp(file->name, "notifications/", 14) == 0) {
			CHECK_MSG(examples_of("notification", name) >= 1, "%s", name);
		}
		cJSON_Delete(json);
	}
	CHECK(methods > 0);
}

/* A request's inline content may take nearly the whole MiB; the check must neither refuse it nor take long. */
static void
a_large_document_fits(void)
{
	struct schema_set *set = embedded_set();
	struct schema_error error = { 0 };
	size_t count = 0, len = 1048576;
	char *text = malloc(len + 1);
	cJSON *params = cJSON_Parse("{\"format\":\"cades\",\"documents\":[{\"name\":\"a\",\"mediaType\":\"a/b\"}]}");

	memset(text, 'A', len);
	text[len] = '\0';
	cJSON_AddStringToObject(cJSON_GetArrayItem(json_member(params, "documents"), 0), "content", text);
	cJSON_AddStringToObject(params, "certificate", "0000000000000000000000000000000000000000000000000000000000000000");
	CHECK_MSG(schema_check(schema_find(set, "methods/sign.document.json#/params"), params, &error, 1, &count) == 0, "%s %s %s",
	    error.pointer, error.keyword, error.rule);
	schema_errors_clear(&error, 1);
	cJSON_Delete(params);
	free(text);
	schema_set_free(set);
}

TEST_MAIN(TEST_CASE(good_params_are_valid), TEST_CASE(bad_params_are_refused_with_pointer_and_keyword), TEST_CASE(results_are_valid),
    TEST_CASE(notifications_are_valid), TEST_CASE(every_method_has_examples), TEST_CASE(a_large_document_fits))
