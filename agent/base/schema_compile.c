/* SPDX-License-Identifier: Apache-2.0 */
/* base/schema_compile.c: makes rules of schema documents, and refuses every document that it does not understand in full. */
#include "base/schema_rules.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/json.h"

#define SCHEMA_NESTING_MAX 64

static const char dialect[] = "https://json-schema.org/draft/2020-12/schema";

struct compiler {
	struct schema_set *set;
	char **ret_problem;
	int depth;
};

static int compile_schema(struct compiler *c, const cJSON *json, const char *location, struct schema **ret_schema);

/* location/name with the escapes of RFC 6901; NULL when memory runs out. */
static char *
location_below(const char *location, const char *name)
{
	size_t len = strlen(location);
	char *text = malloc(len + 2 * strlen(name) + 2), *out;

	if (text == NULL)
		return NULL;
	memcpy(text, location, len);
	out = text + len;
	*out++ = '/';
	for (; *name != '\0'; name++) {
		if (*name == '~' || *name == '/') {
			*out++ = '~';
			*out++ = *name == '~' ? '0' : '1';
		} else {
			*out++ = *name;
		}
	}
	*out = '\0';
	return text;
}

static int
compile_below(struct compiler *c, const cJSON *json, const char *location, const char *name, struct schema **ret_schema)
{
	char *below = location_below(location, name);
	int err = below == NULL ? ERR_INTERNAL : compile_schema(c, json, below, ret_schema);

	free(below);
	return err;
}

static int
compile_pattern(struct compiler *c, const char *text, const char *location, pcre2_code **ret_code)
{
	const uint32_t options = PCRE2_UTF | PCRE2_DOLLAR_ENDONLY | PCRE2_ALT_BSUX | PCRE2_ALLOW_EMPTY_CLASS | PCRE2_MATCH_UNSET_BACKREF |
	    PCRE2_NEVER_BACKSLASH_C;
	PCRE2_UCHAR message[200];
	PCRE2_SIZE offset;
	int number;

	*ret_code = pcre2_compile((PCRE2_SPTR)text, PCRE2_ZERO_TERMINATED, options, &number, &offset, c->set->compile_context);
	if (*ret_code != NULL)
		return 0;
	if (pcre2_get_error_message(number, message, sizeof(message)) < 0)
		message[0] = '\0';
	return schema_problem(c->ret_problem, location, "the pattern is wrong at offset %zu: %s", (size_t)offset, (const char *)message);
}

/* The subschemas of a keyword that holds one, a list or a map; with patterned the members' names are patterns. */
static int
compile_many(struct compiler *c, struct schema_rule *rule, const char *location, bool patterned)
{
	size_t count = (size_t)cJSON_GetArraySize(rule->value);
	const cJSON *item;
	int err;

	if (count == 0)
		return 0;
	if ((rule->schemas = calloc(count, sizeof(*rule->schemas))) == NULL ||
	    (patterned && (rule->patterns = calloc(count, sizeof(*rule->patterns))) == NULL))
		return ERR_INTERNAL;
	cJSON_ArrayForEach(item, rule->value) {
		char index[24];

		snprintf(index, sizeof(index), "%zu", rule->count);
		err = compile_below(c, item, location, item->string != NULL ? item->string : index, &rule->schemas[rule->count]);
		if (err == 0 && patterned)
			err = compile_pattern(c, item->string, location, &rule->patterns[rule->count]);
		rule->count++;
		if (err != 0)
			return err;
	}
	return 0;
}

static bool
names_are_unique_strings(const cJSON *names)
{
	const cJSON *a, *b;

	if (!cJSON_IsArray(names))
		return false;
	cJSON_ArrayForEach(a, names) {
		if (!cJSON_IsString(a))
			return false;
		for (b = a->next; b != NULL; b = b->next)
			if (cJSON_IsString(b) && strcmp(a->valuestring, b->valuestring) == 0)
				return false;
	}
	return true;
}

/* The bits of one type name or a list of them; 0 when it is none. */
static unsigned
types_read(const cJSON *value)
{
	static const char *const names[] = { "null", "boolean", "integer", "number", "string", "array", "object" };
	unsigned types = 0, bit = 0;
	const cJSON *item;

	if (cJSON_IsString(value)) {
		for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
			if (strcmp(names[i], value->valuestring) == 0)
				types = 1u << i;
		return types;
	}
	if (!names_are_unique_strings(value))
		return 0;
	cJSON_ArrayForEach(item, value) {
		if ((bit = types_read(item)) == 0)
			return 0;
		types |= bit;
	}
	return types;
}

static int
compile_format(struct compiler *c, struct schema_rule *rule, const char *location)
{
	for (size_t i = 0; i < c->set->formats_count; i++)
		if (strcmp(c->set->formats[i].name, rule->value->valuestring) == 0)
			rule->format = c->set->formats[i].check;
	return rule->format != NULL ? 0 : schema_problem(c->ret_problem, location, "the format \"%s\" is unknown", rule->value->valuestring);
}

/* Whether the value has the form that the keyword wants; what an array or object holds is looked at by compile_rule(). */
static bool
argument_fits(enum schema_argument argument, const cJSON *value)
{
	const cJSON *item;

	switch (argument) {
	case ARG_STRING: case ARG_REF: case ARG_PATTERN: case ARG_FORMAT: case ARG_ID:
		return cJSON_IsString(value);
	case ARG_DIALECT:
		return cJSON_IsString(value) && strcmp(value->valuestring, dialect) == 0;
	case ARG_ENCODING:
		return cJSON_IsString(value) && strcmp(value->valuestring, "base64") == 0;
	case ARG_BOOLEAN:
		return cJSON_IsBool(value);
	case ARG_ARRAY:
		return cJSON_IsArray(value);
	case ARG_NUMBER:
		return cJSON_IsNumber(value);
	case ARG_NUMBER_ABOVE_0:
		return cJSON_IsNumber(value) && value->valuedouble > 0;
	case ARG_COUNT:
		return cJSON_IsNumber(value) && value->valuedouble >= 0 && value->valuedouble == floor(value->valuedouble);
	case ARG_TYPES:
		return types_read(value) != 0;
	case ARG_NAMES:
		return names_are_unique_strings(value);
	case ARG_NAMES_MAP:
		if (!cJSON_IsObject(value))
			return false;
		cJSON_ArrayForEach(item, value)
			if (!names_are_unique_strings(item))
				return false;
		return true;
	case ARG_SCHEMA_LIST:
		return cJSON_IsArray(value) && value->child != NULL;
	case ARG_SCHEMA_MAP: case ARG_PATTERN_MAP:
		return cJSON_IsObject(value);
	case ARG_SCHEMA: case ARG_ANYTHING:
		return true;
	}
	return false;
}

static int
compile_rule(struct compiler *c, struct schema_rule *rule, const char *location)
{
	if (!argument_fits(rule->keyword->argument, rule->value))
		return schema_problem(c->ret_problem, location, "the keyword's value is of the wrong kind");
	switch (rule->keyword->argument) {
	case ARG_TYPES:
		rule->types = types_read(rule->value);
		return 0;
	case ARG_ID:
		return c->depth == 1 ? 0 : schema_problem(c->ret_problem, location, "$id is supported at the root only");
	case ARG_FORMAT:
		return compile_format(c, rule, location);
	case ARG_REF: case ARG_SCHEMA:
		if ((rule->schemas = calloc(1, sizeof(*rule->schemas))) == NULL)
			return ERR_INTERNAL;
		rule->count = 1;
		return rule->keyword->argument == ARG_REF ? 0 : compile_schema(c, rule->value, location, &rule->schemas[0]);
	case ARG_PATTERN:
		if ((rule->patterns = calloc(1, sizeof(*rule->patterns))) == NULL)
			return ERR_INTERNAL;
		rule->count = 1;
		return compile_pattern(c, rule->value->valuestring, location, &rule->patterns[0]);
	case ARG_SCHEMA_LIST: case ARG_SCHEMA_MAP: case ARG_PATTERN_MAP:
		return compile_many(c, rule, location, rule->keyword->argument == ARG_PATTERN_MAP);
	default:
		return 0;
	}
}

static int
compile_rules(struct compiler *c, struct schema *schema, const cJSON *json)
{
	size_t count = (size_t)cJSON_GetArraySize(json);
	const cJSON *value;
	int err;

	if (count > 0 && (schema->rules = calloc(count, sizeof(*schema->rules))) == NULL)
		return ERR_INTERNAL;
	for (const struct schema_keyword *k = schema_keywords; k->name != NULL; k++) {
		struct schema_rule *rule;
		char *below;

		if ((value = json_member(json, k->name)) == NULL)
			continue;
		if ((below = location_below(schema->location, k->name)) == NULL)
			return ERR_INTERNAL;
		rule = &schema->rules[schema->rules_count++];
		rule->keyword = k;
		rule->owner = schema;
		rule->value = value;
		err = compile_rule(c, rule, below);
		free(below);
		if (err != 0)
			return err;
	}
	cJSON_ArrayForEach(value, json)
		if (schema_rule(schema, value->string) == NULL)
			return schema_problem(c->ret_problem, schema->location, "the keyword \"%s\" is not supported", value->string);
	return schema->rules_count == count ? 0 : schema_problem(c->ret_problem, schema->location, "a keyword stands there twice");
}

static int
compile_schema(struct compiler *c, const cJSON *json, const char *location, struct schema **ret_schema)
{
	struct schema_set *set = c->set;
	struct schema *schema;
	int err = 0;

	if (!cJSON_IsBool(json) && !cJSON_IsObject(json))
		return schema_problem(c->ret_problem, location, "a schema is an object or a boolean");
	if (c->depth >= SCHEMA_NESTING_MAX)
		return schema_problem(c->ret_problem, location, "the schema is nested too deep");
	if (set->schemas_count == set->schemas_capacity) {
		size_t capacity = 2 * set->schemas_capacity + 64;
		struct schema **schemas = realloc(set->schemas, capacity * sizeof(*schemas));

		if (schemas == NULL)
			return ERR_INTERNAL;
		set->schemas = schemas;
		set->schemas_capacity = capacity;
	}
	if ((schema = calloc(1, sizeof(*schema))) == NULL || (schema->location = strdup(location)) == NULL) {
		free(schema);
		return ERR_INTERNAL;
	}
	set->schemas[set->schemas_count++] = schema;	/* which owns it from here on */
	schema->set = set;
	schema->never = cJSON_IsFalse(json);
	c->depth++;
	if (cJSON_IsObject(json))
		err = compile_rules(c, schema, json);
	c->depth--;
	if (err == 0 && ret_schema != NULL)
		*ret_schema = schema;
	return err;
}

const struct schema_rule *
schema_rule(const struct schema *schema, const char *keyword)
{
	for (size_t i = 0; i < schema->rules_count; i++)
		if (strcmp(schema->rules[i].keyword->name, keyword) == 0)
			return &schema->rules[i];
	return NULL;
}

int
schema_set_add(struct schema_set *set, const char *name, const cJSON *document, char **ret_problem)
{
	struct compiler c = { set, ret_problem, 0 };
	struct schema_document *documents, *added;
	char *location = NULL;
	int err = ERR_INTERNAL;

	*ret_problem = NULL;
	for (size_t i = 0; i < set->documents_count; i++)
		if (strcmp(set->documents[i].name, name) == 0)
			return schema_problem(ret_problem, name, "there is a document of this name already");
	if (set->finished)
		return schema_problem(ret_problem, name, "the set is finished");
	if ((documents = realloc(set->documents, (set->documents_count + 1) * sizeof(*documents))) == NULL)
		return ERR_INTERNAL;
	set->documents = documents;
	added = &documents[set->documents_count++];
	added->name = strdup(name);
	added->json = cJSON_Duplicate(document, true);
	added->id = NULL;
	if (added->name == NULL || added->json == NULL ||
	    asprintf(&location, "%s%s", name, strchr(name, '#') == NULL ? "#" : "") < 0)
		return ERR_INTERNAL;
	added->id = json_string(added->json, "$id");
	err = compile_schema(&c, added->json, location, NULL);
	free(location);
	return err;
}
