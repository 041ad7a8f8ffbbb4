/* SPDX-License-Identifier: Apache-2.0 */
/* forms/institution.c: a profile's file, held against its schema before anybody pays by it. */
#include "forms/institution.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/json.h"
#include "base/log.h"
#include "forms/file_schema.h"
#include "forms/small_file.h"

#define SCHEMA_NAME "institution/schema.json"

int
institution_parse(const char *text, size_t len, cJSON **ret_profile, char **ret_problem)
{
	struct schema_set *set = NULL;
	cJSON *profile = NULL;
	int err;

	if ((err = json_parse(text, len, &profile)) == ERR_PARSE_ERROR) {
		*ret_problem = strdup("/: The file is no JSON.");
		return ERR_INVALID_PARAMS;
	}
	if (err == 0 && (err = file_schema_new(SCHEMA_NAME, &set)) == 0)
		err = file_schema_check(schema_find(set, SCHEMA_NAME), profile, ret_problem);
	if (err == 0) {
		*ret_profile = profile;
		profile = NULL;
	}
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
