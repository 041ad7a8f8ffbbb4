/* SPDX-License-Identifier: Apache-2.0 */
/* operations/operation.c: operation.cancel. */
#include "operations/methods.h"

#include "base/json.h"

static int
operation_cancel_run(struct call *call, const cJSON *params)
{
	cJSON *result = cJSON_CreateObject();

	cJSON_AddBoolToObject(result, "cancelled", call_cancel_other(call, json_member(params, "operation")));
	call_finish(call, 0, result);
	return 0;
}

const struct method method_operation_cancel = { "operation.cancel", operation_cancel_run };
