/* SPDX-License-Identifier: Apache-2.0 */
/* forms/attachments.c: kinds of files by what they begin with, and what is wrong with those that came. */
#include "forms/attachments.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/json.h"
#include "forms/catalogue.h"
#include "forms/field.h"
#include "forms/problem.h"

/* Nothing of a file is looked at but its first bytes (ISO 32000-1 7.5.2, ISO 10918-1 B.1.1.3, ISO 15948 5.2). */
static const struct {
	const char *media_type, *name, *head;
	size_t len;
} kinds[] = {
	{ "application/pdf", "PDF", "%PDF-", 5 },
	{ "image/jpeg", "JPEG", "\xff\xd8\xff", 3 },
	{ "image/png", "PNG", "\x89PNG\r\n\x1a\n", 8 },
};

#define KINDS (sizeof(kinds) / sizeof(kinds[0]))

static const cJSON *
attachment_find(const struct form *form, const char *id)
{
	const cJSON *attachment;

	cJSON_ArrayForEach(attachment, json_member(form->layout, "attachments"))
		if (strcmp(json_string(attachment, "id"), id) == 0)
			return attachment;
	return NULL;
}

static bool
list_has(const cJSON *list, const char *text)
{
	const cJSON *item;

	cJSON_ArrayForEach(item, list)
		if (strcmp(cJSON_GetStringValue(item), text) == 0)
			return true;
	return false;
}

/* Whether the file is what it is said to be, and that is accepted. */
static bool
type_is_right(const cJSON *accepted, const struct attachment_given *given)
{
	for (size_t i = 0; i < KINDS; i++)
		if (strcmp(kinds[i].media_type, given->media_type) == 0)
			return list_has(accepted, given->media_type) && given->size >= kinds[i].len && memcmp(given->head, kinds[i].head, kinds[i].len) == 0;
	return false;
}

/* "PDF, JPEG" */
static void
accepted_text(const cJSON *accepted, char text[40])
{
	size_t len = 0;

	for (size_t i = 0; i < KINDS; i++)
		if (list_has(accepted, kinds[i].media_type))
			len += (size_t)snprintf(text + len, 40 - len, "%s%s", len > 0 ? ", " : "", kinds[i].name);
}

static bool
told(cJSON *problems, const char *id, const char *code, const char *value_tr, const char *value_en)
{
	char pointer[160];
	const struct problem problem = { .pointer = pointer, .code = code, .value_tr = value_tr, .value_en = value_en };

	snprintf(pointer, sizeof(pointer), "/attachments/%s", id);
	return problem_add(problems, &problem);
}

static bool
given_check(const struct form *form, const cJSON *data, const struct attachment_given *given, cJSON *problems)
{
	const cJSON *attachment = attachment_find(form, given->id), *accepted = json_member(attachment, "mediaTypes");
	const char *with = json_string(attachment, "with"), *stated_by = json_string(attachment, "statedBy");
	int64_t size_max = json_integer(attachment, "sizeMax", 0);
	char value[40];

	if (attachment == NULL)
		return told(problems, given->id, "attachment_unknown", NULL, NULL);
	if (with != NULL && field_value(data, with) == NULL)
		return told(problems, given->id, "not_applicable", NULL, NULL);
	if (stated_by != NULL && !cJSON_IsTrue(field_value(data, stated_by)) &&
	    !problem_add(problems, &(struct problem){ .pointer = stated_by, .code = "attachment_unstated" }))
		return false;
	if (!type_is_right(accepted, given)) {
		accepted_text(accepted, value);
		return told(problems, given->id, "attachment_type", value, value);
	}
	if (given->size > (uint64_t)size_max) {
		snprintf(value, sizeof(value), "%.3g", (double)size_max / (1 << 20));
		return told(problems, given->id, "attachment_large", value, value);
	}
	return true;
}

/* Whether the form wants one that did not come. */
static bool
is_wanted(const cJSON *attachment, const cJSON *data)
{
	const char *need = json_string(attachment, "need"), *with = json_string(attachment, "with"), *stated_by = json_string(attachment, "statedBy");

	if (with != NULL && field_value(data, with) == NULL)
		return false;
	return (need != NULL && strcmp(need, "required") == 0) || (stated_by != NULL && cJSON_IsTrue(field_value(data, stated_by)));
}

static bool
all_check(const struct form *form, const cJSON *data, const struct attachment_given *given, size_t count, cJSON *problems)
{
	const cJSON *attachment;

	for (size_t i = 0; i < count; i++)
		if (!given_check(form, data, &given[i], problems))
			return false;
	cJSON_ArrayForEach(attachment, json_member(form->layout, "attachments")) {
		const char *id = json_string(attachment, "id"), *label = json_string(attachment, "label");
		bool came = false;

		for (size_t i = 0; i < count; i++)
			came = came || strcmp(given[i].id, id) == 0;
		if (!came && is_wanted(attachment, data) &&
		    !told(problems, id, "attachment_missing", field_text(form->texts, "tr", label), field_text(form->texts, "en", label)))
			return false;
	}
	return true;
}

int
form_attachments_check(const struct form_catalogue *catalogue, const char *id, int64_t version, const cJSON *data,
    const struct attachment_given *given, size_t count, cJSON **errors)
{
	const struct form *form = form_find(catalogue, id, version);
	cJSON *problems = cJSON_CreateArray(), *problem;
	int err = 0;

	if (form == NULL || problems == NULL || !all_check(form, data, given, count, problems)) {
		err = form == NULL ? 0 : ERR_INTERNAL;
	} else if (cJSON_GetArraySize(problems) > 0) {
		err = *errors != NULL || (*errors = cJSON_CreateArray()) != NULL ? ERR_FORM_INVALID : ERR_INTERNAL;
		while (err == ERR_FORM_INVALID && (problem = cJSON_DetachItemFromArray(problems, 0)) != NULL) {
			/* A field has one error. */
			if (problem_at(*errors, json_string(problem, "pointer")) != NULL || !cJSON_AddItemToArray(*errors, problem))
				cJSON_Delete(problem);
		}
	}
	cJSON_Delete(problems);
	return err;
}

const char *
form_attachment_label(const struct form_catalogue *catalogue, const char *id, int64_t version, const char *attachment, const char *language)
{
	const struct form *form = form_find(catalogue, id, version);
	const cJSON *found = form != NULL ? attachment_find(form, attachment) : NULL;

	return found != NULL ? field_text(form->texts, language, json_string(found, "label")) : attachment;
}
