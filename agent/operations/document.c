/* SPDX-License-Identifier: Apache-2.0 */
/* operations/document.c: document.open, document.close, document.read, and the binary frames in between. */
#include "operations/methods.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/err.h"
#include "base/json.h"
#include "operations/results.h"

#define READ_CHUNK (256u * 1024)

static struct document *
document_of(const struct call *call, const cJSON *params)
{
	return documents_find(&call->session->documents, (uint32_t)json_integer(params, "document", 0));
}

/* --- document.open --- */

static int
document_open_run(struct call *call, const cJSON *params)
{
	struct document *document;
	cJSON *result;
	int r = documents_open(&call->session->documents, call->services->spool, (uint64_t)json_integer(params, "size", 0),
	    json_string(params, "name"), json_string(params, "mediaType"), &document);

	if (r != 0)
		return r;
	result = cJSON_CreateObject();
	cJSON_AddNumberToObject(result, "document", document->handle);
	call_finish(call, 0, result);
	return 0;
}

const struct method method_document_open = { "document.open", document_open_run };

int
document_bytes(struct session *session, uint32_t handle, const unsigned char *bytes, size_t len)
{
	struct document *document = documents_find(&session->documents, handle);

	if (document == NULL)
		return ERR_NOT_FOUND;
	document_append(document, bytes, len);
	return 0;
}

/* --- document.close --- */

static int
document_close_run(struct call *call, const cJSON *params)
{
	struct document *document = document_of(call, params);
	cJSON *result;
	int r;

	if (document == NULL)
		return ERR_NOT_FOUND;
	/* Its bytes never came in full: there is no hash to tell; it is forgotten all the same. */
	if ((r = document_check(document)) != 0) {
		documents_close(&call->session->documents, document);
		return r;
	}
	result = cJSON_CreateObject();
	cJSON_AddNumberToObject(result, "size", (double)document->size);
	cJSON_AddStringToObject(result, "sha256", document->sha256);
	documents_close(&call->session->documents, document);
	call_finish(call, 0, result);
	return 0;
}

const struct method method_document_close = { "document.close", document_close_run };

/* --- document.read --- */

struct document_read {
	struct call *call;
	uint32_t document;	/* looked up again for each frame: the page may close it meanwhile */
	uint64_t offset, at, end;
};

/* One frame at a time, the next when it has gone out: a slow page never grows memory. */
static void
document_read_next(void *context)
{
	struct document_read *op = context;
	struct call *call = op->call;
	struct document *document = documents_find(&call->session->documents, op->document);
	size_t len = op->end - op->at > READ_CHUNK ? READ_CHUNK : (size_t)(op->end - op->at);
	unsigned char *bytes = NULL;
	cJSON *result = NULL;
	int r = 0;

	if (op->at < op->end) {
		bytes = malloc(len);
		if (document == NULL)
			r = ERR_NOT_FOUND;
		else if (bytes == NULL || pread(document->fd, bytes, len, (off_t)op->at) != (ssize_t)len)
			r = ERR_INTERNAL;
		else
			call->services->send_binary(call->services->transport, call->session->connection, op->document, bytes, len);
		free(bytes);
		op->at += len;
		if (r == 0) {
			call_extend(call, CALL_SECONDS);
			return;
		}
	} else {
		result = cJSON_CreateObject();
		cJSON_AddNumberToObject(result, "offset", (double)op->offset);
		cJSON_AddNumberToObject(result, "length", (double)(op->end - op->offset));
	}
	free(op);
	call_finish(call, r, result);
}

static int
document_read_run(struct call *call, const cJSON *params)
{
	struct document *document = document_of(call, params);
	struct document_read *op;
	uint64_t offset = (uint64_t)json_integer(params, "offset", 0), length;
	int r;

	if (document == NULL)
		return ERR_NOT_FOUND;
	if ((r = document_check(document)) != 0)
		return r;
	if (offset > document->size) {
		call_finish(call, ERR_INVALID_PARAMS, params_problem_to_json("/offset", "maximum", "is beyond the document's end."));
		return 0;
	}
	length = (uint64_t)json_integer(params, "length", (int64_t)(document->size - offset));
	if (length > document->size - offset)
		length = document->size - offset;
	if ((op = malloc(sizeof(*op))) == NULL)
		return ERR_INTERNAL;
	*op = (struct document_read){ call, document->handle, offset, offset, offset + length };
	call_on_cancel(call, free, op);
	call_on_drained(call, document_read_next, op);
	document_read_next(op);
	return 0;
}

const struct method method_document_read = { "document.read", document_read_run };
