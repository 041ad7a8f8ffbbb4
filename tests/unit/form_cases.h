/* SPDX-License-Identifier: Apache-2.0 */
/* form_cases.h: an example of each form, one thing changed in it, and the one error that must be told. */
#ifndef FORM_CASES_H
#define FORM_CASES_H

#include "test.h"

#include <stdlib.h>

#include "base/err.h"
#include "base/json.h"
#include "forms/forms.h"

#define NOW 1795521600	/* 2026-11-24T12:00:00Z, 15:00 in Turkey; FORM_EXAMPLES: the folder proto/examples/forms */

static inline struct form_catalogue *
catalogue(void)
{
	static struct form_catalogue *made;

	if (made == NULL)
		CHECK_INT(form_catalogue_new(NULL, 0, &made), 0);
	return made;
}

static inline cJSON *
example(const char *form)
{
	static char text[20000];
	cJSON *json = NULL;
	char path[1000];
	size_t len = 0;
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s.json", FORM_EXAMPLES, form);
	if ((file = fopen(path, "r")) != NULL) {
		len = fread(text, 1, sizeof(text), file);
		fclose(file);
	}
	CHECK_INT(json_parse(text, len, &json), 0);
	/* The days are kept valid whatever the example says. */
	if (json_string(json, "applicationDate") != NULL)
		cJSON_ReplaceItemInObjectCaseSensitive(json, "applicationDate", cJSON_CreateString("2026-11-24"));
	if (json_string(json, "certificateEnd") != NULL)
		cJSON_ReplaceItemInObjectCaseSensitive(json, "certificateEnd", cJSON_CreateString("2027-01-15"));
	return json;
}

/* Puts a value (takes it; NULL takes the member away) where the pointer says; objects on the way are made. */
static inline void
put(cJSON *data, const char *pointer, cJSON *value)
{
	char name[200];
	const char *slash;

	while ((slash = strchr(++pointer, '/')) != NULL) {
		snprintf(name, sizeof(name), "%.*s", (int)(slash - pointer), pointer);
		if (json_member(data, name) == NULL)
			cJSON_AddObjectToObject(data, name);
		data = json_member(data, name);
		pointer = slash;
	}
	cJSON_DeleteItemFromObjectCaseSensitive(data, pointer);
	if (value != NULL)
		cJSON_AddItemToObject(data, pointer, value);
}

static inline const cJSON *
error_at(const cJSON *errors, const char *pointer)
{
	const cJSON *error;

	cJSON_ArrayForEach(error, errors)
		if (strcmp(json_string(error, "pointer"), pointer) == 0)
			return error;
	return NULL;
}

/* Validates and expects this one error, or none when code is NULL; takes data. */
static inline void
expect_one(const char *form, cJSON *data, const char *pointer, const char *code, const char *what)
{
	cJSON *errors = NULL;
	int err = form_validate(catalogue(), form, 0, data, NOW, &errors);
	char *told = errors == NULL ? NULL : cJSON_PrintUnformatted(errors);

	if (code == NULL) {
		CHECK_MSG(err == 0 && errors == NULL, "%s: %s: %s", form, what, told);
	} else {
		const cJSON *error = error_at(errors, pointer);
		const cJSON *message = json_member(error, "message");

		CHECK_MSG(err == ERR_FORM_INVALID && cJSON_GetArraySize(errors) == 1 && error != NULL && strcmp(json_string(error, "code"), code) == 0,
		    "%s: %s: wanted %s at %s, told %.1000s", form, what, code, pointer, told);
		CHECK_MSG(json_string(message, "tr") != NULL && json_string(message, "tr")[0] != '\0' && json_string(message, "en") != NULL &&
		    json_string(message, "en")[0] != '\0' && strstr(json_string(message, "tr"), "{}") == NULL, "%s: %s", form, what);
	}
	cJSON_free(told);
	cJSON_Delete(errors);
	cJSON_Delete(data);
}

/* One change of a good form: valid (code NULL), or exactly that error. The value is JSON text; NULL: the member goes. */
struct change {
	const char *form, *pointer, *value, *error_pointer, *code;
};

static inline void
expect_change(const struct change *change)
{
	cJSON *data = example(change->form);
	char what[200];

	put(data, change->pointer, change->value == NULL ? NULL : cJSON_Parse(change->value));
	snprintf(what, sizeof(what), "%s = %.100s", change->pointer, change->value != NULL ? change->value : "nothing");
	expect_one(change->form, data, change->error_pointer, change->code, what);
}

#endif
