/* SPDX-License-Identifier: Apache-2.0 */
/* forms/institution.c: a profile's file, held against its schema before anybody pays by it. */
#include "forms/institution.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/embedded.h"
#include "base/err.h"
#include "base/json.h"
#include "base/log.h"
#include "base/schema.h"
#include "forms/formats.h"
#include "forms/small_file.h"

#define SCHEMA_NAME "institution/schema.json"
#define ERRORS_MAX 20
#define PROBLEM_MAX 16384

static int
schema_new(struct schema_set **ret_set)
{
	struct schema_set *set = NULL;
	char *problem = NULL;
	cJSON *json = NULL;
	int err = ERR_INTERNAL;

	for (size_t i = 0; i < embedded_files_count; i++)
		if (strcmp(embedded_files[i].name, SCHEMA_NAME) == 0)
			err = json_parse(embedded_files[i].data, embedded_files[i].len, &json);
	if (err == 0 && (err = schema_set_new(&set)) == 0 && (err = formats_register(set)) == 0 &&
	    (err = schema_set_add(set, SCHEMA_NAME, json, &problem)) == 0)
		err = schema_set_finish(set, &problem);
	if (problem != NULL)
		log_error("%s: %s", SCHEMA_NAME, problem);
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
			buf_append_string(&buf, "\n");
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
institution_parse(const char *text, size_t len, cJSON **ret_profile, char **ret_problem)
{
	struct schema_error errors[ERRORS_MAX] = { 0 };
	struct schema_set *set = NULL;
	cJSON *profile = NULL;
	size_t count = 0;
	int err;

	if ((err = json_parse(text, len, &profile)) == ERR_PARSE_ERROR) {
		*ret_problem = strdup("/: The file is no JSON.");
		return ERR_INVALID_PARAMS;
	}
	if (err == 0 && (err = schema_new(&set)) == 0)
		err = schema_check(schema_find(set, SCHEMA_NAME), profile, errors, ERRORS_MAX, &count);
	if (err == ERR_INVALID_PARAMS)
		*ret_problem = problems_text(errors, count);
	if (err == 0) {
		*ret_profile = profile;
		profile = NULL;
	}
	schema_errors_clear(errors, count);
	schema_set_free(set);
	cJSON_Delete(profile);
	return err;
}

int
institution_read(const char *path, cJSON **ret_profile)
{
	char *text = NULL, *problem = NULL;
	size_t len;
	int err;

	if (path == NULL)
		return (*ret_profile = cJSON_CreateObject()) != NULL ? 0 : ERR_INTERNAL;
	if (small_file_read(path, INSTITUTION_MAX, &text, &len) != 0)
		return ERR_INVALID_PARAMS;
	if ((err = institution_parse(text, len, ret_profile, &problem)) == ERR_INVALID_PARAMS)
		log_error("%s: %s", path, problem != NULL ? problem : "no memory");
	free(problem);
	free(text);
	return err;
}
