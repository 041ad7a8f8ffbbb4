/* SPDX-License-Identifier: Apache-2.0 */
/* base/schema_check.c: runs a schema over an instance, and chooses the errors that help most; the keywords are in schema_keywords.c. */
#include "base/schema_rules.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"

#define CHECK_DEPTH_MAX 512	/* subschemas inside subschemas; an instance of JSON_DEPTH_MAX levels needs about a quarter */
#define CHECK_STEPS_MAX 20000000L	/* about a quarter of a second */

bool
schema_is_over(const struct schema_checking *c)
{
	return c->broken || c->steps <= 0 || c->sink->count >= c->sink->enough;
}

static int
place_depth(const struct schema_place *place)
{
	int depth = 0;

	for (; place->parent != NULL; place = place->parent)
		depth++;
	return depth;
}

/* The place as a JSON pointer, written from its end; NULL when memory runs out. */
static char *
place_pointer(const struct schema_place *place)
{
	size_t len = 0;
	char *text, *out;

	for (const struct schema_place *p = place; p->parent != NULL; p = p->parent)
		len += p->name != NULL ? 2 * strlen(p->name) + 1 : 24;
	if ((text = malloc(len + 1)) == NULL)
		return NULL;
	out = text + len;
	*out = '\0';
	for (const struct schema_place *p = place; p->parent != NULL; p = p->parent) {
		char index[24];
		const char *name = p->name;

		snprintf(index, sizeof(index), "%zu", p->index);
		name = name != NULL ? name : index;
		for (size_t i = strlen(name); i > 0; i--) {
			if (name[i - 1] == '~' || name[i - 1] == '/') {
				*--out = name[i - 1] == '~' ? '0' : '1';
				*--out = '~';
			} else {
				*--out = name[i - 1];
			}
		}
		*--out = '/';
	}
	memmove(text, out, strlen(out) + 1);
	return text;
}

/*
 * How much an error tells about what was meant, to choose between the alternatives of anyOf and oneOf: the deeper the more; a
 * missing or unknown member speaks of its object, and a wrong type or constant says that another alternative was meant.
 */
static int
error_score(const struct schema_place *place, const char *keyword)
{
	int depth = place_depth(place);

	if (strcmp(keyword, "required") == 0 || strcmp(keyword, "additionalProperties") == 0 || strcmp(keyword, "dependentRequired") == 0)
		depth--;
	return 4 * depth - (strcmp(keyword, "type") == 0 ? 1 : strcmp(keyword, "const") == 0 ? 5 : 0);
}

/* Where the next error is written; NULL when it is only counted. */
static struct schema_error *
error_slot(struct schema_sink *sink, int score)
{
	size_t index = sink->count++;

	if (!sink->keep_best)
		return index < sink->max ? &sink->errors[index] : NULL;
	if (index > 0 && score <= sink->score)
		return NULL;
	sink->score = score;
	schema_errors_clear(sink->errors, 1);
	return &sink->errors[0];
}

void
schema_report(struct schema_checking *c, const struct schema_place *place, const char *keyword, const char *format, ...)
{
	struct schema_error *error;
	va_list args;

	if (schema_is_over(c) || (error = error_slot(c->sink, error_score(place, keyword))) == NULL)
		return;
	error->keyword = keyword;
	error->pointer = place_pointer(place);
	va_start(args, format);
	if (vasprintf(&error->rule, format, args) < 0)
		error->rule = NULL;
	va_end(args);
	c->broken |= error->pointer == NULL || error->rule == NULL;
}

void
schema_report_as(struct schema_checking *c, struct schema_error *error, int score)
{
	struct schema_error *slot;

	if (schema_is_over(c) || (slot = error_slot(c->sink, score)) == NULL)
		return;
	*slot = *error;
	memset(error, 0, sizeof(*error));
}

void
schema_check_place(struct schema_checking *c, const struct schema *schema, const struct schema_place *place, const char *keyword)
{
	c->steps--;
	if (schema_is_over(c))
		return;
	if (schema->never) {
		schema_report(c, place, keyword, "is not allowed here.");
		return;
	}
	if (++c->depth > CHECK_DEPTH_MAX)
		c->broken = true;
	for (size_t i = 0; i < schema->rules_count && !schema_is_over(c); i++) {
		const struct schema_rule *rule = &schema->rules[i];
		size_t before = c->sink->count;

		if (rule->keyword->check == NULL || (rule->keyword->applies != 0 && (place->value->type & rule->keyword->applies) == 0))
			continue;
		rule->keyword->check(c, rule, place);
		/* What else is wrong with a value of the wrong type is noise. */
		if (rule->keyword->argument == ARG_TYPES && c->sink->count > before)
			break;
	}
	c->depth--;
}

bool
schema_holds(struct schema_checking *c, const struct schema *schema, const struct schema_place *place)
{
	struct schema_sink question = { .enough = 1 }, *sink = c->sink;

	if (schema_is_over(c))
		return true;
	c->sink = &question;
	schema_check_place(c, schema, place, "");
	c->sink = sink;
	return question.count == 0;
}

static bool
fits_type(const cJSON *a, const cJSON *b)
{
	return (a->type & 0xff) == (b->type & 0xff);
}

static bool
objects_equal(const cJSON *a, const cJSON *b, long *steps)
{
	const cJSON *member, *other;

	cJSON_ArrayForEach(member, a) {
		for (other = b->child; other != NULL && strcmp(other->string, member->string) != 0; other = other->next)
			--*steps;
		if (other == NULL || !schema_values_equal(member, other, steps))
			return false;
	}
	return true;
}

bool
schema_values_equal(const cJSON *a, const cJSON *b, long *steps)
{
	if (--*steps <= 0 || !fits_type(a, b))
		return false;
	if (cJSON_IsNumber(a))
		return a->valuedouble <= b->valuedouble && a->valuedouble >= b->valuedouble;
	if (cJSON_IsString(a))
		return strcmp(a->valuestring, b->valuestring) == 0;
	if (!cJSON_IsArray(a) && !cJSON_IsObject(a))
		return true;
	*steps -= cJSON_GetArraySize(a);
	if (cJSON_GetArraySize(a) != cJSON_GetArraySize(b))
		return false;
	if (cJSON_IsObject(a))
		return objects_equal(a, b, steps);
	for (a = a->child, b = b->child; a != NULL && b != NULL; a = a->next, b = b->next)
		if (!schema_values_equal(a, b, steps))
			return false;
	return true;
}

int
schema_check(const struct schema *schema, const cJSON *instance, struct schema_error *errors, size_t max, size_t *ret_count)
{
	struct schema_sink sink = { .errors = errors, .max = max, .enough = max > 0 ? max : 1 };
	struct schema_checking c = { .set = schema->set, .steps = CHECK_STEPS_MAX, .sink = &sink };
	struct schema_place root = { .value = instance };
	size_t filled;

	schema_check_place(&c, schema, &root, "false");
	if (c.steps <= 0 && !c.broken) {
		schema_errors_clear(errors, sink.count < max ? sink.count : max);
		sink.count = 0;
		c.steps = 1;
		schema_report(&c, &root, "false", "costs too much to check.");
	}
	filled = sink.count < max ? sink.count : max;
	if (c.broken) {
		schema_errors_clear(errors, filled);
		*ret_count = 0;
		return ERR_INTERNAL;
	}
	*ret_count = filled;
	return sink.count == 0 ? 0 : ERR_INVALID_PARAMS;
}

void
schema_errors_clear(struct schema_error *errors, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		free(errors[i].pointer);
		free(errors[i].rule);
		memset(&errors[i], 0, sizeof(errors[i]));
	}
}
