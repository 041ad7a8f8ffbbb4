/* SPDX-License-Identifier: Apache-2.0 */
/* base/schema.h: checks JSON values against JSON Schema 2020-12: the wire contract in proto/ and the data of forms. */
#ifndef BASE_SCHEMA_H
#define BASE_SCHEMA_H

#include <stdbool.h>
#include <stddef.h>
#include <cjson/cJSON.h>

struct schema_set;	/* schema documents that may refer to each other; after schema_set_finish() immutable, any thread may read it */
struct schema;		/* one schema or subschema of a set, owned by it */

struct schema_error {
	char *pointer;		/* RFC 6901, into the instance; for a missing member: where it should be */
	const char *keyword;	/* the schema's keyword, static storage; "false" for the boolean schema at the root */
	char *rule;		/* English, continues "The value ...": "is longer than 200 characters." */
};

/* An empty set with the built-in formats date, date-time, email and uri. 0 or ERR_INTERNAL (no memory). */
int schema_set_new(struct schema_set **ret_set);

/* Frees the set and every schema found in it. Accepts NULL. */
void schema_set_free(struct schema_set *set);

/* Makes `format: name` known to documents that are added afterwards; check() gets strings only. Copies name. 0 or ERR_INTERNAL. */
int schema_format_register(struct schema_set *set, const char *name, bool (*check)(const char *text));

/*
 * Compiles one document under the name that $ref uses: "types.json", or "methods/agent.info.json#/params" for a member of a file
 * that is not a schema as a whole.  Copies name and document.  An unknown keyword or format, a keyword of the wrong type, a bad
 * pattern, a second document of that name: ERR_INTERNAL and *ret_problem (free() it; NULL when memory ran out); the set is then good
 * for schema_set_free() only.  Not supported, so unknown: $anchor, $dynamicRef, $vocabulary, unevaluated*, contentMediaType, $id
 * below the root.  Unlike the standard's default, format and contentEncoding (base64) are asserted.  pattern is ECMA-262 with its u flag as
 * far as PCRE2 follows: \d and \w are ASCII, $ is the very end; but \s is ASCII too, and \p takes short names (\p{L}) only.
 */
int schema_set_add(struct schema_set *set, const char *name, const cJSON *document, char **ret_problem);

/* Binds every $ref, when all documents are there. 0, or ERR_INTERNAL and *ret_problem as above for one that leads nowhere. */
int schema_set_finish(struct schema_set *set, char **ret_problem);

/* A schema by document and JSON pointer, "types.json#/$defs/text" or "types.json"; NULL when there is none, or before the finish. */
const struct schema *schema_find(const struct schema_set *set, const char *name_and_pointer);

/*
 * Checks the instance; borrows all.  0 when it is valid.  ERR_INVALID_PARAMS: the first *ret_count errors (at most max, at least 1 if
 * max > 0) are filled in, for schema_errors_clear().  ERR_INTERNAL (memory, a $ref that loops): *ret_count is 0.  Work is
 * bounded: an instance that costs too much is invalid.  Expects member names to be unique, as json_parse() guarantees.
 */
int schema_check(const struct schema *schema, const cJSON *instance, struct schema_error *errors, size_t max, size_t *ret_count);

/* Frees what count errors hold, and zeroes them. */
void schema_errors_clear(struct schema_error *errors, size_t count);

/*
 * Adds what is compiled in of proto/: types.json, params and result of methods/NAME.json, params of notifications/NAME.json; not the forms.
 * As schema_set_add().  Programs that call it need proto_dep.
 */
int schema_set_add_embedded(struct schema_set *set, char **ret_problem);

/* Of that, types.json alone. */
int schema_set_add_types(struct schema_set *set, char **ret_problem);

#endif
