/* SPDX-License-Identifier: Apache-2.0 */
/* operations/results.h: result objects that several methods give. */
#ifndef OPERATIONS_RESULTS_H
#define OPERATIONS_RESULTS_H

#include "operations/call.h"
#include "operations/document_signing.h"

/* The error of an answer: code, message, data with reason, message and remedy beside data (taken; may be NULL). The caller frees it. */
cJSON *error_to_json(int err, cJSON *data);

/* types.json failedDocument; detail may be NULL. The caller frees it. */
cJSON *failed_document_to_json(size_t index, int err, const char *detail);

/* types.json storedDocument. The caller frees it. */
cJSON *stored_document_to_json(const struct document *document);

/*
 * types.json signedDocument: with the bytes as base64, or with a handle, under which the document then stays with the session.  Takes
 * output->fd.  0, ERR_TOO_LARGE, ERR_BUSY, ERR_INTERNAL.
 */
int signed_output_to_json(struct call *call, struct signed_output *output, const struct certificate *signer, bool inline_content,
    cJSON **ret_json);

/* types.json signedDocument of one that an earlier request signed. The caller frees it. */
cJSON *signed_before_to_json(const struct document *document, const struct certificate *signer, const char *time);

/* The data of invalid_params (proto/errors.json) for a rule that no schema can say; the arguments are copied. The callee of call_finish() frees it. */
cJSON *params_problem_to_json(const char *pointer, const char *keyword, const char *rule);

#endif
