/* SPDX-License-Identifier: Apache-2.0 */
/* operations/health.c: reader.health. */
#include "operations/methods.h"

#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/json.h"
#include "health/health.h"

struct health_call {
	struct call *call;
	struct health_run *run;
	char *reader;
};

static void
health_call_cancel(void *context)
{
	struct health_call *op = context;

	health_cancel(&op->run);
	free(op->reader);
	free(op);
}

static void
health_done(void *context, bool found, const cJSON *result, const cJSON *figures)
{
	struct health_call *op = context;
	struct call *call = op->call;
	cJSON *copy = found ? cJSON_Duplicate(result, true) : NULL;

	(void)figures;
	op->run = NULL;
	health_call_cancel(op);
	call_finish(call, copy != NULL ? 0 : found ? ERR_INTERNAL : ERR_NOT_FOUND, copy);
}

static int
reader_health_run(struct call *call, const cJSON *params)
{
	struct health_call *op = calloc(1, sizeof(*op));
	const char *reader = json_string(params, "reader");

	if (op == NULL || (reader != NULL && (op->reader = strdup(reader)) == NULL)) {
		free(op);
		return ERR_INTERNAL;
	}
	op->call = call;
	/* A page never makes us connect to anything. */
	op->run = health_start(call->services, &(struct health_options){ .reader = op->reader, .deep = json_true(params, "deep"), .root = "" },
	    health_done, op);
	if (op->run == NULL) {
		health_call_cancel(op);
		return ERR_INTERNAL;
	}
	call_on_cancel(call, health_call_cancel, op);
	return 0;
}

const struct method method_reader_health = { "reader.health", reader_health_run };
