/* SPDX-License-Identifier: Apache-2.0 */
/* forms/catalogue.c: reads the forms that are compiled in, and tells about them. */
#include "forms/catalogue.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/embedded.h"
#include "base/err.h"
#include "base/json.h"
#include "base/log.h"
#include "forms/field.h"
#include "forms/formats.h"
#include "forms/rules.h"

const struct form *
form_find(const struct form_catalogue *catalogue, const char *id)
{
	for (size_t i = 0; id != NULL && i < catalogue->count; i++)
		if (strcmp(catalogue->forms[i].id, id) == 0)
			return &catalogue->forms[i];
	return NULL;
}

/* The form of that folder, added when it is new; NULL when memory runs out. */
static struct form *
form_at(struct form_catalogue *catalogue, const char *id, size_t len)
{
	struct form *forms = catalogue->forms;

	/* Files are sorted by name, so a folder's files follow each other. */
	if (catalogue->count > 0 && strncmp(forms[catalogue->count - 1].id, id, len) == 0 && forms[catalogue->count - 1].id[len] == '\0')
		return &forms[catalogue->count - 1];
	if ((forms = realloc(forms, (catalogue->count + 1) * sizeof(*forms))) == NULL)
		return NULL;
	catalogue->forms = forms;
	memset(&forms[catalogue->count], 0, sizeof(*forms));
	if ((forms[catalogue->count].id = strndup(id, len)) == NULL)
		return NULL;
	return &forms[catalogue->count++];
}

/* name: what follows "forms/". */
static int
file_read(struct form_catalogue *catalogue, const char *name, const struct embedded_file *file)
{
	size_t len = strcspn(name, "/");
	struct form *form = form_at(catalogue, name, len);
	const char *base = name[len] == '/' ? name + len + 1 : "";
	cJSON **part;

	if (form == NULL)
		return ERR_INTERNAL;
	part = strcmp(base, "form.json") == 0 ? &form->form : strcmp(base, "schema.json") == 0 ? &form->schema :
	    strcmp(base, "layout.json") == 0 ? &form->layout : strcmp(base, "texts.json") == 0 ? &form->texts : NULL;
	if (part == NULL || json_parse(file->data, file->len, part) != 0) {
		log_error("%s: not a form's file, or no JSON", file->name);
		return ERR_INTERNAL;
	}
	return 0;
}

static int
form_check(const struct form *form)
{
	const char *id = json_string(form->form, "id");
	const cJSON *rule;

	if (id == NULL || strcmp(id, form->id) != 0 || form->schema == NULL || form->layout == NULL || form->texts == NULL ||
	    json_integer(form->form, "version", 0) < 1 || !cJSON_IsObject(json_member(form->form, "title"))) {
		log_error("form %s: a file is missing, or form.json lacks id, version or title", form->id);
		return ERR_INTERNAL;
	}
	cJSON_ArrayForEach(rule, json_member(form->form, "rules"))
		if (!rule_is_known(rule)) {
			log_error("form %s: form.json has an unknown rule", form->id);
			return ERR_INTERNAL;
		}
	return 0;
}

/* As people look for them: by form.json's order, else by name. */
static int
form_compare(const void *a, const void *b)
{
	const struct form *x = a, *y = b;
	int64_t left = json_integer(x->form, "order", INT64_MAX), right = json_integer(y->form, "order", INT64_MAX);

	return left != right ? (left < right ? -1 : 1) : strcmp(x->id, y->id);
}

static int
schemas_compile(struct form_catalogue *catalogue)
{
	char *problem = NULL;
	int err;

	if ((err = schema_set_new(&catalogue->schemas)) != 0 || (err = formats_register(catalogue->schemas)) != 0)
		return err;
	for (size_t i = 0; i < catalogue->count && err == 0; i++)
		err = schema_set_add(catalogue->schemas, catalogue->forms[i].id, catalogue->forms[i].schema, &problem);
	if (err == 0)
		err = schema_set_finish(catalogue->schemas, &problem);
	if (err != 0)
		log_error("a form's schema: %s", problem != NULL ? problem : "no memory");
	free(problem);
	for (size_t i = 0; i < catalogue->count && err == 0; i++)
		catalogue->forms[i].compiled = schema_find(catalogue->schemas, catalogue->forms[i].id);
	return err;
}

int
form_catalogue_new(struct form_catalogue **ret_catalogue)
{
	struct form_catalogue *catalogue = calloc(1, sizeof(*catalogue));
	int err = catalogue == NULL ? ERR_INTERNAL : 0;

	for (size_t i = 0; i < embedded_files_count && err == 0; i++)
		if (strncmp(embedded_files[i].name, "forms/", 6) == 0)
			err = file_read(catalogue, embedded_files[i].name + 6, &embedded_files[i]);
	for (size_t i = 0; err == 0 && i < catalogue->count; i++)
		err = form_check(&catalogue->forms[i]);
	if (err == 0 && catalogue->count > 0)
		qsort(catalogue->forms, catalogue->count, sizeof(*catalogue->forms), form_compare);
	if (err == 0)
		err = schemas_compile(catalogue);
	if (err != 0)
		goto out;
	*ret_catalogue = catalogue;
	catalogue = NULL;
out:
	form_catalogue_free(catalogue);
	return err;
}

void
form_catalogue_free(struct form_catalogue *catalogue)
{
	if (catalogue == NULL)
		return;
	for (size_t i = 0; i < catalogue->count; i++) {
		struct form *form = &catalogue->forms[i];

		free(form->id);
		cJSON_Delete(form->form);
		cJSON_Delete(form->schema);
		cJSON_Delete(form->layout);
		cJSON_Delete(form->texts);
	}
	free(catalogue->forms);
	schema_set_free(catalogue->schemas);
	free(catalogue);
}

static bool
copy_add(cJSON *object, const char *name, const cJSON *value)
{
	cJSON *copy = cJSON_Duplicate(value, true);

	if (copy != NULL && cJSON_AddItemToObject(object, name, copy))
		return true;
	cJSON_Delete(copy);
	return false;
}

/* The object {id, version, title}; NULL when memory runs out. */
static cJSON *
form_heading(const struct form *form)
{
	static const char *const members[] = { "id", "version", "title" };
	cJSON *heading = cJSON_CreateObject();

	for (size_t i = 0; heading != NULL && i < 3; i++)
		if (!copy_add(heading, members[i], json_member(form->form, members[i]))) {
			cJSON_Delete(heading);
			return NULL;
		}
	return heading;
}

cJSON *
form_catalogue_list(const struct form_catalogue *catalogue)
{
	cJSON *list = cJSON_CreateArray();

	for (size_t i = 0; list != NULL && i < catalogue->count; i++) {
		cJSON *heading = form_heading(&catalogue->forms[i]);

		if (heading == NULL || !cJSON_AddItemToArray(list, heading)) {
			cJSON_Delete(heading);
			cJSON_Delete(list);
			return NULL;
		}
	}
	return list;
}

int
form_describe(const struct form_catalogue *catalogue, const char *id, cJSON **ret_description)
{
	const struct form *form = form_find(catalogue, id);
	cJSON *description;

	if (form == NULL)
		return ERR_NOT_FOUND;
	description = form_heading(form);
	if (description == NULL || !copy_add(description, "schema", form->schema) || !copy_add(description, "layout", form->layout) ||
	    !copy_add(description, "texts", form->texts)) {
		cJSON_Delete(description);
		return ERR_INTERNAL;
	}
	*ret_description = description;
	return 0;
}

const char *
form_identity_number(const struct form_catalogue *catalogue, const char *id, const cJSON *data)
{
	const struct form *form = form_find(catalogue, id);
	const char *pointer = form == NULL ? NULL : json_string(form->form, "identity");

	return pointer == NULL ? NULL : cJSON_GetStringValue(field_value(data, pointer));
}

/* Adds {label, value} when the field is filled in. */
static int
field_add(cJSON *fields, const cJSON *field, const struct form *form, const cJSON *data, const char *language)
{
	const char *label = json_string(field, "label");
	char *value = NULL;
	cJSON *entry = NULL;
	int err;

	if ((err = field_value_text(field, data, form->texts, language, &value)) != 0 || value == NULL)
		return err;
	entry = cJSON_CreateObject();
	err = ERR_INTERNAL;
	if (entry != NULL && cJSON_AddStringToObject(entry, "label", field_text(form->texts, language, label != NULL ? label : "")) != NULL &&
	    cJSON_AddStringToObject(entry, "value", value) != NULL && cJSON_AddItemToArray(fields, entry)) {
		entry = NULL;
		err = 0;
	}
	cJSON_Delete(entry);
	free(value);
	return err;
}

cJSON *
form_fields(const struct form_catalogue *catalogue, const char *id, const cJSON *data, const char *language)
{
	const struct form *form = form_find(catalogue, id);
	cJSON *fields = form == NULL ? NULL : cJSON_CreateArray();
	const cJSON *section, *field;

	if (fields == NULL)
		return NULL;
	cJSON_ArrayForEach(section, json_member(form->layout, "sections"))
		cJSON_ArrayForEach(field, json_member(section, "fields"))
			if (field_add(fields, field, form, data, language) != 0) {
				cJSON_Delete(fields);
				return NULL;
			}
	return fields;
}
