/* SPDX-License-Identifier: Apache-2.0 */
/* protocol/calls.c: calls: an id, a deadline, a way to stop, one answer. */
#include "protocol/calls.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/err.h"
#include "base/log.h"
#include "protocol/envelope.h"

#define PROGRESS_NS 100000000	/* operation.progress at most ten a second */

struct call_private {
	struct call *next;
	const struct dispatch_output *output;
	cJSON *id;
	void (*cancel)(void *context);
	void *cancel_context;
	bool (*stop)(void *context);
	void *stop_context;
	void (*drained)(void *context);
	void *drained_context;
	struct loop_timer *deadline;
	uint64_t progress_at;
	const char *progress_step;
	bool dialogs, with_pin;			/* were opened: were on the screen, and the PIN's among them */
	const char *step_after;			/* of progress, once the turn has come */
	int total;				/* of the last progress */
	bool pin_refused, user_refused;
	unsigned retry_after;			/* seconds, for rate_limited */
};

struct call *
call_new(struct services *services, const struct dispatch_output *output, struct session *session, const cJSON *id)
{
	struct call *call = calloc(1, sizeof(*call));
	struct call_private *own = calloc(1, sizeof(*own));

	if (call == NULL || own == NULL || (own->id = cJSON_Duplicate(id, true)) == NULL) {
		free(call);
		free(own);
		return NULL;
	}
	own->output = output;
	own->next = session->calls;
	*call = (struct call){ .services = services, .session = session, .own = own };
	session->calls = call;
	session->calls_count++;
	call_extend(call, CALL_SECONDS);
	return call;
}

static void
call_free(struct call *call)
{
	struct call **place = &call->session->calls;

	while (*place != call)
		place = &(*place)->own->next;
	*place = call->own->next;
	call->session->calls_count--;
	loop_cancel(&call->own->deadline);
	cJSON_Delete(call->own->id);
	manifest_free(call->manifest);
	free(call->own);
	free(call);
}

struct call *
call_find(const struct session *session, const cJSON *id)
{
	struct call *call = session->calls;

	while (call != NULL && !request_id_equal(call->own->id, id))
		call = call->own->next;
	return call;
}

static void
call_answer(struct call *call, int err, cJSON *content)
{
	const struct dispatch_output *output = call->own->output;
	char *text = err == 0 ? envelope_result(call->own->id, content) : envelope_error(call->own->id, err, content);

	if (err != 0)
		log_info("connection %llu: answered with %s", (unsigned long long)call->session->connection, err_reason(err));
	/* Without memory for an answer the page learns it from the closed connection. */
	if (text != NULL)
		output->send_text(output->context, call->session->connection, text);
	else
		output->close(output->context, call->session->connection, 1011);
	cJSON_free(text);
}

static int64_t
now_seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec;
}

/* 0, or ERR_RATE_LIMITED, for which the wait is noted. */
static int
dialogs_allowed(struct call *call)
{
	const struct services *services = call->services;
	const char *origin = call->session->origin;
	bool with_pin = call->own->with_pin;
	unsigned wait = limits_wait(services->limits, origin, LIMIT_DIALOGS, now_seconds());
	unsigned pins_wait = with_pin ? limits_wait(services->limits, origin, LIMIT_PINS, now_seconds()) : 0;

	if (pins_wait > wait)
		wait = pins_wait;
	if (wait > 0) {
		call->own->retry_after = wait;
		return ERR_RATE_LIMITED;
	}
	return 0;
}

static void
dialogs_wait(void *context)
{
	struct call *call = context;

	call->own->step_after = call->own->progress_step != NULL ? call->own->progress_step : call->own->with_pin ? "pin" : "consent";
	call_progress(call, "waiting", 0, call->own->total > 0 ? call->own->total : 1);
}

/* Much may have happened since it was asked: the origin may have to pause by now, and the user gets the whole time. */
static int
dialogs_begin(void *context)
{
	struct call *call = context;
	int r = dialogs_allowed(call);

	if (r != 0)
		return r;
	call->own->dialogs = true;
	call_extend(call, call->services->config->dialog_seconds + 30);
	call_progress(call, call->own->step_after, 0, call->own->total > 0 ? call->own->total : 1);
	return 0;
}

int
call_dialogs_open(struct call *call, bool with_pin, struct prompt **ret_prompt)
{
	const struct prompt_turn turn = { dialogs_wait, dialogs_begin, call };
	bool waits;
	int r;

	call->own->with_pin = with_pin;
	if ((r = dialogs_allowed(call)) != 0 ||
	    (r = prompt_open(call->services->prompts, call->session->origin, &turn, ret_prompt, &waits)) != 0)
		return r;
	call->own->dialogs = !waits;
	return 0;
}

void
call_pin_refused(struct call *call)
{
	call->own->pin_refused = true;
}

void
call_user_refused(struct call *call)
{
	call->own->user_refused = true;
}

/* What the end of a call means for its origin's next ones; err 0: it succeeded; taken_away: by its page. */
static void
limits_settle(const struct call *call, int err, bool taken_away)
{
	const struct call_private *own = call->own;
	struct limits *limits = call->services->limits;
	const char *origin = call->session->origin;
	bool refused = taken_away || own->user_refused || err == ERR_USER_DENIED || err == ERR_USER_CANCELLED || err == ERR_TIMEOUT;

	if (!own->dialogs)
		return;
	if (refused)
		limits_failed(limits, origin, LIMIT_DIALOGS, now_seconds());
	else if (err == 0)
		limits_succeeded(limits, origin, LIMIT_DIALOGS);
	if (own->pin_refused && (err != 0 || taken_away))
		limits_failed(limits, origin, LIMIT_PINS, now_seconds());
	else if (own->with_pin && err == 0 && !refused)
		limits_succeeded(limits, origin, LIMIT_PINS);
}

void
call_finish(struct call *call, int err, cJSON *content)
{
	if (err == ERR_RATE_LIMITED && cJSON_GetObjectItemCaseSensitive(content, "retryAfter") == NULL) {
		if (content == NULL)
			content = cJSON_CreateObject();
		cJSON_AddNumberToObject(content, "retryAfter", call->own->retry_after);
	}
	limits_settle(call, err, false);
	call_answer(call, err, content);
	call_free(call);
}

void
call_cancel(struct call *call, int err)
{
	if (call->own->cancel != NULL)
		call->own->cancel(call->own->cancel_context);
	limits_settle(call, err, true);
	if (err != 0)
		call_answer(call, err, NULL);
	call_free(call);
}

static void
deadline_passed(void *context)
{
	struct call *call = context;

	call->own->deadline = NULL;
	call_cancel(call, ERR_TIMEOUT);
}

void
call_extend(struct call *call, unsigned seconds)
{
	loop_cancel(&call->own->deadline);
	call->own->deadline = loop_after(call->services->loop, seconds * 1000, deadline_passed, call);
}

void
call_on_cancel(struct call *call, void (*cancel)(void *context), void *context)
{
	call->own->cancel = cancel;
	call->own->cancel_context = context;
}

void
call_on_stop(struct call *call, bool (*stop)(void *context), void *context)
{
	call->own->stop = stop;
	call->own->stop_context = context;
}

void
call_on_drained(struct call *call, void (*drained)(void *context), void *context)
{
	call->own->drained = drained;
	call->own->drained_context = context;
}

void
calls_drained(struct session *session)
{
	/* One at a time: a drained call may end itself. The oldest waits first. */
	struct call *oldest = NULL;

	for (struct call *call = session->calls; call != NULL; call = call->own->next)
		if (call->own->drained != NULL)
			oldest = call;
	if (oldest != NULL)
		oldest->own->drained(oldest->own->drained_context);
}

void
call_progress(struct call *call, const char *step, int done, int total)
{
	struct call_private *own = call->own;
	struct timespec t;
	uint64_t now;
	cJSON *params;
	char *text;

	if ((call->session->topics & TOPIC_OPERATIONS) == 0) {
		own->progress_step = step;
		own->total = total;
		return;
	}
	clock_gettime(CLOCK_MONOTONIC, &t);
	now = (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
	if (own->progress_step == step && done < total && now - own->progress_at < PROGRESS_NS)
		return;
	own->progress_at = now;
	own->progress_step = step;
	own->total = total;
	params = cJSON_CreateObject();
	cJSON_AddItemToObject(params, "operation", request_id_copy(own->id));
	cJSON_AddStringToObject(params, "step", step);
	cJSON_AddNumberToObject(params, "done", done);
	cJSON_AddNumberToObject(params, "total", total);
	text = envelope_notification("operation.progress", params);
	if (text != NULL)
		own->output->send_text(own->output->context, call->session->connection, text);
	cJSON_free(text);
}

bool
call_cancel_other(struct call *call, const cJSON *id)
{
	struct call *other = call_find(call->session, id);

	if (other == NULL || other == call || other->own->cancel == NULL)
		return false;
	if (other->own->stop == NULL || !other->own->stop(other->own->stop_context))
		call_cancel(other, ERR_USER_CANCELLED);
	return true;
}
