/* SPDX-License-Identifier: Apache-2.0 */
/* operations/results.c: documents as results. */
#include "operations/results.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/err.h"
#include "base/json.h"

static void
text_add(cJSON *data, const char *name, const char *tr, const char *en)
{
	cJSON *text = cJSON_AddObjectToObject(data, name);

	cJSON_AddStringToObject(text, "tr", tr);
	cJSON_AddStringToObject(text, "en", en);
}

cJSON *
error_to_json(int err, cJSON *data)
{
	const struct err_text *text = err_text(err);
	cJSON *error = cJSON_CreateObject();

	if (data == NULL)
		data = cJSON_CreateObject();
	cJSON_DeleteItemFromObjectCaseSensitive(data, "reason");	/* a helper's own */
	cJSON_AddStringToObject(data, "reason", text->reason);
	text_add(data, "message", text->message_tr, text->message_en);
	text_add(data, "remedy", text->remedy_tr, text->remedy_en);
	cJSON_AddNumberToObject(error, "code", text->code);
	cJSON_AddStringToObject(error, "message", text->message_en);
	cJSON_AddItemToObject(error, "data", data);
	return error;
}

cJSON *
failed_document_to_json(size_t index, int err, const char *detail)
{
	cJSON *json = cJSON_CreateObject(), *data = cJSON_CreateObject();

	if (detail != NULL)
		cJSON_AddStringToObject(data, "detail", detail);
	cJSON_AddNumberToObject(json, "index", (double)index);
	cJSON_AddItemToObject(json, "error", error_to_json(err, data));
	return json;
}

cJSON *
stored_document_to_json(const struct document *document)
{
	cJSON *json = cJSON_CreateObject();

	cJSON_AddNumberToObject(json, "document", document->handle);
	cJSON_AddStringToObject(json, "name", document->name);
	cJSON_AddStringToObject(json, "mediaType", document->media_type);
	cJSON_AddNumberToObject(json, "size", (double)document->size);
	cJSON_AddStringToObject(json, "sha256", document->sha256);
	return json;
}

cJSON *
params_problem_to_json(const char *pointer, const char *keyword, const char *rule)
{
	cJSON *json = cJSON_CreateObject();

	cJSON_AddStringToObject(json, "pointer", pointer);
	cJSON_AddStringToObject(json, "keyword", keyword);
	cJSON_AddStringToObject(json, "rule", rule);
	return json;
}

/* Base64 of a file; inline documents came in one message, so what comes of them is small too. */
static int
content_add(cJSON *json, int fd, uint64_t size)
{
	unsigned char *bytes = malloc(size + 1);
	int r = ERR_INTERNAL;

	if (bytes != NULL && pread(fd, bytes, size, 0) == (ssize_t)size && json_add_base64(json, "content", bytes, size))
		r = 0;
	free(bytes);
	return r;
}

static void
signer_add(cJSON *json, const struct certificate *signer, const char *time)
{
	cJSON_AddItemToObject(json, "signer", cJSON_Duplicate(certificate_subject(signer), true));
	cJSON_AddStringToObject(json, "time", time);
}

cJSON *
signed_before_to_json(const struct document *document, const struct certificate *signer, const char *time)
{
	cJSON *json = stored_document_to_json(document);

	signer_add(json, signer, time);
	cJSON_AddBoolToObject(json, "earlier", true);
	return json;
}

int
signed_output_to_json(struct call *call, struct signed_output *output, const struct certificate *signer, bool inline_content,
    cJSON **ret_json)
{
	cJSON *json = NULL;
	struct document *document;
	int fd = output->fd, r = 0;

	output->fd = -1;
	if (inline_content) {
		json = cJSON_CreateObject();
		r = content_add(json, fd, output->size);
		close(fd);
		cJSON_AddStringToObject(json, "name", output->name);
		cJSON_AddStringToObject(json, "mediaType", output->media_type);
		cJSON_AddNumberToObject(json, "size", (double)output->size);
		cJSON_AddStringToObject(json, "sha256", output->sha256);
	} else if ((r = documents_adopt(&call->session->documents, fd, output->size, output->sha256, output->name, output->media_type,
	    &document)) == 0) {
		json = stored_document_to_json(document);
	}
	if (r == 0) {
		signer_add(json, signer, output->time);
		*ret_json = json;
		json = NULL;
	}
	cJSON_Delete(json);
	return r;
}
