/* SPDX-License-Identifier: Apache-2.0 */
/* forms/institution.h: reads an institution's profile and refuses a wrong one. */
#ifndef FORMS_INSTITUTION_H
#define FORMS_INSTITUTION_H

#include <stddef.h>
#include <cjson/cJSON.h>

#define INSTITUTION_MAX (256u << 10)

/*
 * Parses and checks a profile by proto/institution/schema.json.  0: *ret_profile is the caller's.  ERR_INVALID_PARAMS: *ret_problem (NULL
 * when memory ran out, else the caller's) is English: the JSON pointer and what is wrong there, for each error.  ERR_INTERNAL: no memory.
 */
int institution_parse(const char *text, size_t len, cJSON **ret_profile, char **ret_problem);

/*
 * Reads a profile from a file; it holds the account that fees are paid to, so only root or this user may be able to write it.  path
 * NULL: an empty profile.  ERR_INVALID_PARAMS: not to be used, told in the log with the pointer; ERR_INTERNAL: no memory.
 */
int institution_read(const char *path, cJSON **ret_profile);

#endif
