/* SPDX-License-Identifier: Apache-2.0 */
/* base/schema_rules.h: the compiled form of schemas and the state of a check; private to schema_*.c. */
#ifndef BASE_SCHEMA_RULES_H
#define BASE_SCHEMA_RULES_H

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include "base/schema.h"

struct schema_rule;
struct schema_checking;

/* A value of the instance and the way to it; lives on the stack of the check. */
struct schema_place {
	const cJSON *value;
	const struct schema_place *parent;
	const char *name;	/* member of the parent; NULL: its item number index */
	size_t index;
};

/* What a keyword's value must be, and with it which members of struct schema_rule are filled. */
enum schema_argument {
	ARG_ANYTHING,		/* value */
	ARG_STRING,
	ARG_DIALECT,		/* $schema */
	ARG_ID,
	ARG_REF,		/* schemas[0], bound by schema_set_finish() */
	ARG_BOOLEAN,
	ARG_ARRAY,
	ARG_NUMBER,
	ARG_NUMBER_ABOVE_0,
	ARG_COUNT,		/* a whole number from 0 on */
	ARG_TYPES,		/* types */
	ARG_NAMES,		/* value: unique strings */
	ARG_NAMES_MAP,		/* value: object of ARG_NAMES */
	ARG_PATTERN,		/* patterns[0] */
	ARG_FORMAT,		/* format */
	ARG_ENCODING,		/* value: "base64" */
	ARG_SCHEMA,		/* schemas[0] */
	ARG_SCHEMA_LIST,	/* schemas[], at least one */
	ARG_SCHEMA_MAP,		/* schemas[], in the order of value's members */
	ARG_PATTERN_MAP,	/* schemas[] and patterns[], in the order of value's members */
};

struct schema_keyword {
	const char *name;
	enum schema_argument argument;
	int applies;		/* cJSON types that it looks at; 0: all */
	/* Reports what is wrong at the place. NULL: an annotation, or read by a sibling. */
	void (*check)(struct schema_checking *c, const struct schema_rule *rule, const struct schema_place *place);
};

/* In the order in which they are checked; the last has no name. */
extern const struct schema_keyword schema_keywords[];

enum schema_type {
	TYPE_NULL = 1, TYPE_BOOLEAN = 2, TYPE_INTEGER = 4, TYPE_NUMBER = 8, TYPE_STRING = 16, TYPE_ARRAY = 32, TYPE_OBJECT = 64,
};

struct schema_rule {
	const struct schema_keyword *keyword;
	const struct schema *owner;
	const cJSON *value;	/* the keyword's value; the set's copy */
	unsigned types;
	bool (*format)(const char *text);
	struct schema **schemas;
	pcre2_code **patterns;
	size_t count;		/* of schemas and patterns */
};

struct schema {
	char *location;		/* "types.json#/$defs/text" */
	const struct schema_set *set;
	bool never;		/* the schema `false`; `true` has no rules */
	struct schema_rule *rules;
	size_t rules_count;
};

struct schema_document {
	char *name;		/* as added */
	const char *id;		/* $id or NULL */
	cJSON *json;
};

struct schema_format {
	char *name;
	bool (*check)(const char *text);
};

struct schema_set {
	struct schema_document *documents;
	size_t documents_count;
	struct schema **schemas;	/* all, sorted by location once finished */
	size_t schemas_count, schemas_capacity;
	struct schema_format *formats;
	size_t formats_count;
	pcre2_compile_context *compile_context;
	pcre2_match_context *match_context;
	bool finished;
};

/* Where errors go. */
struct schema_sink {
	struct schema_error *errors;
	size_t max;		/* errors[] has room for; further ones are counted */
	size_t count, enough;	/* the check ends at that count */
	bool keep_best;		/* errors[0] holds the one that tells most */
	int score;		/* of it */
};

struct schema_checking {
	const struct schema_set *set;
	long steps;		/* left; when there are none the instance is refused */
	int depth;
	bool broken;		/* no memory, or a $ref loop */
	struct schema_sink *sink;
};

/* Sets *ret_problem to "location: ..." (NULL when memory runs out); ERR_INTERNAL. */
int schema_problem(char **ret_problem, const char *location, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* The rule of that keyword, or NULL. */
const struct schema_rule *schema_rule(const struct schema *schema, const char *keyword);

/* True once nothing more is to be found out. */
bool schema_is_over(const struct schema_checking *c);

/* Tells an error at the place. Borrows keyword for good. */
void schema_report(struct schema_checking *c, const struct schema_place *place, const char *keyword, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* Tells an error that an alternative found, with its score; takes what *error holds. */
void schema_report_as(struct schema_checking *c, struct schema_error *error, int score);

/* Checks the place; keyword is the one that led here, and is blamed when the schema is `false`. */
void schema_check_place(struct schema_checking *c, const struct schema *schema, const struct schema_place *place, const char *keyword);

/* Whether the place is valid; reports nothing. */
bool schema_holds(struct schema_checking *c, const struct schema *schema, const struct schema_place *place);

/* JSON values by value: numbers as numbers, objects in any order. Counts its work down from *steps; false when there is none left. */
bool schema_values_equal(const cJSON *a, const cJSON *b, long *steps);

/* anyOf and oneOf (schema_alternatives.c). */
void schema_check_alternatives(struct schema_checking *c, const struct schema_rule *rule, const struct schema_place *place);

/* The built-in formats (schema_format.c). */
bool schema_format_date(const char *text);
bool schema_format_date_time(const char *text);
bool schema_format_email(const char *text);
bool schema_format_uri(const char *text);

/* contentEncoding: base64, as strict as base64_decode(). */
bool schema_format_base64(const char *text);

#endif
