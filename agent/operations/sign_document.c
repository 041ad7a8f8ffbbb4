/* SPDX-License-Identifier: Apache-2.0 */
/* operations/sign_document.c: sign.document. */
#include "operations/methods.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/json.h"
#include "operations/document_signing.h"
#include "operations/manifest.h"
#include "operations/results.h"
#include "operations/signer.h"

#define OUTPUT_MORE (64u << 10)	/* bytes that a signature adds to a document, about */

/* One document of the request. */
struct entry {
	uint32_t handle;	/* 0: it came as base64 and goes back so */
	char sha256[65];	/* empty while nobody can tell */
	bool claimed;		/* the document knows that we are signing it */
	enum { TO_SIGN, EARLIER, FAILED } what;
	int err;		/* FAILED */
};

struct sign_document {
	struct call *call;
	struct signer_search *search;
	struct signer *signer;		/* until it goes to signing */
	struct document_signing *signing;
	struct entry *entries;
	size_t count;
	bool partial;
	char terms[DOCUMENT_TERMS_MAX];
};

static struct document *
entry_document(const struct sign_document *op, const struct entry *entry)
{
	return documents_find(&op->call->session->documents, entry->handle);
}

static void
sign_document_cancel(void *context)
{
	struct sign_document *op = context;

	signer_find_cancel(&op->search);
	document_signing_end(&op->signing);
	signer_free(op->signer);
	for (size_t i = 0; i < op->count; i++) {
		struct document *document = op->entries[i].claimed ? entry_document(op, &op->entries[i]) : NULL;

		if (document != NULL)
			document->in_batch = false;
	}
	free(op->entries);
	free(op);
}

static bool
sign_document_stop(void *context)
{
	struct sign_document *op = context;

	return document_signing_stop(op->signing);
}

static void
sign_document_finish(struct sign_document *op, int err, cJSON *content)
{
	struct call *call = op->call;

	sign_document_cancel(op);
	call_finish(call, err, content);
}

/* So that a batch that is resumed gives it back instead of signing it again. */
static void
signed_remember(const struct sign_document *op, const struct entry *entry, const cJSON *result)
{
	struct document *document = entry->handle != 0 ? entry_document(op, entry) : NULL;

	if (document == NULL)
		return;
	snprintf(document->signed_as.terms, sizeof(document->signed_as.terms), "%s", op->terms);
	snprintf(document->signed_as.time, sizeof(document->signed_as.time), "%s", json_string(result, "time"));
	document->signed_as.output = (uint32_t)json_integer(result, "document", 0);
}

/* The result of a document that an earlier request signed; the page may have closed it, or both. */
static int
earlier_to_json(const struct sign_document *op, const struct entry *entry, const struct certificate *signer, cJSON **ret_json)
{
	const struct document *document = entry_document(op, entry), *output;

	if (document == NULL)
		return ERR_NOT_FOUND;
	if ((output = documents_find(&op->call->session->documents, document->signed_as.output)) == NULL)
		return ERR_ALREADY_SIGNED;
	*ret_json = signed_before_to_json(output, signer, document->signed_as.time);
	return 0;
}

/* The answer: outputs (may be NULL) are those of the entries TO_SIGN, in their order. */
static void
result_give(struct sign_document *op, const struct certificate *signer, struct signed_output *outputs)
{
	cJSON *result = cJSON_CreateObject(), *documents = cJSON_AddArrayToObject(result, "documents"), *failed = cJSON_CreateArray();
	int err = 0;

	for (size_t i = 0; i < op->count; i++) {
		struct entry *entry = &op->entries[i];
		struct signed_output *output = entry->what == TO_SIGN ? outputs++ : NULL;
		cJSON *document = NULL;
		int r = entry->what == FAILED ? entry->err : entry->what == EARLIER ? earlier_to_json(op, entry, signer, &document) : output->err;

		if (r == 0 && output != NULL && (r = signed_output_to_json(op->call, output, signer, entry->handle == 0, &document)) == 0)
			signed_remember(op, entry, document);
		if (r != 0) {
			cJSON_AddItemToArray(failed, failed_document_to_json(i, r, output != NULL ? output->detail : NULL));
			err = r;
			continue;
		}
		if (op->partial)
			cJSON_AddNumberToObject(document, "index", (double)i);
		cJSON_AddItemToArray(documents, document);
	}
	if (err != 0 && op->partial) {
		cJSON_AddItemToObject(result, "failed", failed);
		failed = NULL;
		err = 0;
	}
	cJSON_Delete(failed);
	if (err != 0) {
		cJSON_Delete(result);
		result = NULL;
	}
	sign_document_finish(op, err, result);
}

static void
sign_document_signed(void *context, int err, const cJSON *content, struct signed_output *outputs, size_t count)
{
	struct sign_document *op = context;

	(void)count;
	if (err != 0)
		sign_document_finish(op, err, cJSON_Duplicate(content, true));
	else
		result_give(op, document_signing_signer(op->signing)->certificate, outputs);
	free(outputs);
}

static void
sign_document_signer(void *context, int err, struct signer *signer)
{
	struct sign_document *op = context;

	op->search = NULL;
	if (err == 0 && document_signing_count(op->signing) == 0) {
		/* Nothing to ask the user: all of it was signed before, or can't be. */
		op->signer = signer;
		result_give(op, signer->certificate, NULL);
		return;
	}
	if (err == 0)
		err = document_signing_start(op->signing, signer, sign_document_signed, op);
	if (err != 0)
		sign_document_finish(op, err, NULL);
}

static int
inline_add(struct sign_document *op, struct entry *entry, const cJSON *json)
{
	const char *name = json_string(json, "name"), *media_type = json_string(json, "mediaType");
	struct documents own = { 0 };
	struct document *document;
	unsigned char *bytes = NULL;
	size_t len;
	int r = json_base64(json, "content", &bytes, &len);

	if (r == 0 && (r = documents_open(&own, op->call->services->spool, len, name, media_type, &document)) == 0 &&
	    (len == 0 || (r = document_append(document, bytes, len)) == 0)) {
		snprintf(entry->sha256, sizeof(entry->sha256), "%s", document->sha256);
		r = document_signing_add(op->signing, document->fd, name, media_type, len, document->sha256, NULL);
	}
	documents_clear(&own);
	free(bytes);
	return r;
}

static int
stored_add(struct sign_document *op, struct entry *entry, uint64_t *bytes)
{
	struct document *document = entry_document(op, entry);
	int r;

	if (document == NULL)
		return ERR_NOT_FOUND;
	if (op->partial && document->in_batch)
		return ERR_BUSY;
	snprintf(entry->sha256, sizeof(entry->sha256), "%s", document->sha256);
	if (op->partial && strcmp(document->signed_as.terms, op->terms) == 0) {
		entry->what = EARLIER;
		return 0;
	}
	if ((r = document_check(document)) != 0)
		return r;
	*bytes += document->size + OUTPUT_MORE;
	if (op->partial)
		document->in_batch = entry->claimed = true;
	return document_signing_add(op->signing, document->fd, document->name, document->media_type, document->size, document->sha256, NULL);
}

static int
documents_add(struct sign_document *op, const cJSON *list)
{
	size_t stored = 0;
	uint64_t bytes = 0;
	const cJSON *json;

	cJSON_ArrayForEach(json, list) {
		struct entry *entry = &op->entries[op->count++];
		int r;

		entry->handle = (uint32_t)json_integer(json, "document", 0);
		r = entry->handle == 0 ? inline_add(op, entry, json) : stored_add(op, entry, &bytes);
		stored += r == 0 && entry->handle != 0 && entry->what == TO_SIGN;
		if (r != 0 && (!op->partial || r == ERR_INTERNAL))
			return r;
		if (r != 0) {
			document_signing_leave_out(op->signing);
			entry->what = FAILED;
			entry->err = r;
		}
	}
	/* Found out before anybody signs what there would be no place for. */
	return documents_have_room(&op->call->session->documents, stored, bytes);
}

/* Whether the portal's server means these documents, if it has to say so. 0, or an error and its data. */
static int
manifest_compare(const struct sign_document *op, cJSON **ret_problem)
{
	const char **sha256s = calloc(op->count, sizeof(*sha256s));
	int r = 0;

	if (sha256s == NULL)
		return ERR_INTERNAL;
	for (size_t i = 0; i < op->count; i++)
		sha256s[i] = op->entries[i].what == FAILED && *op->entries[i].sha256 == '\0' ? NULL : op->entries[i].sha256;
	if (!manifest_is_for_documents(op->call->manifest, sha256s, op->count))
		r = request_manifest_mismatch("it names other documents, or in another order", ret_problem);
	free(sha256s);
	return r;
}

/* A handle that a batch names twice would be signed twice: the place of the second one, or -1. */
static int
named_twice(const cJSON *list)
{
	const cJSON *json, *before;
	int at = 0;

	cJSON_ArrayForEach(json, list) {
		int64_t handle = json_integer(json, "document", 0);

		for (before = list->child; handle != 0 && before != json; before = before->next)
			if (json_integer(before, "document", 0) == handle)
				return at;
		at++;
	}
	return -1;
}

static int
sign_document_open(struct call *call, const cJSON *params, const struct signing_terms *terms, cJSON **ret_problem)
{
	const cJSON *list = json_member(params, "documents");
	const char *certificate = json_string(params, "certificate");
	struct sign_document *op = calloc(1, sizeof(*op));
	int r;

	if (op == NULL)
		return ERR_INTERNAL;
	op->call = call;
	op->partial = terms->partial;
	snprintf(op->terms, sizeof(op->terms), "%s %s %s %s", certificate, terms->format, terms->level, terms->packaging);
	op->entries = calloc((size_t)cJSON_GetArraySize(list) + 1, sizeof(*op->entries));
	op->signing = document_signing_new(call, terms);
	r = op->entries == NULL || op->signing == NULL ? ERR_INTERNAL : documents_add(op, list);
	if (r == 0 && call->manifest != NULL)
		r = manifest_compare(op, ret_problem);
	if (r == 0 && (op->search = signer_find(call->services, certificate, sign_document_signer, op)) == NULL)
		r = ERR_INTERNAL;
	if (r != 0) {
		sign_document_cancel(op);
		return r;
	}
	call_on_cancel(call, sign_document_cancel, op);
	call_on_stop(call, sign_document_stop, op);
	return 0;
}

static int
sign_document_run(struct call *call, const cJSON *params)
{
	const char *level = json_string(params, "level"), *packaging = json_string(params, "packaging"), *profile = json_string(params, "profile");
	struct signing_terms terms = { .format = json_string(params, "format"), .level = level != NULL ? level : "B-B",
		.packaging = packaging != NULL ? packaging : "attached", .reason = json_string(params, "reason"),
		.location = json_string(params, "location"), .kind = "document", .partial = json_true(params, "partial") };
	int r = signing_terms_check(&terms), twice = terms.partial ? named_twice(json_member(params, "documents")) : -1;
	cJSON *appearance = NULL, *problem = NULL;
	char pointer[40];

	/* P1 is B-B without a policy; the others need a time-stamp. */
	if (r == 0 && profile != NULL && strcmp(profile, "P1") != 0)
		r = ERR_ALGORITHM_UNSUPPORTED;
	if (r == 0 && twice >= 0) {
		snprintf(pointer, sizeof(pointer), "/documents/%d/document", twice);
		problem = params_problem_to_json(pointer, "uniqueItems", "names a document that stands in the list already.");
		r = ERR_INVALID_PARAMS;
	}
	/* A countersignature is seen where a form keeps a box for it. */
	if (r == 0 && strcmp(terms.format, "pades") == 0)
		terms.appearance = appearance = signing_appearance(call, NULL);
	if (r == 0)
		r = request_manifest_take(call, params, &problem);
	if (r == 0)
		r = sign_document_open(call, params, &terms, &problem);
	cJSON_Delete(appearance);
	if (r != 0)
		call_finish(call, r, problem);
	return 0;
}

const struct method method_sign_document = { "sign.document", sign_document_run };
