/* SPDX-License-Identifier: Apache-2.0 */
/* operations/signature_verify.c: signature.verify: imza-document finds the facts; here they get their names, texts and status. */
#include "operations/methods.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/embedded.h"
#include "base/err.h"
#include "base/json.h"
#include "devices/certificate.h"
#include "operations/document_job.h"

enum rank { RANK_VALID, RANK_INDETERMINATE, RANK_INVALID };
static const char *const rank_names[] = { "valid", "indeterminate", "invalid" };

struct verification {
	struct call *call;
	struct document_job *job;
	cJSON *catalogue;	/* proto/verification/reasons.json */
};

static void
verification_cancel(void *context)
{
	struct verification *op = context;

	document_job_end(&op->job);
	cJSON_Delete(op->catalogue);
	free(op);
}

static void
verification_finish(struct verification *op, int err, cJSON *content)
{
	struct call *call = op->call;

	verification_cancel(op);
	call_finish(call, err, content);
}

static cJSON *
catalogue_read(void)
{
	cJSON *catalogue = NULL;

	for (size_t i = 0; i < embedded_files_count && catalogue == NULL; i++)
		if (strcmp(embedded_files[i].name, "verification/reasons.json") == 0)
			json_parse(embedded_files[i].data, embedded_files[i].len, &catalogue);
	return catalogue;
}

/* The catalogue's word on a reason; NULL when it does not know it. */
static const cJSON *
reason_find(const cJSON *catalogue, const char *cause)
{
	const cJSON *reason;

	cJSON_ArrayForEach(reason, json_member(catalogue, "reasons"))
		if (cause != NULL && strcmp(json_string(reason, "cause"), cause) == 0)
			return reason;
	return NULL;
}

/* reasons[] and status of a signature. A reason that nobody knows is one all the same. */
static int
reasons_copy(const cJSON *catalogue, const cJSON *facts, cJSON *signature, enum rank *ret_rank)
{
	cJSON *list = cJSON_AddArrayToObject(signature, "reasons"), *copy;
	const cJSON *cause, *reason;
	enum rank rank = RANK_VALID;

	cJSON_ArrayForEach(cause, json_member(facts, "reasons")) {
		if ((reason = reason_find(catalogue, cJSON_GetStringValue(cause))) == NULL)
			return ERR_INTERNAL;
		if (strcmp(json_string(reason, "status"), "invalid") == 0)
			rank = RANK_INVALID;
		else if (rank == RANK_VALID)
			rank = RANK_INDETERMINATE;
		copy = cJSON_Duplicate(reason, true);
		cJSON_DeleteItemFromObjectCaseSensitive(copy, "status");
		cJSON_AddItemToArray(list, copy);
	}
	cJSON_AddStringToObject(signature, "status", rank_names[rank]);
	*ret_rank = rank;
	return json_member(facts, "reasons") != NULL ? 0 : ERR_INTERNAL;
}

static int
signer_copy(const cJSON *facts, cJSON *signature)
{
	struct certificate *certificate = NULL;
	unsigned char *der = NULL;
	bool qualified = false;
	size_t len;
	int r = 0;

	if (json_member(facts, "certificate") != NULL) {
		if ((r = json_base64(facts, "certificate", &der, &len)) != 0)
			return r;
		/* One that is too odd for us to show is told by its reasons. */
		if (certificate_new(der, len, &certificate) == 0) {
			cJSON_AddItemToObject(signature, "signer", certificate_to_json(certificate, time(NULL)));
			qualified = certificate_is_qualified(certificate) && json_true(facts, "anchored");
		}
	}
	cJSON_AddBoolToObject(signature, "qualified", qualified);
	certificate_free(certificate);
	free(der);
	return 0;
}

static int
signature_make(const cJSON *catalogue, const cJSON *facts, cJSON **ret_signature, enum rank *ret_rank)
{
	static const char *const copied[] = { "detail", "time", "missing", "digestAlgorithm", "timeStamps", "counterSignatures", "field", "revision",
		"coverage", "changes", "form" };
	cJSON *signature = cJSON_CreateObject();
	int r;

	if ((r = reasons_copy(catalogue, facts, signature, ret_rank)) != 0 || (r = signer_copy(facts, signature)) != 0) {
		cJSON_Delete(signature);
		return r;
	}
	for (size_t i = 0; i < sizeof(copied) / sizeof(copied[0]); i++)
		if (json_member(facts, copied[i]) != NULL)
			cJSON_AddItemToObject(signature, copied[i], cJSON_Duplicate(json_member(facts, copied[i]), true));
	if (json_member(facts, "time") != NULL)
		cJSON_AddStringToObject(signature, "timeSource", "claimed");
	cJSON_AddStringToObject(signature, "level", cJSON_GetArraySize(json_member(facts, "missing")) == 0 ? "B-B" : "none");
	cJSON_AddStringToObject(signature, "revocation", "not_checked");
	*ret_signature = signature;
	return 0;
}

static void
verified(void *context, int err, const cJSON *content)
{
	static const char *const copied[] = { "format", "revisions", "timeStamps" };
	struct verification *op = context;
	cJSON *result, *list, *signature;
	enum rank worst = RANK_VALID, rank;
	const cJSON *facts;

	if (err != 0) {
		verification_finish(op, err, cJSON_Duplicate(content, true));
		return;
	}
	result = cJSON_CreateObject();
	list = cJSON_AddArrayToObject(result, "signatures");
	cJSON_ArrayForEach(facts, json_member(content, "signatures")) {
		if ((err = signature_make(op->catalogue, facts, &signature, &rank)) != 0)
			break;
		cJSON_AddItemToArray(list, signature);
		worst = rank > worst ? rank : worst;
	}
	for (size_t i = 0; i < sizeof(copied) / sizeof(copied[0]); i++)
		if (json_member(content, copied[i]) != NULL)
			cJSON_AddItemToObject(result, copied[i], cJSON_Duplicate(json_member(content, copied[i]), true));
	/* Nothing that was not checked passes as valid. */
	if (cJSON_GetArraySize(list) == 0)
		err = ERR_INTERNAL;
	cJSON_AddStringToObject(result, "status", rank_names[worst]);
	if (err != 0) {
		cJSON_Delete(result);
		result = NULL;
	}
	verification_finish(op, err, result);
}

/* A descriptor of an uploaded document that can only be read. -1 and an error when there is none. */
static int
document_take(struct call *call, const cJSON *params, const char *member, int *ret_fd)
{
	struct document *document = documents_find(&call->session->documents, (uint32_t)json_integer(params, member, 0));
	char path[32];
	int r;

	if (document == NULL)
		return ERR_NOT_FOUND;
	if ((r = document_check(document)) != 0)
		return r;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", document->fd);
	*ret_fd = open(path, O_RDONLY | O_CLOEXEC);
	return *ret_fd >= 0 ? 0 : ERR_INTERNAL;
}

static int
signature_verify_run(struct call *call, const cJSON *params)
{
	struct verification *op = calloc(1, sizeof(*op));
	int fds[3] = { -1, -1, -1 }, r = op == NULL ? ERR_INTERNAL : 0;
	bool detached = json_member(params, "content") != NULL;

	if (r == 0) {
		op->call = call;
		op->catalogue = catalogue_read();
	}
	if (r == 0 && ((r = document_take(call, params, "document", &fds[0])) == 0) && detached)
		r = document_take(call, params, "content", &fds[2]);
	if (r == 0 && ((fds[1] = anchors_fd(call->services->anchors)) < 0 || op->catalogue == NULL))
		r = ERR_INTERNAL;
	if (r == 0)
		r = document_job_new(call->services, &op->job);
	if (r == 0)
		r = document_job_ask(op->job, "verify", NULL, fds, detached ? 3 : 2, verified, op);
	if (fds[0] >= 0)
		close(fds[0]);
	if (fds[2] >= 0)
		close(fds[2]);
	if (r != 0) {
		if (op != NULL)
			verification_cancel(op);
		return r;
	}
	call_extend(call, DOCUMENT_JOB_SECONDS + 5);
	call_on_cancel(call, verification_cancel, op);
	return 0;
}

const struct method method_signature_verify = { "signature.verify", signature_verify_run };
