/* SPDX-License-Identifier: Apache-2.0 */
/* forms/file_schema.h: files of an institution held against schemas that are compiled in; private to agent/forms. */
#ifndef FORMS_FILE_SCHEMA_H
#define FORMS_FILE_SCHEMA_H

#include <cjson/cJSON.h>

#include "base/schema.h"

/* A set with the compiled-in file of that name below proto/, finished. 0 or ERR_INTERNAL (told in the log). */
int file_schema_new(const char *name, struct schema_set **ret_set);

/*
 * Checks a value.  ERR_INVALID_PARAMS: *ret_problem (NULL when memory ran out, else the caller's) is English: pointer and what is
 * wrong there, for each error.  0, or ERR_INTERNAL: no memory.
 */
int file_schema_check(const struct schema *schema, const cJSON *value, char **ret_problem);

#endif
