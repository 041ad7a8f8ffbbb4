/* SPDX-License-Identifier: Apache-2.0 */
/* base/json.h: strict JSON (RFC 8259) over cJSON, and short readers for members that a schema has already checked. */
#ifndef BASE_JSON_H
#define BASE_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <cjson/cJSON.h>

#define JSON_DEPTH_MAX 32
#define JSON_NUMBER_CHARACTERS_MAX 63	/* cJSON's buffer */

/*
 * Parses exactly one JSON text of len bytes.  Refuses what RFC 8259 refuses and besides: more than JSON_DEPTH_MAX levels, duplicate
 * member names, trailing bytes, NUL, invalid UTF-8, lone surrogates, numbers beyond a double's range or longer than
 * JSON_NUMBER_CHARACTERS_MAX.  The caller frees *ret_json with cJSON_Delete().
 * 0, ERR_PARSE_ERROR or ERR_INTERNAL (no memory).
 */
int json_parse(const char *text, size_t len, cJSON **ret_json);

/* The member as a string, or NULL when it is missing or no string. Borrowed from object. */
const char *json_string(const cJSON *object, const char *name);

/* The member as a whole number, or fallback when it is missing, fractional or beyond 2^53. */
int64_t json_integer(const cJSON *object, const char *name, int64_t fallback);

/* true only when the member is there and true. */
bool json_true(const cJSON *object, const char *name);

/* The member, or NULL; case matters. Borrowed from object. */
cJSON *json_member(const cJSON *object, const char *name);

/* Puts ? in the place of each byte that is not of well-formed UTF-8, so that the text can stand in JSON. */
void json_text_mend(char *text);

/* Adds a base64 string member; false when memory runs out. */
bool json_add_base64(cJSON *object, const char *name, const void *data, size_t len);

/* Bytes of a base64 member; the caller frees *ret_data. 0 or ERR_INVALID_PARAMS. */
int json_base64(const cJSON *object, const char *name, unsigned char **ret_data, size_t *ret_len);

#endif
