/* SPDX-License-Identifier: Apache-2.0 */
/* operations/certificate_validate.c: certificate.validate: finds the certificate on the cards and has it checked. */
#include "operations/methods.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/err.h"
#include "base/json.h"
#include "operations/results.h"
#include "operations/validation.h"

#define AHEAD_SECONDS 300	/* a page's clock may be ahead of ours by so much */

struct validate_call {
	struct call *call;
	struct devices_listing *listing;
	struct certificate *certificate;
	struct validation *validation;
	char *id;
	int64_t at;
};

static void
validate_call_cancel(void *context)
{
	struct validate_call *op = context;

	devices_list_cancel(&op->listing);
	validation_cancel(&op->validation);
	certificate_free(op->certificate);
	free(op->id);
	free(op);
}

static void
validate_call_finish(struct validate_call *op, int err, cJSON *content)
{
	struct call *call = op->call;

	validate_call_cancel(op);
	call_finish(call, err, content);
}

static void
validated(void *context, int err, const cJSON *result)
{
	struct validate_call *op = context;

	op->validation = NULL;
	validate_call_finish(op, err, cJSON_Duplicate(result, true));
}

/* The card's entry with this id: into op->certificate, with its token (borrowed); NULL when it is on none. */
static const cJSON *
token_find(struct validate_call *op, const cJSON *tokens)
{
	const cJSON *token, *entry;

	cJSON_ArrayForEach(token, tokens)
		cJSON_ArrayForEach(entry, json_member(token, "certificates")) {
			unsigned char *der = NULL;
			size_t len;

			if (json_base64(entry, "der", &der, &len) == 0 && certificate_new(der, len, &op->certificate) == 0 &&
			    strcmp(certificate_id(op->certificate), op->id) == 0) {
				free(der);
				return token;
			}
			certificate_free(op->certificate);
			op->certificate = NULL;
			free(der);
		}
	return NULL;
}

static void
listed(void *context, int err, const cJSON *tokens)
{
	struct validate_call *op = context;
	const cJSON *token;

	op->listing = NULL;
	if (err == 0 && cJSON_GetArraySize(tokens) == 0)
		err = devices_no_token_err(op->call->services->devices);
	if (err == 0 && (token = token_find(op, tokens)) == NULL) {
		err = devices_tokens_err(tokens);
		err = err != 0 ? err : ERR_NOT_FOUND;
	}
	if (err == 0) {
		call_progress(op->call, "validating", 0, 1);
		op->validation = validation_start(op->call->services, &(struct validation_terms){ op->certificate, token, op->at, false }, validated, op);
		if (op->validation == NULL)
			err = ERR_INTERNAL;
	}
	if (err != 0)
		validate_call_finish(op, err, NULL);
}

/* The schema has seen that it is a time. */
static int64_t
time_read(const char *text)
{
	struct tm tm = { 0 };

	return strptime(text, "%Y-%m-%dT%H:%M:%SZ", &tm) != NULL ? timegm(&tm) : 0;
}

static int
certificate_validate_run(struct call *call, const cJSON *params)
{
	const char *at = json_string(params, "at");
	struct validate_call *op = calloc(1, sizeof(*op));

	if (op == NULL)
		return ERR_INTERNAL;
	*op = (struct validate_call){ .call = call, .id = strdup(json_string(params, "certificate")), .at = at != NULL ? time_read(at) : 0 };
	if (op->id == NULL)
		goto fail;
	if (at != NULL && (op->at <= 0 || op->at > time(NULL) + AHEAD_SECONDS)) {
		validate_call_finish(op, ERR_INVALID_PARAMS, params_problem_to_json("/at", "maximum", "must not be in the future."));
		return 0;
	}
	if ((op->listing = devices_list(call->services->devices, true, listed, op)) == NULL)
		goto fail;
	call_on_cancel(call, validate_call_cancel, op);
	return 0;
fail:
	validate_call_cancel(op);
	return ERR_INTERNAL;
}

const struct method method_certificate_validate = { "certificate.validate", certificate_validate_run };
