/* SPDX-License-Identifier: Apache-2.0 */
/* base/schema_set.c: the documents of a set, their formats and limits, and where each $ref leads. */
#include "base/schema_rules.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"

#define PATTERN_MATCH_LIMIT 1000000	/* about 20 ms */
#define PATTERN_HEAP_KIB 16384

int
schema_problem(char **ret_problem, const char *location, const char *format, ...)
{
	char *text = NULL, *whole = NULL;
	va_list args;

	va_start(args, format);
	if (vasprintf(&text, format, args) < 0)
		text = NULL;
	va_end(args);
	if (text != NULL && asprintf(&whole, "%s: %s", location, text) < 0)
		whole = NULL;
	free(text);
	*ret_problem = whole;
	return ERR_INTERNAL;
}

/* Undoes percent-encoding in place; false when it is broken. */
static bool
percent_decode(char *text)
{
	char *out = text;

	for (; *text != '\0'; text++) {
		unsigned byte;
		int used = 0;

		if (*text != '%') {
			*out++ = *text;
			continue;
		}
		if (strspn(text + 1, "0123456789abcdefABCDEF") < 2 || sscanf(text + 1, "%2x%n", &byte, &used) != 1 || byte == 0)
			return false;
		*out++ = (char)byte;
		text += used;
	}
	*out = '\0';
	return true;
}

/* The full location that a reference in the schema means: the name of a document (or its $id), '#', a pointer. NULL: no memory. */
static char *
reference_location(const struct schema_set *set, const struct schema *schema, const char *reference)
{
	size_t file_len = strcspn(reference, "#"), base_len = file_len;
	const char *base = reference, *fragment = reference[file_len] == '#' ? reference + file_len + 1 : "";
	char *location;

	for (size_t i = 0; i < set->documents_count && file_len > 0; i++)
		if (set->documents[i].id != NULL && strlen(set->documents[i].id) == file_len &&
		    memcmp(set->documents[i].id, reference, file_len) == 0) {
			base = set->documents[i].name;
			base_len = strcspn(base, "#");
		}
	if (file_len == 0) {
		base = schema->location;
		base_len = strcspn(base, "#");
	}
	if (asprintf(&location, "%.*s#%s", (int)base_len, base, fragment) < 0)
		return NULL;
	if (!percent_decode(location + base_len + 1))
		location[base_len] = '\0';	/* is nobody's location */
	return location;
}

static int
location_compare(const void *a, const void *b)
{
	return strcmp((*(struct schema *const *)a)->location, (*(struct schema *const *)b)->location);
}

static struct schema *
schema_at(const struct schema_set *set, const char *location)
{
	struct schema key = { .location = (char *)(uintptr_t)location }, *pointer = &key, **found;

	if (set->schemas_count == 0)
		return NULL;
	found = bsearch(&pointer, set->schemas, set->schemas_count, sizeof(*set->schemas), location_compare);
	return found == NULL ? NULL : *found;
}

static int
schema_bind(const struct schema_set *set, struct schema *schema, char **ret_problem)
{
	for (size_t i = 0; i < schema->rules_count; i++) {
		struct schema_rule *rule = &schema->rules[i];
		char *location;

		if (rule->keyword->argument != ARG_REF)
			continue;
		if ((location = reference_location(set, schema, rule->value->valuestring)) == NULL)
			return ERR_INTERNAL;
		rule->schemas[0] = schema_at(set, location);
		free(location);
		if (rule->schemas[0] == NULL)
			return schema_problem(ret_problem, schema->location, "$ref leads nowhere: %s", rule->value->valuestring);
	}
	return 0;
}

int
schema_set_finish(struct schema_set *set, char **ret_problem)
{
	int err;

	*ret_problem = NULL;
	if (set->schemas_count > 0)
		qsort(set->schemas, set->schemas_count, sizeof(*set->schemas), location_compare);
	for (size_t i = 0; i < set->schemas_count; i++)
		if ((err = schema_bind(set, set->schemas[i], ret_problem)) != 0)
			return err;
	set->finished = true;
	return 0;
}

const struct schema *
schema_find(const struct schema_set *set, const char *name_and_pointer)
{
	struct schema *found;
	char *location;

	if (!set->finished || asprintf(&location, "%s%s", name_and_pointer, strchr(name_and_pointer, '#') == NULL ? "#" : "") < 0)
		return NULL;
	found = schema_at(set, location);
	free(location);
	return found;
}

int
schema_format_register(struct schema_set *set, const char *name, bool (*check)(const char *text))
{
	struct schema_format *formats = realloc(set->formats, (set->formats_count + 1) * sizeof(*formats));

	if (formats == NULL)
		return ERR_INTERNAL;
	set->formats = formats;
	if ((formats[set->formats_count].name = strdup(name)) == NULL)
		return ERR_INTERNAL;
	formats[set->formats_count++].check = check;
	return 0;
}

int
schema_set_new(struct schema_set **ret_set)
{
	struct schema_set *set = calloc(1, sizeof(*set));
	int err = ERR_INTERNAL;

	if (set == NULL)
		return ERR_INTERNAL;
	if ((set->compile_context = pcre2_compile_context_create(NULL)) == NULL ||
	    (set->match_context = pcre2_match_context_create(NULL)) == NULL ||
	    (err = schema_format_register(set, "date", schema_format_date)) != 0 ||
	    (err = schema_format_register(set, "date-time", schema_format_date_time)) != 0 ||
	    (err = schema_format_register(set, "email", schema_format_email)) != 0 ||
	    (err = schema_format_register(set, "uri", schema_format_uri)) != 0)
		goto out;
	pcre2_set_newline(set->compile_context, PCRE2_NEWLINE_ANYCRLF);		/* what "." leaves out */
	pcre2_set_match_limit(set->match_context, PATTERN_MATCH_LIMIT);
	pcre2_set_heap_limit(set->match_context, PATTERN_HEAP_KIB);
	*ret_set = set;
	set = NULL;
	err = 0;
out:
	schema_set_free(set);
	return err;
}

static void
schema_free(struct schema *schema)
{
	for (size_t i = 0; i < schema->rules_count; i++) {
		for (size_t k = 0; schema->rules[i].patterns != NULL && k < schema->rules[i].count; k++)
			pcre2_code_free(schema->rules[i].patterns[k]);
		free(schema->rules[i].patterns);
		free(schema->rules[i].schemas);
	}
	free(schema->rules);
	free(schema->location);
	free(schema);
}

void
schema_set_free(struct schema_set *set)
{
	if (set == NULL)
		return;
	for (size_t i = 0; i < set->schemas_count; i++)
		schema_free(set->schemas[i]);
	for (size_t i = 0; i < set->documents_count; i++) {
		free(set->documents[i].name);
		cJSON_Delete(set->documents[i].json);
	}
	for (size_t i = 0; i < set->formats_count; i++)
		free(set->formats[i].name);
	free(set->schemas);
	free(set->documents);
	free(set->formats);
	pcre2_compile_context_free(set->compile_context);
	pcre2_match_context_free(set->match_context);
	free(set);
}
