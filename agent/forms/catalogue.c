/* SPDX-License-Identifier: Apache-2.0 */
/* forms/catalogue.c: reads the forms that are compiled in and those of an institution's folders, and tells about them. */
#include "forms/catalogue.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/embedded.h"
#include "base/err.h"
#include "base/json.h"
#include "base/log.h"
#include "forms/field.h"
#include "forms/file_schema.h"
#include "forms/form_build.h"
#include "forms/small_file.h"

#define EMBEDDED_FORMS "forms/"
#define FORM_ID_MAX 64
#define FORM_FILE_MAX (512u << 10)
#define FORMS_MAX 500

const struct form *
form_find(const struct form_catalogue *catalogue, const char *id, int64_t version)
{
	const struct form *found = NULL;

	for (size_t i = 0; id != NULL && i < catalogue->count; i++) {
		const struct form *form = &catalogue->forms[i];

		if (strcmp(form->id, id) == 0 && (version == 0 ? found == NULL || form->version > found->version : form->version == version))
			found = form;
	}
	return found;
}

/* Builds the form and keeps it; 0, ERR_INVALID_PARAMS (told in the log) or ERR_INTERNAL. */
static int
source_add(struct form_catalogue *catalogue, const struct form_source *source, const struct schema_set *rules)
{
	struct form form = { 0 }, *forms;
	int err = form_build(source, rules, &form);

	if (err == 0 && form_find(catalogue, form.id, form.version) != NULL) {
		log_error("%s/form.json: /version: This version of the form is there already.", source->folder);
		err = ERR_INVALID_PARAMS;
	}
	if (err == 0 && (forms = realloc(catalogue->forms, (catalogue->count + 1) * sizeof(*forms))) != NULL) {
		catalogue->forms = forms;
		forms[catalogue->count++] = form;
		return 0;
	}
	form_clear(&form);
	return err != 0 ? err : ERR_INTERNAL;
}

static enum form_part
part_of(const char *name)
{
	enum form_part part = 0;

	while (part < PARTS && strcmp(form_part_names[part], name) != 0)
		part++;
	return part;
}

/* The forms that are compiled in; wrong ones are our own mistake. */
static int
embedded_add(struct form_catalogue *catalogue, const struct schema_set *rules)
{
	char id[FORM_ID_MAX + 1];
	int err = 0;

	/* Files are sorted by name, so a folder's files follow each other. */
	for (size_t i = 0, next; i < embedded_files_count && err == 0; i = next) {
		const char *name = embedded_files[i].name;
		struct form_source source = { .folder = "forms", .id = id };
		size_t len;

		next = i + 1;
		if (strncmp(name, EMBEDDED_FORMS, strlen(EMBEDDED_FORMS)) != 0)
			continue;
		len = strcspn(name + strlen(EMBEDDED_FORMS), "/");
		snprintf(id, sizeof(id), "%.*s", (int)len, name + strlen(EMBEDDED_FORMS));
		for (next = i; next < embedded_files_count && strncmp(embedded_files[next].name, name, strlen(EMBEDDED_FORMS) + len + 1) == 0; next++) {
			enum form_part part = part_of(embedded_files[next].name + strlen(EMBEDDED_FORMS) + len + 1);

			if (part == PARTS)
				return ERR_INTERNAL;
			source.parts[part].text = embedded_files[next].data;
			source.parts[part].len = embedded_files[next].len;
		}
		err = source_add(catalogue, &source, rules);
	}
	return err == ERR_INVALID_PARAMS ? ERR_INTERNAL : err;
}

/* Reads the form in folder/id and adds it; what is wrong has been told in the log then. 0 or ERR_INTERNAL. */
static int
folder_add(struct form_catalogue *catalogue, const char *folder, const char *id, const struct schema_set *rules)
{
	struct form_source source = { .id = id };
	char *texts[PARTS] = { NULL }, *path = NULL, *form_folder = NULL;
	int err = 0;

	if (asprintf(&form_folder, "%s/%s", folder, id) < 0)
		return ERR_INTERNAL;
	source.folder = form_folder;
	for (enum form_part part = 0; part < PARTS && err == 0; part++) {
		if (asprintf(&path, "%s/%s", form_folder, form_part_names[part]) < 0) {
			err = ERR_INTERNAL;
			break;
		}
		err = small_file_read(path, FORM_FILE_MAX, &texts[part], &source.parts[part].len);
		source.parts[part].text = texts[part];
		free(path);
	}
	if (err == 0)
		err = source_add(catalogue, &source, rules);
	if (err != 0)
		log_error("%s: going on without this form", form_folder);
	for (enum form_part part = 0; part < PARTS; part++)
		free(texts[part]);
	free(form_folder);
	return catalogue->count > FORMS_MAX ? ERR_TOO_LARGE : 0;
}

static int
is_form_name(const struct dirent *entry)
{
	return entry->d_name[0] >= 'a' && entry->d_name[0] <= 'z' && strlen(entry->d_name) <= FORM_ID_MAX &&
	    entry->d_name[strspn(entry->d_name, "abcdefghijklmnopqrstuvwxyz0123456789-")] == '\0';
}

/* An institution's forms, each in a folder of its own. */
static int
folders_add(struct form_catalogue *catalogue, const char *folder, const struct schema_set *rules)
{
	struct dirent **entries = NULL;
	int count = scandir(folder, &entries, is_form_name, alphasort), err = 0;

	if (count < 0) {
		log_error("%s: %s", folder, strerror(errno));
		return 0;
	}
	for (int i = 0; i < count; i++) {
		if (err == 0)
			err = folder_add(catalogue, folder, entries[i]->d_name, rules);
		free(entries[i]);
	}
	free(entries);
	if (err == ERR_TOO_LARGE)
		log_error("%s: more than %d forms; the others are left out", folder, FORMS_MAX);
	return err == ERR_TOO_LARGE ? 0 : err;
}

/* As people look for them: by form.json's order, else by name; newer versions first. */
static int
form_compare(const void *a, const void *b)
{
	const struct form *x = a, *y = b;
	int64_t left = json_integer(x->form, "order", INT64_MAX), right = json_integer(y->form, "order", INT64_MAX);
	int names = strcmp(x->id, y->id);

	if (left != right)
		return left < right ? -1 : 1;
	return names != 0 ? names : (y->version > x->version) - (y->version < x->version);
}

int
form_catalogue_new(const char *const *folders, size_t count, struct form_catalogue **ret_catalogue)
{
	struct form_catalogue *catalogue = calloc(1, sizeof(*catalogue));
	struct schema_set *rules = NULL;
	int err = catalogue == NULL ? ERR_INTERNAL : file_schema_new("form/schema.json", &rules);

	if (err == 0)
		err = embedded_add(catalogue, rules);
	for (size_t i = 0; i < count && err == 0; i++)
		err = folders_add(catalogue, folders[i], rules);
	if (err == 0) {
		qsort(catalogue->forms, catalogue->count, sizeof(*catalogue->forms), form_compare);
		*ret_catalogue = catalogue;
		catalogue = NULL;
	}
	schema_set_free(rules);
	form_catalogue_free(catalogue);
	return err;
}

void
form_catalogue_free(struct form_catalogue *catalogue)
{
	if (catalogue == NULL)
		return;
	for (size_t i = 0; i < catalogue->count; i++)
		form_clear(&catalogue->forms[i]);
	free(catalogue->forms);
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
		const struct form *form = &catalogue->forms[i];
		cJSON *heading;

		if (form != form_find(catalogue, form->id, 0))
			continue;
		if ((heading = form_heading(form)) == NULL || !cJSON_AddItemToArray(list, heading)) {
			cJSON_Delete(heading);
			cJSON_Delete(list);
			return NULL;
		}
	}
	return list;
}

int64_t
form_version(const struct form_catalogue *catalogue, const char *id, int64_t version)
{
	const struct form *form = form_find(catalogue, id, version);

	return form != NULL ? form->version : 0;
}

int
form_describe(const struct form_catalogue *catalogue, const char *id, int64_t version, cJSON **ret_description)
{
	const struct form *form = form_find(catalogue, id, version);
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
form_fields(const struct form_catalogue *catalogue, const char *id, int64_t version, const cJSON *data, const char *language)
{
	const struct form *form = form_find(catalogue, id, version);
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
