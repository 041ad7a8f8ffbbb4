/* SPDX-License-Identifier: Apache-2.0 */
/* operations/results.c: documents as results. */
#include "operations/results.h"

#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "base/err.h"
#include "base/json.h"

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

int
signed_output_to_json(struct call *call, struct signed_output *output, const struct certificate *signer, bool inline_content,
    cJSON **ret_json)
{
	cJSON *json = NULL, *subject = certificate_to_json(signer, time(NULL));
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
		cJSON_AddItemToObject(json, "signer", cJSON_DetachItemFromObjectCaseSensitive(subject, "subject"));
		cJSON_AddStringToObject(json, "time", output->time);
		*ret_json = json;
		json = NULL;
	}
	cJSON_Delete(json);
	cJSON_Delete(subject);
	return r;
}
