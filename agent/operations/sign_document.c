/* SPDX-License-Identifier: Apache-2.0 */
/* operations/sign_document.c: sign.document. */
#include "operations/methods.h"

#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/json.h"
#include "operations/document_signing.h"
#include "operations/results.h"
#include "operations/signer.h"

struct sign_document {
	struct call *call;
	struct signer_search *search;
	struct document_signing *signing;
	bool *inline_content;	/* by document: it came as base64 and goes back so */
};

static void
sign_document_cancel(void *context)
{
	struct sign_document *op = context;

	signer_find_cancel(&op->search);
	document_signing_end(&op->signing);
	free(op->inline_content);
	free(op);
}

static void
sign_document_finish(struct sign_document *op, int err, cJSON *content)
{
	struct call *call = op->call;

	sign_document_cancel(op);
	call_finish(call, err, content);
}

static void
sign_document_signed(void *context, int err, const cJSON *content, struct signed_output *outputs, size_t count)
{
	struct sign_document *op = context;
	cJSON *result = NULL, *list;
	const struct signer *signer = document_signing_signer(op->signing);

	if (err != 0) {
		sign_document_finish(op, err, cJSON_Duplicate(content, true));
		return;
	}
	result = cJSON_CreateObject();
	list = cJSON_AddArrayToObject(result, "documents");
	for (size_t i = 0; i < count; i++) {
		cJSON *document = NULL;
		int r = signed_output_to_json(op->call, &outputs[i], signer->certificate, op->inline_content[i], &document);

		if (r == 0)
			cJSON_AddItemToArray(list, document);
		else if (err == 0)
			err = r;
	}
	free(outputs);
	if (err != 0) {
		cJSON_Delete(result);
		result = NULL;
	}
	sign_document_finish(op, err, result);
}

static void
sign_document_signer(void *context, int err, struct signer *signer)
{
	struct sign_document *op = context;

	op->search = NULL;
	if (err == 0)
		err = document_signing_start(op->signing, signer, sign_document_signed, op);
	if (err != 0)
		sign_document_finish(op, err, NULL);
}

static int
inline_add(struct sign_document *op, const cJSON *entry)
{
	const char *name = json_string(entry, "name"), *media_type = json_string(entry, "mediaType");
	struct documents own = { 0 };
	struct document *document;
	unsigned char *bytes = NULL;
	size_t len;
	int r = json_base64(entry, "content", &bytes, &len);

	if (r == 0 && (r = documents_open(&own, op->call->services->spool, len, name, media_type, &document)) == 0 &&
	    (len == 0 || (r = document_append(document, bytes, len)) == 0))
		r = document_signing_add(op->signing, document->fd, name, media_type, len, document->sha256, NULL);
	documents_clear(&own);
	free(bytes);
	return r;
}

static int
documents_add(struct sign_document *op, const cJSON *list)
{
	const cJSON *entry;
	size_t n = 0;
	int r = 0;

	cJSON_ArrayForEach(entry, list) {
		struct document *document;

		op->inline_content[n++] = json_member(entry, "content") != NULL;
		if (json_member(entry, "content") != NULL) {
			r = inline_add(op, entry);
		} else {
			document = documents_find(&op->call->session->documents, (uint32_t)json_integer(entry, "document", 0));
			if (document == NULL)
				return ERR_NOT_FOUND;
			if ((r = document_check(document)) != 0)
				return r;
			r = document_signing_add(op->signing, document->fd, document->name, document->media_type, document->size,
			    document->sha256, NULL);
		}
		if (r != 0)
			return r;
	}
	return 0;
}

static int
sign_document_run(struct call *call, const cJSON *params)
{
	const cJSON *list = json_member(params, "documents");
	const char *level = json_string(params, "level"), *packaging = json_string(params, "packaging"), *profile = json_string(params, "profile");
	struct signing_terms terms = { .format = json_string(params, "format"), .level = level != NULL ? level : "B-B",
		.packaging = packaging != NULL ? packaging : "attached", .reason = json_string(params, "reason"),
		.location = json_string(params, "location"), .kind = "document" };
	struct sign_document *op;
	int r = signing_terms_check(&terms);

	/* P1 is B-B without a policy; the others need a time-stamp. */
	if (r == 0 && profile != NULL && strcmp(profile, "P1") != 0)
		r = ERR_ALGORITHM_UNSUPPORTED;
	if (r != 0)
		return r;
	if ((op = calloc(1, sizeof(*op))) == NULL)
		return ERR_INTERNAL;
	op->call = call;
	op->inline_content = calloc((size_t)cJSON_GetArraySize(list) + 1, sizeof(bool));
	op->signing = document_signing_new(call, &terms);
	r = op->inline_content == NULL || op->signing == NULL ? ERR_INTERNAL : documents_add(op, list);
	if (r == 0 && (op->search = signer_find(call->services, json_string(params, "certificate"), sign_document_signer, op)) == NULL)
		r = ERR_INTERNAL;
	if (r != 0) {
		sign_document_cancel(op);
		return r;
	}
	call_on_cancel(call, sign_document_cancel, op);
	return 0;
}

const struct method method_sign_document = { "sign.document", sign_document_run };
