/* SPDX-License-Identifier: Apache-2.0 */
/* operations/form_attachments.c: finds the documents, keeps them, and tells of them what each next step wants to know. */
#include "operations/form_attachments.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/json.h"
#include "operations/results.h"

#define PAGE_BYTES (1u << 20)	/* of the form's page and a signature, about */

static int
problem_tell(int err, const char *detail, cJSON **ret_problem)
{
	*ret_problem = cJSON_CreateObject();
	cJSON_AddStringToObject(*ret_problem, "detail", detail);
	return err;
}

static bool
named_before(const cJSON *list, const cJSON *json)
{
	for (const cJSON *before = list->child; before != json; before = before->next)
		if (strcmp(json_string(before, "id"), json_string(json, "id")) == 0)
			return true;
	return false;
}

static int
file_take(struct call *call, const cJSON *json, struct form_files *files, cJSON **ret_problem)
{
	int64_t handle = json_integer(json, "document", 0);
	const struct document *document = documents_find(&call->session->documents, (uint32_t)handle);
	cJSON *item;
	char text[80];
	int r;

	if (document == NULL || (r = document_check(document)) != 0) {
		snprintf(text, sizeof(text), "document %lld is not %s", (long long)handle, document == NULL ? "open" : "whole");
		return problem_tell(document == NULL ? ERR_NOT_FOUND : document_check(document), text, ret_problem);
	}
	snprintf(text, sizeof(text), "/proc/self/fd/%d", document->fd);
	if ((files->fds[files->count] = open(text, O_RDONLY | O_CLOEXEC)) < 0)
		return ERR_INTERNAL;
	files->count++;
	item = stored_document_to_json(document);
	cJSON_DeleteItemFromObject(item, "document");
	return cJSON_AddStringToObject(item, "id", json_string(json, "id")) != NULL && cJSON_AddItemToArray(files->list, item) ? 0 : ERR_INTERNAL;
}

/* Together they must fit into one document, and with it beside the others. */
static int
sizes_check(const struct call *call, const struct form_files *files, cJSON **ret_problem)
{
	const cJSON *item;
	uint64_t bytes = 0;
	char text[120];

	cJSON_ArrayForEach(item, files->list)
		bytes += (uint64_t)json_integer(item, "size", 0);
	if (bytes > FORM_ATTACHMENTS_BYTES) {
		snprintf(text, sizeof(text), "the attachments have %llu bytes, and may have %u together", (unsigned long long)bytes, FORM_ATTACHMENTS_BYTES);
		return problem_tell(ERR_TOO_LARGE, text, ret_problem);
	}
	return documents_have_room(&call->session->documents, 1, bytes + PAGE_BYTES);
}

int
form_files_take(struct call *call, const cJSON *params, struct form_files *ret_files, cJSON **ret_problem)
{
	const cJSON *list = json_member(params, "attachments"), *json;
	char pointer[40];
	int at = 0, r;

	*ret_files = (struct form_files){ .count = 0 };
	if (cJSON_GetArraySize(list) == 0)
		return 0;
	if ((ret_files->list = cJSON_CreateArray()) == NULL)
		return ERR_INTERNAL;
	cJSON_ArrayForEach(json, list) {
		if (named_before(list, json)) {
			snprintf(pointer, sizeof(pointer), "/attachments/%d/id", at);
			*ret_problem = params_problem_to_json(pointer, "uniqueItems", "names an attachment that stands in the list already.");
			return ERR_INVALID_PARAMS;
		}
		if ((r = file_take(call, json, ret_files, ret_problem)) != 0)
			return r;
		at++;
	}
	return sizes_check(call, ret_files, ret_problem);
}

void
form_files_clear(struct form_files *files)
{
	while (files->count > 0)
		close(files->fds[--files->count]);
	cJSON_Delete(files->list);
	files->list = NULL;
}

int
form_files_check(const struct form_files *files, const struct form_catalogue *forms, const char *form, int64_t version, const cJSON *data,
    cJSON **errors)
{
	struct attachment_given given[FORM_ATTACHMENTS_MAX];
	const cJSON *item = files->list != NULL ? files->list->child : NULL;

	for (size_t i = 0; i < files->count; i++, item = item->next) {
		given[i] = (struct attachment_given){ .id = json_string(item, "id"), .media_type = json_string(item, "mediaType"),
			.size = (uint64_t)json_integer(item, "size", 0) };
		if (pread(files->fds[i], given[i].head, sizeof(given[i].head), 0) < 0)
			return ERR_INTERNAL;
	}
	return form_attachments_check(forms, form, version, data, given, files->count, errors);
}

cJSON *
form_files_shown(const struct form_files *files, const struct services *services, const char *form, int64_t version, const cJSON *names)
{
	cJSON *shown = files->count > 0 ? cJSON_Duplicate(files->list, true) : NULL, *item;
	const cJSON *name = names != NULL ? names->child : NULL;

	cJSON_ArrayForEach(item, shown) {
		const char *label = form_attachment_label(services->forms, form, version, json_string(item, "id"), services->language);

		if (!cJSON_IsString(name) || !cJSON_ReplaceItemInObjectCaseSensitive(item, "name", cJSON_CreateString(name->valuestring)) ||
		    cJSON_AddStringToObject(item, "label", label) == NULL) {
			cJSON_Delete(shown);
			return NULL;
		}
		name = name->next;
	}
	return shown;
}
