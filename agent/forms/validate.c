/* SPDX-License-Identifier: Apache-2.0 */
/* forms/validate.c: all that is wrong with a form's data at once: the schema's errors in words for people, then the rules. */
#include "forms/catalogue.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/json.h"
#include "forms/field.h"
#include "forms/problem.h"
#include "forms/rules.h"

#define ERRORS_MAX 100
#define POINTER_MAX 200	/* longer ones come from member names that the form does not know */

/* keyword (and format, for that keyword) to code. */
static const struct {
	const char *keyword, *format, *code;
} codes[] = {
	{ "required", NULL, "required" },
	{ "additionalProperties", NULL, "unknown_field" },
	{ "properties", NULL, "not_applicable" },	/* the schema `false` below properties */
	{ "type", NULL, "wrong_type" },
	{ "maxLength", NULL, "too_long" },
	{ "minLength", NULL, "too_short" },
	{ "pattern", NULL, "characters" },
	{ "enum", NULL, "not_an_option" },
	{ "const", NULL, "not_an_option" },
	{ "minimum", NULL, "out_of_range" },
	{ "maximum", NULL, "out_of_range" },
	{ "exclusiveMinimum", NULL, "out_of_range" },
	{ "exclusiveMaximum", NULL, "out_of_range" },
	{ "multipleOf", NULL, "too_precise" },
	{ "format", "tckn", "identity_number" },
	{ "format", "vkn", "tax_number" },
	{ "format", "iban-tr", "iban" },
	{ "format", "phone-tr", "phone" },
	{ "format", "date", "date" },
	{ "format", "email", "email" },
};

/* The property's schema, through `properties` only: the conditions of a form never describe fields. NULL: there is none. */
static const cJSON *
property_schema(const cJSON *schema, const char *pointer)
{
	char *path = strdup(pointer), *rest = path, *name;

	if (path == NULL)
		return NULL;
	while (rest != NULL && *rest == '/' && schema != NULL) {
		name = rest + 1;
		if ((rest = strchr(name, '/')) != NULL)
			*rest = '\0';
		schema = json_member(json_member(schema, "properties"), name);
		if (rest != NULL)
			*rest = '/';
	}
	free(path);
	return schema;
}

/* Whether a combining mark of U+0300 to U+036F is in the text, as decomposed letters (NFD) have them. */
static bool
has_combining_marks(const char *text)
{
	for (const unsigned char *p = (const unsigned char *)text; *p != '\0'; p++)
		if (*p == 0xcc || (*p == 0xcd && p[1] < 0xb0))
			return true;
	return false;
}

static const char *
error_code(const char *keyword, const cJSON *property, const cJSON *value)
{
	const char *format = json_string(property, "format");

	if (strcmp(keyword, "const") == 0 && cJSON_IsTrue(json_member(property, "const")))
		return "must_be_accepted";
	if (strcmp(keyword, "type") != 0 && cJSON_IsString(value) && value->valuestring[0] == '\0')
		return "required";
	if (strcmp(keyword, "pattern") == 0 && cJSON_IsString(value) && has_combining_marks(value->valuestring))
		return "decomposed_letters";
	/* A pattern beside a format narrows it; the format's words say more. */
	if (strcmp(keyword, "pattern") == 0 && format != NULL)
		keyword = "format";
	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++)
		if (strcmp(codes[i].keyword, keyword) == 0 &&
		    (codes[i].format == NULL || (format != NULL && strcmp(codes[i].format, format) == 0)))
			return codes[i].code;
	return "invalid";
}

static const cJSON *
field_at(const cJSON *layout, const char *pointer)
{
	const cJSON *section, *field;

	cJSON_ArrayForEach(section, json_member(layout, "sections"))
		cJSON_ArrayForEach(field, json_member(section, "fields")) {
			const char *own = json_string(field, "pointer");

			if (own != NULL && strcmp(own, pointer) == 0)
				return field;
		}
	return NULL;
}

static bool
told(cJSON *problems, const struct form *form, const char *pointer, const char *code, const cJSON *property)
{
	struct problem problem = { .pointer = pointer, .code = code };
	const char *hint = json_string(field_at(form->layout, pointer), "hint");
	char limit[24];

	snprintf(limit, sizeof(limit), "%lld", (long long)json_integer(property, strcmp(code, "too_short") == 0 ? "minLength" : "maxLength", 0));
	problem.value_tr = problem.value_en = limit;
	if (hint != NULL && (strcmp(code, "characters") == 0 || strcmp(code, "too_precise") == 0)) {
		problem.hint_tr = field_text(form->texts, "tr", hint);
		problem.hint_en = field_text(form->texts, "en", hint);
	}
	return problem_add(problems, &problem);
}

/* A missing object is told as its own missing members, so that every message belongs to a field. */
static bool
missing_told(cJSON *problems, const struct form *form, const char *pointer)
{
	const cJSON *property = property_schema(form->schema, pointer), *name, *required = json_member(property, "required");

	if (cJSON_GetArraySize(required) == 0)
		return told(problems, form, pointer, cJSON_IsTrue(json_member(property, "const")) ? "must_be_accepted" : "required", property);
	cJSON_ArrayForEach(name, required) {
		char *below = NULL;
		bool ok;

		if (asprintf(&below, "%s/%s", pointer, name->valuestring) < 0)
			return false;
		ok = missing_told(problems, form, below);
		free(below);
		if (!ok)
			return false;
	}
	return true;
}

/* What must be left empty has no other faults: whatever else was told there and below it goes. */
static void
problems_remove_at(cJSON *problems, const char *pointer)
{
	size_t len = strlen(pointer);
	cJSON *item, *next;

	for (item = problems->child; item != NULL; item = next) {
		const char *own = json_string(item, "pointer");

		next = item->next;
		if (strncmp(own, pointer, len) == 0 && (own[len] == '\0' || own[len] == '/'))
			cJSON_Delete(cJSON_DetachItemViaPointer(problems, item));
	}
}

static bool
schema_error_told(cJSON *problems, const struct form *form, const cJSON *data, struct schema_error *error)
{
	const cJSON *property, *value;
	const char *code;
	char *end;

	/* A name that the form does not know may be of any length: its parent stands for it. */
	while (strlen(error->pointer) > POINTER_MAX && (end = strrchr(error->pointer, '/')) != NULL)
		*end = '\0';
	if (strcmp(error->keyword, "required") == 0)
		return missing_told(problems, form, error->pointer);
	property = property_schema(form->schema, error->pointer);
	value = field_value(data, error->pointer);
	code = error_code(error->keyword, property, value);
	/* Of two things that are wrong with one value, its length is the easier to mend. */
	if (strcmp(code, "too_long") == 0)
		cJSON_Delete(cJSON_DetachItemViaPointer(problems, problem_at(problems, error->pointer)));
	if (strcmp(code, "not_applicable") == 0)
		problems_remove_at(problems, error->pointer);
	return told(problems, form, error->pointer, code, property);
}

int
form_validate(const struct form_catalogue *catalogue, const char *id, int64_t version, const cJSON *data, time_t now, cJSON **ret_errors)
{
	const struct form *form = form_find(catalogue, id, version);
	struct schema_error errors[ERRORS_MAX] = { 0 };
	cJSON *problems = NULL;
	size_t count = 0;
	int err;

	if (form == NULL)
		return ERR_NOT_FOUND;
	if ((problems = cJSON_CreateArray()) == NULL)
		return ERR_INTERNAL;
	err = schema_check(form->compiled, data, errors, ERRORS_MAX, &count);
	if (err != 0 && err != ERR_INVALID_PARAMS)
		goto out;
	err = 0;
	for (size_t i = 0; i < count && err == 0; i++)
		if (!schema_error_told(problems, form, data, &errors[i]))
			err = ERR_INTERNAL;
	if (err == 0)
		err = rules_check(json_member(form->form, "rules"), data, now, problems);
	if (err == 0 && cJSON_GetArraySize(problems) > 0) {
		err = ERR_FORM_INVALID;
		*ret_errors = problems;
		problems = NULL;
	}
out:
	schema_errors_clear(errors, count);
	cJSON_Delete(problems);
	return err;
}
