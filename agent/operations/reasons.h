/* SPDX-License-Identifier: Apache-2.0 */
/* operations/reasons.h: why a certificate or a signature is not valid: ETSI EN 319 102-1's sub-indications, and ours, for people. */
#ifndef OPERATIONS_REASONS_H
#define OPERATIONS_REASONS_H

#include <cjson/cJSON.h>

/*
 * types.json validationReason for a code of imza-document: depth is the place in the chain that it is about, detail its English words or NULL.
 * A code that is not known here keeps its name and gets the text of a general failure.  The caller frees it.
 */
cJSON *reason_to_json(const char *code, int depth, const char *detail);

#endif
