/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz_json_schema.c: bytes through json_parse() and, where they are JSON, through every schema of the wire contract. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/embedded.h"
#include "base/err.h"
#include "base/json.h"
#include "base/schema.h"
#include "fuzz.h"

#define ERRORS_MAX 20
#define SCHEMAS_MAX 100

static const struct schema *schemas[SCHEMAS_MAX];
static size_t schemas_count;

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
	struct schema_set *set = NULL;
	char *problem = NULL, name[200];

	(void)argc, (void)argv;
	fuzz_require(schema_set_new(&set) == 0 && schema_set_add_embedded(set, &problem) == 0 && schema_set_finish(set, &problem) == 0, "no schemas");
	for (size_t i = 0; i < embedded_files_count && schemas_count < SCHEMAS_MAX - 1; i++) {
		static const char *const members[] = { "params", "result" };

		for (size_t k = 0; k < 2; k++) {
			snprintf(name, sizeof(name), "%s#/%s", embedded_files[i].name, members[k]);
			if ((schemas[schemas_count] = schema_find(set, name)) != NULL)
				schemas_count++;
		}
	}
	fuzz_require(schemas_count > 0, "no schemas");
	return 0;
}

/* What every check promises: errors are whole, one error is found when many are, and the pointers start with a slash. Without memory nothing passes that would not. */
static void
check_one(const struct schema *schema, const cJSON *json)
{
	struct schema_error errors[ERRORS_MAX] = { 0 };
	size_t count = 0, first = 0;
	bool memory;
	int err = schema_check(schema, json, errors, ERRORS_MAX, &count);

	if (fuzz_memory_failed()) {
		schema_errors_clear(errors, count);
		memory = fuzz_memory_pause();
		fuzz_require(err != 0 || schema_check(schema, json, errors, 1, &first) == 0, "it passes for want of memory");
		fuzz_memory_resume(memory);
		return;
	}
	fuzz_require(err == 0 || err == ERR_INVALID_PARAMS, "the check is broken");
	fuzz_require((err == 0) == (count == 0), "an error without a reason, or a reason without an error");
	for (size_t i = 0; i < count; i++) {
		fuzz_require(errors[i].keyword != NULL && errors[i].rule != NULL && errors[i].rule[0] != '\0', "half an error");
		fuzz_require(errors[i].pointer[0] == '\0' || errors[i].pointer[0] == '/', "no pointer");
	}
	schema_errors_clear(errors, count);
	fuzz_require((schema_check(schema, json, errors, 1, &first) == err && first == (count > 0)) || fuzz_memory_failed(), "one error and many disagree");
	schema_errors_clear(errors, first);
}

void
fuzz_run(const uint8_t *data, size_t size)
{
	cJSON *json = NULL, *again = NULL;
	const cJSON *params;
	char *text;

	if (json_parse((const char *)data, size, &json) != 0)
		return;
	/* The seeds are whole messages; then their params or result is what the schemas are for. */
	if ((params = json_member(json, "params")) == NULL && (params = json_member(json, "result")) == NULL)
		params = json;
	for (size_t i = 0; i < schemas_count; i++)
		check_one(schemas[i], params);
	/* What was read can be written and read again. */
	fuzz_require(((text = cJSON_PrintUnformatted(json)) != NULL && json_parse(text, strlen(text), &again) == 0) || fuzz_memory_failed(),
	    "does not survive writing");
	fuzz_require(again == NULL || cJSON_Compare(json, again, true), "writing changes it");
	free(text);
	cJSON_Delete(again);
	cJSON_Delete(json);
}
