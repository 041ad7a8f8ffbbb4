/* SPDX-License-Identifier: Apache-2.0 */
/* base/schema_keywords.c: what each keyword of JSON Schema 2020-12 demands. */
#include "base/schema_rules.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define CHECK_FUNCTION(name) \
	static void name(struct schema_checking *c, const struct schema_rule *rule, const struct schema_place *place)

static struct schema_place
member_place(const struct schema_place *object, const cJSON *member)
{
	return (struct schema_place){ .value = member, .parent = object, .name = member->string };
}

static struct schema_place
item_place(const struct schema_place *array, const cJSON *item, size_t index)
{
	return (struct schema_place){ .value = item, .parent = array, .index = index };
}

static const cJSON *
object_find(struct schema_checking *c, const cJSON *object, const char *name)
{
	const cJSON *member = object->child;

	for (; member != NULL && strcmp(member->string, name) != 0; member = member->next)
		c->steps--;
	return member;
}

/* true also where a limit ended the match: *ret_err is then negative. */
static bool
pattern_matches(struct schema_checking *c, const pcre2_code *code, const char *text, int *ret_err)
{
	pcre2_match_data *data = pcre2_match_data_create(1, NULL);
	int found = PCRE2_ERROR_NOMEMORY;

	*ret_err = 0;
	if (data != NULL)
		found = pcre2_match(code, (PCRE2_SPTR)text, strlen(text), 0, 0, data, c->set->match_context);
	pcre2_match_data_free(data);
	c->broken |= found == PCRE2_ERROR_NOMEMORY;
	c->steps -= (long)strlen(text) / 16;
	if (found < 0 && found != PCRE2_ERROR_NOMATCH)
		*ret_err = found;
	return found != PCRE2_ERROR_NOMATCH;
}

static size_t
code_points(const char *text)
{
	size_t count = 0;

	for (; *text != '\0'; text++)
		count += ((unsigned char)*text & 0xc0) != 0x80;
	return count;
}

CHECK_FUNCTION(check_type)
{
	static const char *const names[] = { "null", "a boolean", "a whole number", "a number", "a string", "an array", "an object" };
	const cJSON *v = place->value;
	unsigned type = cJSON_IsNull(v) ? TYPE_NULL : cJSON_IsBool(v) ? TYPE_BOOLEAN : cJSON_IsString(v) ? TYPE_STRING :
	    cJSON_IsArray(v) ? TYPE_ARRAY : cJSON_IsObject(v) ? TYPE_OBJECT : TYPE_NUMBER;
	char wanted[100] = "";

	if (type == TYPE_NUMBER && fmod(v->valuedouble, 1) == 0)
		type |= TYPE_INTEGER;
	if ((type & rule->types) != 0)
		return;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if ((rule->types & 1u << i) != 0) {
			strncat(wanted, wanted[0] != '\0' ? " or " : "", sizeof(wanted) - strlen(wanted) - 1);
			strncat(wanted, names[i], sizeof(wanted) - strlen(wanted) - 1);
		}
	schema_report(c, place, "type", "is not %s.", wanted);
}

CHECK_FUNCTION(check_enum)
{
	const cJSON *item;

	cJSON_ArrayForEach(item, rule->value)
		if (schema_values_equal(item, place->value, &c->steps))
			return;
	schema_report(c, place, "enum", "is none of the values that are allowed.");
}

CHECK_FUNCTION(check_const)
{
	if (!schema_values_equal(rule->value, place->value, &c->steps))
		schema_report(c, place, "const", "is not the value that is wanted.");
}

CHECK_FUNCTION(check_minimum)
{
	if (place->value->valuedouble < rule->value->valuedouble)
		schema_report(c, place, "minimum", "is less than %.15g.", rule->value->valuedouble);
}

CHECK_FUNCTION(check_maximum)
{
	if (place->value->valuedouble > rule->value->valuedouble)
		schema_report(c, place, "maximum", "is more than %.15g.", rule->value->valuedouble);
}

CHECK_FUNCTION(check_exclusive_minimum)
{
	if (place->value->valuedouble <= rule->value->valuedouble)
		schema_report(c, place, "exclusiveMinimum", "is not more than %.15g.", rule->value->valuedouble);
}

CHECK_FUNCTION(check_exclusive_maximum)
{
	if (place->value->valuedouble >= rule->value->valuedouble)
		schema_report(c, place, "exclusiveMaximum", "is not less than %.15g.", rule->value->valuedouble);
}

/* 0.0075 is a multiple of 0.0001 although neither is exact in binary: the quotient may miss by its own rounding error. */
CHECK_FUNCTION(check_multiple_of)
{
	double value = place->value->valuedouble, step = rule->value->valuedouble, quotient = value / step;

	if (fmod(value, step) == 0)
		return;
	if ((fmod(value, 1) == 0 && fmod(step, 1) == 0) || !isfinite(quotient) ||
	    fabs(quotient - round(quotient)) > fabs(quotient) * 4 * DBL_EPSILON)
		schema_report(c, place, "multipleOf", "is no multiple of %.15g.", step);
}

CHECK_FUNCTION(check_min_length)
{
	if ((double)code_points(place->value->valuestring) < rule->value->valuedouble)
		schema_report(c, place, "minLength", "is shorter than %.15g characters.", rule->value->valuedouble);
}

CHECK_FUNCTION(check_max_length)
{
	if ((double)code_points(place->value->valuestring) > rule->value->valuedouble)
		schema_report(c, place, "maxLength", "is longer than %.15g characters.", rule->value->valuedouble);
}

CHECK_FUNCTION(check_pattern)
{
	int err;

	if (!pattern_matches(c, rule->patterns[0], place->value->valuestring, &err))
		schema_report(c, place, "pattern", "does not match %.200s", rule->value->valuestring);
	else if (err != 0)
		schema_report(c, place, "pattern", "costs too much to match with %.200s", rule->value->valuestring);
}

CHECK_FUNCTION(check_format)
{
	if (!rule->format(place->value->valuestring))
		schema_report(c, place, "format", "is no valid %s.", rule->value->valuestring);
}

CHECK_FUNCTION(check_encoding)
{
	(void)rule;
	if (!schema_format_base64(place->value->valuestring))
		schema_report(c, place, "contentEncoding", "is no valid base64.");
}

static bool
counts_at_least(const struct schema_place *place, const struct schema_rule *rule)
{
	return (double)cJSON_GetArraySize(place->value) >= rule->value->valuedouble;
}

static bool
counts_at_most(const struct schema_place *place, const struct schema_rule *rule)
{
	return rule == NULL || (double)cJSON_GetArraySize(place->value) <= rule->value->valuedouble;
}

CHECK_FUNCTION(check_min_items)
{
	if (!counts_at_least(place, rule))
		schema_report(c, place, "minItems", "has fewer than %.15g items.", rule->value->valuedouble);
}

CHECK_FUNCTION(check_max_items)
{
	if (!counts_at_most(place, rule))
		schema_report(c, place, "maxItems", "has more than %.15g items.", rule->value->valuedouble);
}

CHECK_FUNCTION(check_min_properties)
{
	if (!counts_at_least(place, rule))
		schema_report(c, place, "minProperties", "has fewer than %.15g members.", rule->value->valuedouble);
}

CHECK_FUNCTION(check_max_properties)
{
	if (!counts_at_most(place, rule))
		schema_report(c, place, "maxProperties", "has more than %.15g members.", rule->value->valuedouble);
}

/* Not run on an array that is too long anyway: it takes the square of the length. */
CHECK_FUNCTION(check_unique_items)
{
	if (!cJSON_IsTrue(rule->value) || !counts_at_most(place, schema_rule(rule->owner, "maxItems")))
		return;
	for (const cJSON *a = place->value->child; a != NULL; a = a->next)
		for (const cJSON *b = a->next; b != NULL && c->steps > 0; b = b->next)
			if (schema_values_equal(a, b, &c->steps)) {
				schema_report(c, place, "uniqueItems", "holds an item twice.");
				return;
			}
}

CHECK_FUNCTION(check_prefix_items)
{
	const cJSON *item = place->value->child;

	for (size_t i = 0; i < rule->count && item != NULL; i++, item = item->next) {
		struct schema_place below = item_place(place, item, i);

		schema_check_place(c, rule->schemas[i], &below, "prefixItems");
	}
}

CHECK_FUNCTION(check_items)
{
	const struct schema_rule *prefix = schema_rule(rule->owner, "prefixItems");
	const cJSON *item;
	size_t index = 0;

	if (!counts_at_most(place, schema_rule(rule->owner, "maxItems")))
		return;
	cJSON_ArrayForEach(item, place->value) {
		struct schema_place below = item_place(place, item, index++);

		if (schema_is_over(c))
			return;
		if (prefix == NULL || index > prefix->count)
			schema_check_place(c, rule->schemas[0], &below, "items");
	}
}

CHECK_FUNCTION(check_contains)
{
	const struct schema_rule *min = schema_rule(rule->owner, "minContains"), *max = schema_rule(rule->owner, "maxContains");
	const cJSON *item;
	size_t index = 0;
	double found = 0;

	cJSON_ArrayForEach(item, place->value) {
		struct schema_place below = item_place(place, item, index++);

		if (schema_is_over(c))
			return;
		found += schema_holds(c, rule->schemas[0], &below);
	}
	if (found < (min != NULL ? min->value->valuedouble : 1))
		schema_report(c, place, min != NULL ? "minContains" : "contains", "has too few items of the kind that it must contain.");
	else if (max != NULL && found > max->value->valuedouble)
		schema_report(c, place, "maxContains", "has too many items of the kind that it must contain.");
}

static void
report_missing(struct schema_checking *c, const struct schema_place *object, const char *name, const char *keyword)
{
	struct schema_place place = { .parent = object, .name = name };

	schema_report(c, &place, keyword, "is missing.");
}

CHECK_FUNCTION(check_required)
{
	const cJSON *name;

	cJSON_ArrayForEach(name, rule->value)
		if (object_find(c, place->value, name->valuestring) == NULL)
			report_missing(c, place, name->valuestring, "required");
}

CHECK_FUNCTION(check_dependent_required)
{
	const cJSON *names, *name;

	cJSON_ArrayForEach(names, rule->value) {
		if (object_find(c, place->value, names->string) == NULL)
			continue;
		cJSON_ArrayForEach(name, names)
			if (object_find(c, place->value, name->valuestring) == NULL)
				report_missing(c, place, name->valuestring, "dependentRequired");
	}
}

CHECK_FUNCTION(check_dependent_schemas)
{
	const cJSON *name;
	size_t index = 0;

	cJSON_ArrayForEach(name, rule->value) {
		const struct schema *dependent = rule->schemas[index++];

		if (object_find(c, place->value, name->string) != NULL)
			schema_check_place(c, dependent, place, "dependentSchemas");
	}
}

CHECK_FUNCTION(check_properties)
{
	const cJSON *property, *member;
	size_t index = 0;

	cJSON_ArrayForEach(property, rule->value) {
		const struct schema *below = rule->schemas[index++];

		if ((member = object_find(c, place->value, property->string)) != NULL) {
			struct schema_place where = member_place(place, member);

			schema_check_place(c, below, &where, "properties");
		}
	}
}

static bool
name_matches(struct schema_checking *c, const struct schema_rule *rule, size_t index, const cJSON *member)
{
	int err;

	/* A name that can't be matched within the limits counts as no match: additionalProperties then refuses it. */
	return pattern_matches(c, rule->patterns[index], member->string, &err) && err == 0;
}

CHECK_FUNCTION(check_pattern_properties)
{
	const cJSON *member;

	cJSON_ArrayForEach(member, place->value) {
		struct schema_place where = member_place(place, member);

		for (size_t i = 0; i < rule->count && !schema_is_over(c); i++)
			if (name_matches(c, rule, i, member))
				schema_check_place(c, rule->schemas[i], &where, "patternProperties");
	}
}

static bool
property_is_known(struct schema_checking *c, const struct schema_rule *properties, const struct schema_rule *patterns, const cJSON *member)
{
	if (properties != NULL && object_find(c, properties->value, member->string) != NULL)
		return true;
	for (size_t i = 0; patterns != NULL && i < patterns->count; i++)
		if (name_matches(c, patterns, i, member))
			return true;
	return false;
}

CHECK_FUNCTION(check_additional_properties)
{
	const struct schema_rule *properties = schema_rule(rule->owner, "properties"), *patterns = schema_rule(rule->owner, "patternProperties");
	const cJSON *member;

	cJSON_ArrayForEach(member, place->value) {
		struct schema_place where = member_place(place, member);

		if (schema_is_over(c))
			return;
		if (!property_is_known(c, properties, patterns, member))
			schema_check_place(c, rule->schemas[0], &where, "additionalProperties");
	}
}

CHECK_FUNCTION(check_property_names)
{
	const cJSON *member;

	cJSON_ArrayForEach(member, place->value) {
		cJSON name = { .type = cJSON_String, .valuestring = member->string };
		struct schema_place where = member_place(place, &name), object = member_place(place, member);

		if (schema_is_over(c))
			return;
		where.name = member->string;
		if (!schema_holds(c, rule->schemas[0], &where))
			schema_report(c, &object, "propertyNames", "has a name that is not allowed.");
	}
}

CHECK_FUNCTION(check_ref)
{
	schema_check_place(c, rule->schemas[0], place, "$ref");
}

CHECK_FUNCTION(check_all_of)
{
	for (size_t i = 0; i < rule->count; i++)
		schema_check_place(c, rule->schemas[i], place, "allOf");
}

CHECK_FUNCTION(check_not)
{
	if (schema_holds(c, rule->schemas[0], place))
		schema_report(c, place, "not", "is of a kind that is not allowed.");
}

CHECK_FUNCTION(check_if)
{
	const char *keyword = schema_holds(c, rule->schemas[0], place) ? "then" : "else";
	const struct schema_rule *next = schema_rule(rule->owner, keyword);

	if (next != NULL)
		schema_check_place(c, next->schemas[0], place, keyword);
}

const struct schema_keyword schema_keywords[] = {
	{ "$schema", ARG_DIALECT, 0, NULL },
	{ "$id", ARG_ID, 0, NULL },
	{ "$comment", ARG_STRING, 0, NULL },
	{ "$defs", ARG_SCHEMA_MAP, 0, NULL },
	{ "title", ARG_STRING, 0, NULL },
	{ "description", ARG_STRING, 0, NULL },
	{ "default", ARG_ANYTHING, 0, NULL },
	{ "examples", ARG_ARRAY, 0, NULL },
	{ "type", ARG_TYPES, 0, check_type },
	{ "$ref", ARG_REF, 0, check_ref },
	{ "enum", ARG_ARRAY, 0, check_enum },
	{ "const", ARG_ANYTHING, 0, check_const },
	{ "minimum", ARG_NUMBER, cJSON_Number, check_minimum },
	{ "maximum", ARG_NUMBER, cJSON_Number, check_maximum },
	{ "exclusiveMinimum", ARG_NUMBER, cJSON_Number, check_exclusive_minimum },
	{ "exclusiveMaximum", ARG_NUMBER, cJSON_Number, check_exclusive_maximum },
	{ "multipleOf", ARG_NUMBER_ABOVE_0, cJSON_Number, check_multiple_of },
	{ "minLength", ARG_COUNT, cJSON_String, check_min_length },
	{ "maxLength", ARG_COUNT, cJSON_String, check_max_length },
	{ "contentEncoding", ARG_ENCODING, cJSON_String, check_encoding },
	{ "pattern", ARG_PATTERN, cJSON_String, check_pattern },
	{ "format", ARG_FORMAT, cJSON_String, check_format },
	{ "minItems", ARG_COUNT, cJSON_Array, check_min_items },
	{ "maxItems", ARG_COUNT, cJSON_Array, check_max_items },
	{ "uniqueItems", ARG_BOOLEAN, cJSON_Array, check_unique_items },
	{ "prefixItems", ARG_SCHEMA_LIST, cJSON_Array, check_prefix_items },
	{ "items", ARG_SCHEMA, cJSON_Array, check_items },
	{ "contains", ARG_SCHEMA, cJSON_Array, check_contains },
	{ "minContains", ARG_COUNT, 0, NULL },
	{ "maxContains", ARG_COUNT, 0, NULL },
	{ "required", ARG_NAMES, cJSON_Object, check_required },
	{ "dependentRequired", ARG_NAMES_MAP, cJSON_Object, check_dependent_required },
	{ "minProperties", ARG_COUNT, cJSON_Object, check_min_properties },
	{ "maxProperties", ARG_COUNT, cJSON_Object, check_max_properties },
	{ "propertyNames", ARG_SCHEMA, cJSON_Object, check_property_names },
	{ "properties", ARG_SCHEMA_MAP, cJSON_Object, check_properties },
	{ "patternProperties", ARG_PATTERN_MAP, cJSON_Object, check_pattern_properties },
	{ "additionalProperties", ARG_SCHEMA, cJSON_Object, check_additional_properties },
	{ "dependentSchemas", ARG_SCHEMA_MAP, cJSON_Object, check_dependent_schemas },
	{ "allOf", ARG_SCHEMA_LIST, 0, check_all_of },
	{ "anyOf", ARG_SCHEMA_LIST, 0, schema_check_alternatives },
	{ "oneOf", ARG_SCHEMA_LIST, 0, schema_check_alternatives },
	{ "not", ARG_SCHEMA, 0, check_not },
	{ "if", ARG_SCHEMA, 0, check_if },
	{ "then", ARG_SCHEMA, 0, NULL },
	{ "else", ARG_SCHEMA, 0, NULL },
	{ NULL, ARG_ANYTHING, 0, NULL },
};
