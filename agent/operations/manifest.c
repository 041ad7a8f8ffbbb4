/* SPDX-License-Identifier: Apache-2.0 */
/* operations/manifest.c: a request's member manifest. */
#include "operations/manifest.h"

#include <time.h>

#include "base/err.h"
#include "base/json.h"
#include "base/log.h"

static cJSON *
problem_make(const char *detail)
{
	cJSON *problem = cJSON_CreateObject();

	cJSON_AddStringToObject(problem, "detail", detail);
	return problem;
}

int
request_manifest_take(struct call *call, const cJSON *params, cJSON **ret_problem)
{
	const char *origin = call->session->origin;
	char detail[MANIFEST_DETAIL_BYTES] = "";
	int r = manifests_take(call->services->manifests, origin, json_string(params, "manifest"), time(NULL), &call->manifest, detail);

	if (r != 0 && *detail != '\0') {
		log_info("%s: %s: %s", origin, err_reason(r), detail);
		*ret_problem = problem_make(detail);
	}
	return r;
}

int
request_manifest_mismatch(const char *detail, cJSON **ret_problem)
{
	*ret_problem = problem_make(detail);
	return ERR_MANIFEST_MISMATCH;
}
