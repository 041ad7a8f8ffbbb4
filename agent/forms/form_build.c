/* SPDX-License-Identifier: Apache-2.0 */
/* forms/form_build.c: parses, checks by form/schema.json, compiles the data's schema, and compares the files with each other. */
#include "forms/form_build.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/json.h"
#include "base/log.h"
#include "forms/field.h"
#include "forms/file_schema.h"
#include "forms/formats.h"
#include "forms/rules.h"

#define POINTER_MAX 300

const char *const form_part_names[PARTS] = { "form.json", "schema.json", "layout.json", "texts.json" };

void
form_clear(struct form *form)
{
	free(form->id);
	cJSON_Delete(form->form);
	cJSON_Delete(form->schema);
	cJSON_Delete(form->layout);
	cJSON_Delete(form->texts);
	schema_set_free(form->schemas);
	*form = (struct form){ 0 };
}

/* Says it; always ERR_INVALID_PARAMS. */
static int
refuse(const struct form_source *source, enum form_part part, const char *pointer, const char *why)
{
	log_error("%s/%s: %s: %s", source->folder, form_part_names[part], pointer, why);
	return ERR_INVALID_PARAMS;
}

static int
part_read(const struct form_source *source, enum form_part part, const struct schema_set *rules, cJSON **ret_json)
{
	static const char *const names[PARTS] = { "form/schema.json#/$defs/form", NULL, "form/schema.json#/$defs/layout", "form/schema.json#/$defs/texts" };
	char *problem = NULL;
	int err;

	if (source->parts[part].text == NULL)
		return refuse(source, part, "/", "There is no such file.");
	if ((err = json_parse(source->parts[part].text, source->parts[part].len, ret_json)) != 0)
		return err == ERR_PARSE_ERROR ? refuse(source, part, "/", "The file is no JSON.") : err;
	if (names[part] == NULL)
		return 0;
	if ((err = file_schema_check(schema_find(rules, names[part]), *ret_json, &problem)) == ERR_INVALID_PARAMS)
		log_error("%s/%s: %s", source->folder, form_part_names[part], problem != NULL ? problem : "no memory");
	free(problem);
	return err;
}

static int
schema_compile(const struct form_source *source, struct form *form)
{
	char *problem = NULL;
	int err;

	if (!cJSON_IsObject(form->schema))
		return refuse(source, PART_SCHEMA, "/", "The value is no object.");
	if ((err = schema_set_new(&form->schemas)) != 0 || (err = formats_register(form->schemas)) != 0)
		return err;
	if ((err = schema_set_add(form->schemas, form_part_names[PART_SCHEMA], form->schema, &problem)) == 0)
		err = schema_set_finish(form->schemas, &problem);
	if (err != 0 && problem != NULL) {
		log_error("%s/%s", source->folder, problem);
		err = ERR_INVALID_PARAMS;
	}
	free(problem);
	form->compiled = err == 0 ? schema_find(form->schemas, form_part_names[PART_SCHEMA]) : NULL;
	return err;
}

static const cJSON *
layout_field(const cJSON *layout, const char *pointer)
{
	const cJSON *section, *field;

	cJSON_ArrayForEach(section, json_member(layout, "sections"))
		cJSON_ArrayForEach(field, json_member(section, "fields"))
			if (strcmp(json_string(field, "pointer"), pointer) == 0)
				return field;
	return NULL;
}

static bool
layout_has(const cJSON *layout, const char *pointer)
{
	return layout_field(layout, pointer) != NULL;
}

/* Whatever can be filled in is shown: nobody signs what the page does not say. */
static int
properties_check(const struct form_source *source, const struct form *form, const cJSON *schema, const char *above)
{
	const cJSON *property;
	char pointer[POINTER_MAX];
	int err = 0;

	if (!cJSON_IsFalse(json_member(schema, "additionalProperties")) || json_member(schema, "patternProperties") != NULL)
		return refuse(source, PART_SCHEMA, above[0] != '\0' ? above : "/", "It must have \"additionalProperties\": false and no patternProperties.");
	cJSON_ArrayForEach(property, json_member(schema, "properties")) {
		if (snprintf(pointer, sizeof(pointer), "%s/%s", above, property->string) >= (int)sizeof(pointer))
			return refuse(source, PART_SCHEMA, above, "Its names are too long.");
		if (json_member(property, "properties") != NULL)
			err = properties_check(source, form, property, pointer);
		else if (json_string(property, "type") != NULL && (strcmp(json_string(property, "type"), "object") == 0 ||
		    strcmp(json_string(property, "type"), "array") == 0))
			err = refuse(source, PART_SCHEMA, pointer, "A field of the page can't show such a value.");
		else if (!layout_has(form->layout, pointer))
			err = refuse(source, PART_LAYOUT, pointer, "No field shows what schema.json allows there.");
		if (err != 0)
			return err;
	}
	return 0;
}

static int
key_check(const struct form_source *source, const struct form *form, const cJSON *key, const char *pointer)
{
	const char *name = cJSON_GetStringValue(key);

	if (name == NULL || (json_string(json_member(form->texts, "tr"), name) != NULL && json_string(json_member(form->texts, "en"), name) != NULL))
		return 0;
	return refuse(source, PART_LAYOUT, pointer, "texts.json lacks this text in a language.");
}

static int
field_check(const struct form_source *source, const struct form *form, const cJSON *field, int section, int at)
{
	static const char *const keys[] = { "label", "hint" };
	char pointer[POINTER_MAX];
	const cJSON *option;
	int err = 0, number = 0;

	for (size_t i = 0; i < 2 && err == 0; i++) {
		snprintf(pointer, sizeof(pointer), "/sections/%d/fields/%d/%s", section, at, keys[i]);
		err = key_check(source, form, json_member(field, keys[i]), pointer);
	}
	cJSON_ArrayForEach(option, json_member(field, "options")) {
		snprintf(pointer, sizeof(pointer), "/sections/%d/fields/%d/options/%d/label", section, at, number++);
		if (err == 0)
			err = key_check(source, form, json_member(option, "label"), pointer);
	}
	return err;
}

/* Whether the pointer leads to a field, or to a group of fields. */
static bool
layout_has_below(const cJSON *layout, const char *pointer)
{
	size_t len = strlen(pointer);
	const cJSON *section, *field;

	cJSON_ArrayForEach(section, json_member(layout, "sections"))
		cJSON_ArrayForEach(field, json_member(section, "fields")) {
			const char *own = json_string(field, "pointer");

			if (strncmp(own, pointer, len) == 0 && (own[len] == '\0' || own[len] == '/'))
				return true;
		}
	return false;
}

/* What form/schema.json can't say of the files that may go along. Their errors are told at /attachments/ID, where no data may be. */
static int
attachments_check(const struct form_source *source, const struct form *form)
{
	static const char *const keys[] = { "label", "hint" };
	const cJSON *kinds = json_member(form->layout, "attachments"), *kind, *before;
	char pointer[POINTER_MAX];
	int number = 0, err;

	if (kinds != NULL && json_member(json_member(form->schema, "properties"), "attachments") != NULL)
		return refuse(source, PART_SCHEMA, "/properties/attachments", "A form that takes attachments has no field of that name.");
	cJSON_ArrayForEach(kind, kinds) {
		const char *with = json_string(kind, "with"), *stated_by = json_string(kind, "statedBy");

		snprintf(pointer, sizeof(pointer), "/attachments/%d", number);
		for (before = kinds->child; before != kind; before = before->next)
			if (strcmp(json_string(before, "id"), json_string(kind, "id")) == 0)
				return refuse(source, PART_LAYOUT, pointer, "There is another of this id.");
		if ((with != NULL && !layout_has_below(form->layout, with)) || (stated_by != NULL && !layout_has(form->layout, stated_by)))
			return refuse(source, PART_LAYOUT, pointer, "The form has no such field.");
		if (stated_by != NULL && strcmp(json_string(layout_field(form->layout, stated_by), "widget"), "checkbox") != 0)
			return refuse(source, PART_LAYOUT, pointer, "statedBy names a field that is no checkbox.");
		for (size_t i = 0; i < 2; i++) {
			snprintf(pointer, sizeof(pointer), "/attachments/%d/%s", number, keys[i]);
			if ((err = key_check(source, form, json_member(kind, keys[i]), pointer)) != 0)
				return err;
		}
		number++;
	}
	return 0;
}

/* Every text that the layout names is there. */
static int
layout_check(const struct form_source *source, const struct form *form)
{
	const cJSON *section, *field, *key;
	char pointer[POINTER_MAX];
	int err = 0, number = 0, at;

	cJSON_ArrayForEach(section, json_member(form->layout, "sections")) {
		snprintf(pointer, sizeof(pointer), "/sections/%d/title", number);
		if (err == 0)
			err = key_check(source, form, json_member(section, "title"), pointer);
		at = 0;
		cJSON_ArrayForEach(field, json_member(section, "fields")) {
			if (err == 0)
				err = field_check(source, form, field, number, at);
			at++;
		}
		number++;
	}
	at = 0;
	cJSON_ArrayForEach(key, json_member(form->layout, "declaration")) {
		snprintf(pointer, sizeof(pointer), "/declaration/%d", at++);
		if (err == 0)
			err = key_check(source, form, key, pointer);
	}
	if (err == 0)
		err = key_check(source, form, json_member(json_member(form->layout, "signature"), "label"), "/signature/label");
	return err != 0 ? err : key_check(source, form, json_member(json_member(form->layout, "countersignature"), "label"), "/countersignature/label");
}

/* What form/schema.json can't say of form.json. */
static int
form_check(const struct form_source *source, const struct form *form)
{
	static const char *const fields[] = { "identity", "certificateEnd" };
	const char *when = json_string(json_member(form->form, "signedWhen"), "pointer");
	const cJSON *rule, *name;
	char pointer[POINTER_MAX];
	int number = 0;

	if (strcmp(json_string(form->form, "id"), source->id) != 0)
		return refuse(source, PART_FORM, "/id", "It is not the folder's name.");
	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
		if (json_string(form->form, fields[i]) != NULL && !layout_has(form->layout, json_string(form->form, fields[i]))) {
			snprintf(pointer, sizeof(pointer), "/%s", fields[i]);
			return refuse(source, PART_FORM, pointer, "The form has no such field.");
		}
	if (when != NULL && !layout_has(form->layout, when))
		return refuse(source, PART_FORM, "/signedWhen/pointer", "The form has no such field.");
	cJSON_ArrayForEach(name, json_member(form->form, "name"))
		if (!layout_has(form->layout, name->valuestring))
			return refuse(source, PART_FORM, "/name", "The form has no such field.");
	cJSON_ArrayForEach(rule, json_member(form->form, "rules")) {
		snprintf(pointer, sizeof(pointer), "/rules/%d/rule", number++);
		if (!rule_is_known(rule))
			return refuse(source, PART_FORM, pointer, "There is no such rule.");
	}
	return 0;
}

int
form_build(const struct form_source *source, const struct schema_set *rules, struct form *ret_form)
{
	cJSON **parts[PARTS] = { &ret_form->form, &ret_form->schema, &ret_form->layout, &ret_form->texts };
	int err = 0;

	*ret_form = (struct form){ .id = strdup(source->id) };
	if (ret_form->id == NULL)
		return ERR_INTERNAL;
	for (enum form_part part = 0; part < PARTS && err == 0; part++)
		err = part_read(source, part, rules, parts[part]);
	if (err == 0 && (err = schema_compile(source, ret_form)) == 0 && (err = form_check(source, ret_form)) == 0 &&
	    (err = properties_check(source, ret_form, ret_form->schema, "")) == 0 && (err = layout_check(source, ret_form)) == 0)
		err = attachments_check(source, ret_form);
	if (err == 0)
		ret_form->version = json_integer(ret_form->form, "version", 0);
	return err;
}
