/* SPDX-License-Identifier: Apache-2.0 */
/* forms/file_schema.c: compiles a schema of proto/ and tells what it says of a file. */
#include "forms/file_schema.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/embedded.h"
#include "base/err.h"
#include "base/json.h"
#include "base/log.h"
#include "forms/formats.h"

#define ERRORS_MAX 20
#define PROBLEM_MAX 16384

int
file_schema_new(const char *name, struct schema_set **ret_set)
{
	struct schema_set *set = NULL;
	char *problem = NULL;
	cJSON *json = NULL;
	int err = ERR_INTERNAL;

	for (size_t i = 0; i < embedded_files_count; i++)
		if (strcmp(embedded_files[i].name, name) == 0)
			err = json_parse(embedded_files[i].data, embedded_files[i].len, &json);
	if (err == 0 && (err = schema_set_new(&set)) == 0 && (err = formats_register(set)) == 0 &&
	    (err = schema_set_add(set, name, json, &problem)) == 0)
		err = schema_set_finish(set, &problem);
	if (problem != NULL)
		log_error("%s: %s", name, problem);
	free(problem);
	cJSON_Delete(json);
	if (err != 0)
		schema_set_free(set);
	else
		*ret_set = set;
	return err == 0 ? 0 : ERR_INTERNAL;
}

static char *
problems_text(const struct schema_error *errors, size_t count)
{
	struct buf buf;
	char *text = NULL;

	buf_init(&buf, PROBLEM_MAX);
	for (size_t i = 0; i < count; i++) {
		if (i > 0)
			buf_append_string(&buf, " ");
		buf_append_string(&buf, errors[i].pointer[0] != '\0' ? errors[i].pointer : "/");
		buf_append_string(&buf, ": The value ");
		buf_append_string(&buf, errors[i].rule);
	}
	buf_append(&buf, "", 1);
	if (!buf.failed)
		text = strdup((const char *)buf.data);
	buf_clear(&buf);
	return text;
}

int
file_schema_check(const struct schema *schema, const cJSON *value, char **ret_problem)
{
	struct schema_error errors[ERRORS_MAX] = { 0 };
	size_t count = 0;
	int err = schema == NULL ? ERR_INTERNAL : schema_check(schema, value, errors, ERRORS_MAX, &count);

	if (err == ERR_INVALID_PARAMS)
		*ret_problem = problems_text(errors, count);
	schema_errors_clear(errors, count);
	return err;
}
