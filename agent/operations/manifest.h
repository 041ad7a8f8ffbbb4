/* SPDX-License-Identifier: Apache-2.0 */
/* operations/manifest.h: for the operations that sign: what the portal's server says of the request, where an administrator wants it said. */
#ifndef OPERATIONS_MANIFEST_H
#define OPERATIONS_MANIFEST_H

#include "operations/call.h"

/*
 * Checks the request's manifest and keeps it as call->manifest, which stays NULL where none is wanted (session/manifests.h).  0, or
 * ERR_MANIFEST_*, ERR_INTERNAL and *ret_problem: the error's data (may be NULL).
 */
int request_manifest_take(struct call *call, const cJSON *params, cJSON **ret_problem);

/* After manifest_is_for_...() has said no: the error, and its data. */
int request_manifest_mismatch(const char *detail, cJSON **ret_problem);

#endif
