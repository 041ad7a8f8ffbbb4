/* SPDX-License-Identifier: Apache-2.0 */
/* protocol/dispatch.c: a message becomes a call only after the envelope, the permission and the schema have let it through. */
#include "protocol/dispatch.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/log.h"
#include "operations/methods.h"
#include "operations/results.h"
#include "protocol/calls.h"
#include "protocol/contract.h"
#include "protocol/envelope.h"

struct dispatch {
	struct services *services;
	struct dispatch_output output;
	struct contract *contract;
	struct session *sessions;
	bool stopping;
};

int
dispatch_new(struct services *services, struct dispatch_output output, struct dispatch **ret_dispatch)
{
	struct dispatch *dispatch = calloc(1, sizeof(*dispatch));
	int r;

	if (dispatch == NULL)
		return ERR_INTERNAL;
	*dispatch = (struct dispatch){ .services = services, .output = output };
	if ((r = contract_new(&dispatch->contract)) != 0) {
		free(dispatch);
		return r;
	}
	*ret_dispatch = dispatch;
	return 0;
}

static struct session *
session_find(const struct dispatch *dispatch, uint64_t connection)
{
	struct session *session = dispatch->sessions;

	while (session != NULL && session->connection != connection)
		session = session->next;
	return session;
}

static void
session_end(struct dispatch *dispatch, struct session *session)
{
	struct session **place = &dispatch->sessions;

	while (*place != session)
		place = &(*place)->next;
	*place = session->next;
	while (session->calls != NULL)
		call_cancel(session->calls, 0);
	session_free(session);
}

void
dispatch_free(struct dispatch *dispatch)
{
	if (dispatch == NULL)
		return;
	while (dispatch->sessions != NULL)
		session_end(dispatch, dispatch->sessions);
	contract_free(dispatch->contract);
	free(dispatch);
}

void
dispatch_opened(struct dispatch *dispatch, uint64_t connection, const char *origin)
{
	struct session *session = session_new(connection, origin);

	if (session == NULL) {
		dispatch->output.close(dispatch->output.context, connection, 1011);
		return;
	}
	session->next = dispatch->sessions;
	dispatch->sessions = session;
	log_info("connection %llu opened by %s", (unsigned long long)connection, origin);
}

static void
error_send(struct dispatch *dispatch, const struct session *session, const cJSON *id, int err, cJSON *data)
{
	char *text = envelope_error(id, err, data);

	log_info("connection %llu: refused with %s", (unsigned long long)session->connection, err_reason(err));
	if (text != NULL)
		dispatch->output.send_text(dispatch->output.context, session->connection, text);
	cJSON_free(text);
}

static bool
permission_given(const struct dispatch *dispatch, const struct session *session, enum permission permission)
{
	enum grant grant = session_grant(session, dispatch->services->origins);

	if (permission == PERMISSION_NONE)
		return true;
	if (grant != GRANT_ONCE && grant != GRANT_ALWAYS && grant != GRANT_LISTED)
		return false;
	return permission != PERMISSION_HASH || origins_may_sign_hashes(dispatch->services->origins, session->origin);
}

/*
 * 0 or ERR_ORIGIN_DENIED.  A site that would be allowed, were it not for a line of the settings that can't be read, is told which, and may look
 * at the workstation's health, which says how to mend it.
 */
static int
permission_check(const struct dispatch *dispatch, const struct session *session, const struct contract_method *method, cJSON **ret_data)
{
	const char *shut;

	if (permission_given(dispatch, session, method->permission))
		return 0;
	if ((shut = origins_shut(dispatch->services->origins, session->origin)) == NULL)
		return ERR_ORIGIN_DENIED;
	if (method->method == &method_reader_health)
		return 0;
	log_info("%s: %s", session->origin, shut);
	if ((*ret_data = cJSON_CreateObject()) != NULL)
		cJSON_AddStringToObject(*ret_data, "detail", shut);
	return ERR_ORIGIN_DENIED;
}

/* 0, or the error and what the page needs to mend it: the JSON pointer and the rule. */
static int
params_check(const struct contract_method *method, const cJSON *params, cJSON **ret_data)
{
	struct schema_error error = { 0 };
	size_t count = 0;
	int r = schema_check(method->params, params, &error, 1, &count);

	if (r != 0 && count > 0)
		*ret_data = params_problem_to_json(error.pointer, error.keyword, error.rule);
	schema_errors_clear(&error, count);
	return r;
}

static int
request_run(struct dispatch *dispatch, struct session *session, const struct request *request, cJSON **ret_data)
{
	const struct contract_method *method = contract_find(dispatch->contract, request->method);
	cJSON *none = NULL;
	const cJSON *params = request->params;
	struct call *call;
	int r;

	if (method == NULL)
		return ERR_METHOD_NOT_FOUND;
	if ((r = permission_check(dispatch, session, method, ret_data)) != 0)
		return r;
	if (params == NULL && (params = none = cJSON_CreateObject()) == NULL)
		return ERR_INTERNAL;
	if ((r = params_check(method, params, ret_data)) != 0)
		goto out;
	r = ERR_BUSY;
	if (dispatch->stopping || session->calls_count >= CALLS_MAX)
		goto out;
	r = ERR_INTERNAL;
	if ((call = call_new(dispatch->services, &dispatch->output, session, request->id)) == NULL)
		goto out;
	/* From here the call answers, whatever happens. */
	if ((r = method->method->run(call, params)) != 0)
		call_finish(call, r, NULL);
	r = 0;
out:
	cJSON_Delete(none);
	return r;
}

void
dispatch_text(struct dispatch *dispatch, uint64_t connection, const char *bytes, size_t len)
{
	struct session *session = session_find(dispatch, connection);
	struct request request;
	cJSON *data = NULL;
	const cJSON *id;
	uint32_t wait;
	int r;

	if (session == NULL)
		return;
	if ((wait = rates_take(dispatch->services->rates, session->origin, clock_ms())) == RATES_CLOSE) {
		log_info("connection %llu: %s does not stop asking", (unsigned long long)connection, session->origin);
		dispatch->output.close(dispatch->output.context, connection, 1008);
		return;
	}
	r = request_read(bytes, len, &request);
	id = request.id;
	/* Two calls of one id could not be told apart, not even by this answer: it goes to neither. */
	if (r == 0 && call_find(session, request.id) != NULL) {
		r = ERR_INVALID_REQUEST;
		id = NULL;
	}
	if (r == 0 && wait > 0) {
		r = ERR_RATE_LIMITED;
		if ((data = cJSON_CreateObject()) != NULL)
			cJSON_AddNumberToObject(data, "retryAfter", wait);
	}
	if (r == 0)
		r = request_run(dispatch, session, &request, &data);
	if (r != 0)
		error_send(dispatch, session, id, r, data);
	request_clear(&request);
}

void
dispatch_binary(struct dispatch *dispatch, uint64_t connection, uint32_t document, const unsigned char *bytes, size_t len)
{
	struct session *session = session_find(dispatch, connection);

	if (session == NULL)
		return;
	if (!permission_given(dispatch, session, PERMISSION_ORIGIN) || document_bytes(session, document, bytes, len) != 0) {
		log_info("connection %llu: a binary frame that belongs to no document", (unsigned long long)connection);
		dispatch->output.close(dispatch->output.context, connection, 1008);
	}
}

void
dispatch_drained(struct dispatch *dispatch, uint64_t connection)
{
	struct session *session = session_find(dispatch, connection);

	if (session != NULL)
		calls_drained(session);
}

void
dispatch_closed(struct dispatch *dispatch, uint64_t connection)
{
	struct session *session = session_find(dispatch, connection);

	if (session == NULL)
		return;
	log_info("connection %llu closed", (unsigned long long)connection);
	session_end(dispatch, session);
}

void
dispatch_notify(struct dispatch *dispatch, const char *name, const cJSON *params)
{
	unsigned topic = contract_topic(name);
	char *text = envelope_notification(name, cJSON_Duplicate(params, true));

	for (struct session *s = dispatch->sessions; text != NULL && s != NULL; s = s->next)
		if (topic == 0 || ((s->topics & topic) != 0 && permission_given(dispatch, s, PERMISSION_ORIGIN)))
			dispatch->output.send_text(dispatch->output.context, s->connection, text);
	cJSON_free(text);
}

void
dispatch_stop(struct dispatch *dispatch)
{
	cJSON *params = cJSON_CreateObject();

	dispatch->stopping = true;
	dispatch_notify(dispatch, "agent.stopping", params);
	cJSON_Delete(params);
	for (struct session *session = dispatch->sessions; session != NULL; session = session->next)
		while (session->calls != NULL)
			call_cancel(session->calls, ERR_USER_CANCELLED);
}
