/* SPDX-License-Identifier: Apache-2.0 */
/* operations/results.h: result objects that several methods give. */
#ifndef OPERATIONS_RESULTS_H
#define OPERATIONS_RESULTS_H

#include "operations/call.h"
#include "operations/document_signing.h"

/* types.json storedDocument. The caller frees it. */
cJSON *stored_document_to_json(const struct document *document);

/*
 * types.json signedDocument: with the bytes as base64, or with a handle, under which the document then stays with the session.  Takes
 * output->fd.  0, ERR_TOO_LARGE, ERR_BUSY, ERR_INTERNAL.
 */
int signed_output_to_json(struct call *call, struct signed_output *output, const struct certificate *signer, bool inline_content,
    cJSON **ret_json);

/* The data of invalid_params (proto/errors.json) for a rule that no schema can say; the arguments are copied. The callee of call_finish() frees it. */
cJSON *params_problem_to_json(const char *pointer, const char *keyword, const char *rule);

#endif
