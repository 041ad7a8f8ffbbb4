/* SPDX-License-Identifier: Apache-2.0 */
/* helpers/helper.c: one helper process: frames out and in, one request at a time, never waited for longer than its deadline. */
#include "helpers/helper.h"

#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/err.h"
#include "base/frame.h"
#include "base/json.h"
#include "base/log.h"
#include "base/spawn.h"

#define SEND_SECONDS 5		/* a helper that does not read its request for so long is dead */

struct helper_request {
	struct helper *helper;
	struct helper_request *next;
	int64_t id;
	cJSON *frame;
	int fds[FRAME_FDS_MAX];
	size_t fds_count;
	unsigned deadline_ms;
	int late;
	struct helper_callbacks callbacks;	/* done is NULL once cancelled */
};

struct helper {
	struct loop *loop;
	struct spawned process;
	struct frame_stream stream;
	struct loop_watch *watch;
	struct loop_timer *deadline;
	struct helper_request *requests;	/* the first one is under way once sent is set */
	bool ready, sent;
	bool dead;				/* its process has ended, and its owner has not freed it */
	bool *gone;				/* set while helper_fail() calls back: told when the owner ends us meanwhile */
	int64_t last_id;
	void (*died)(void *context);
	void *context;
};

static void
request_free(struct helper_request *request)
{
	for (size_t i = 0; i < request->fds_count; i++)
		close(request->fds[i]);
	cJSON_Delete(request->frame);
	free(request);
}

static void queue_advance(struct helper *helper);

/* Takes the first request off the queue, sends the next, then answers: the callback may end the helper, so nothing of it is touched after. */
static void
first_answer(struct helper *helper, int err, const cJSON *content)
{
	struct helper_request *request = helper->requests;

	helper->requests = request->next;
	helper->sent = false;
	loop_cancel(&helper->deadline);
	queue_advance(helper);
	if (request->callbacks.done != NULL)
		request->callbacks.done(request->callbacks.context, err, content);
	request_free(request);
}

/* Ends the process, answers the first request with err and the others with ERR_MODULE_FAILED, and tells the owner, who frees. */
static void
helper_fail(struct helper *helper, int err, const cJSON *content)
{
	bool gone = false;

	loop_unwatch(&helper->watch);
	loop_cancel(&helper->deadline);
	spawn_end(&helper->process);
	helper->ready = helper->sent = false;
	helper->dead = true;
	helper->gone = &gone;
	while (!gone && helper->requests != NULL) {
		struct helper_request *request = helper->requests;

		helper->requests = request->next;
		if (request->callbacks.done != NULL)
			request->callbacks.done(request->callbacks.context, err, content);
		request_free(request);
		err = ERR_MODULE_FAILED;
		content = NULL;
	}
	if (gone)
		return;
	helper->gone = NULL;
	if (helper->died != NULL)
		helper->died(helper->context);
}

static void
deadline_passed(void *context)
{
	struct helper *helper = context;
	int err = helper->requests != NULL && helper->ready ? helper->requests->late : ERR_MODULE_TIMEOUT;

	helper->deadline = NULL;
	log_warning("helper %d was late and is killed", (int)helper->process.pid);
	helper_fail(helper, err, NULL);
}

static void
send_failed(void *context)
{
	struct helper *helper = context;

	helper->deadline = NULL;
	helper_fail(helper, ERR_MODULE_FAILED, NULL);
}

static void
queue_advance(struct helper *helper)
{
	struct helper_request *request = helper->requests;
	int r;

	/* A process that died between two requests answers no third. */
	if (helper->dead && request != NULL && helper->deadline == NULL)
		helper->deadline = loop_after(helper->loop, 0, send_failed, helper);
	if (!helper->ready || helper->sent || request == NULL)
		return;
	helper->sent = true;
	r = frame_send(helper->process.fd, request->frame, request->fds, request->fds_count);
	for (size_t i = 0; i < request->fds_count; i++)
		close(request->fds[i]);
	request->fds_count = 0;
	loop_cancel(&helper->deadline);
	/* Told from the loop: whoever queued the request has not seen its handle yet. */
	helper->deadline = r == 0 ? loop_after(helper->loop, request->deadline_ms, deadline_passed, helper) :
	    loop_after(helper->loop, 0, send_failed, helper);
}

/* A helper that does not understand us is our own failure; these words are for the page's messages. */
static int
error_read(const cJSON *error)
{
	const char *detail = json_string(error, "detail");
	int err = err_from_reason(json_string(error, "reason"));

	switch (err) {
	case ERR_PARSE_ERROR:
	case ERR_INVALID_REQUEST:
	case ERR_METHOD_NOT_FOUND:
	case ERR_INVALID_PARAMS:
		log_error("a helper refused a request: %s (%s)", err_reason(err), detail != NULL ? detail : "");
		return ERR_INTERNAL;
	default:
		return err;
	}
}

static void
frame_handle(struct helper *helper, const cJSON *json)
{
	int64_t id = json_integer(json, "id", -1);
	const char *event = json_string(json, "event");
	const cJSON *result = json_member(json, "result"), *error = json_member(json, "error");
	struct helper_request *request = helper->sent ? helper->requests : NULL;

	if (id == 0 && !helper->ready && event != NULL && strcmp(event, "ready") == 0) {
		helper->ready = true;
		loop_cancel(&helper->deadline);
		queue_advance(helper);
	} else if (request != NULL && id == request->id && event != NULL) {
		if (request->callbacks.done != NULL && request->callbacks.event != NULL)
			request->callbacks.event(request->callbacks.context, event, json);
	} else if (request != NULL && id == request->id && result != NULL) {
		first_answer(helper, 0, result);
	} else if (request != NULL && id == request->id && error != NULL) {
		first_answer(helper, error_read(error), error);
	} else {
		if (error != NULL)
			log_error("helper did not start: %s (%s)", json_string(error, "reason"), json_string(error, "detail"));
		/* A module that can't be started has said why. */
		helper_fail(helper, ERR_MODULE_FAILED, helper->ready ? NULL : error);
	}
}

/*
 * Handles one frame a turn. A callback may end this helper: nothing of it is touched after frame_handle(), and a further frame is left
 * to the next turn of the loop, which finds the socket readable still: frame_receive() never reads past a frame.
 */
static void
helper_readable(void *context, uint32_t events)
{
	struct helper *helper = context;
	struct frame frame;
	int r;

	(void)events;
	r = frame_receive(&helper->stream, &frame);
	if (r == 0)
		return;
	if (r < 0) {
		log_warning("helper %d ended", (int)helper->process.pid);
		helper_fail(helper, ERR_MODULE_FAILED, NULL);
		return;
	}
	frame_handle(helper, frame.json);
	frame_clear(&frame);
}

int
helper_start(struct loop *loop, const struct helper_program *program, void (*died)(void *context), void *context, struct helper **ret_helper)
{
	const struct timeval patience = { .tv_sec = SEND_SECONDS };
	struct helper *helper = calloc(1, sizeof(*helper));

	if (helper == NULL)
		return ERR_INTERNAL;
	*helper = (struct helper){ .loop = loop, .died = died, .context = context, .ready = program->ready_ms == 0,
		.process = { .fd = -1, .pidfd = -1 } };
	if (spawn_helper(program->argv, program->environment, &helper->process) != 0)
		goto fail;
	frame_stream_init(&helper->stream, helper->process.fd);
	helper->stream.dont_wait = true;
	setsockopt(helper->process.fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
	helper->watch = loop_watch(loop, helper->process.fd, EPOLLIN, helper_readable, helper);
	if (!helper->ready)
		helper->deadline = loop_after(loop, program->ready_ms, deadline_passed, helper);
	if (helper->watch == NULL || (!helper->ready && helper->deadline == NULL))
		goto fail;
	*ret_helper = helper;
	return 0;
fail:
	helper_end(&helper);
	return ERR_INTERNAL;
}

void
helper_end(struct helper **helper)
{
	struct helper *h = *helper;

	if (h == NULL)
		return;
	*helper = NULL;
	if (h->gone != NULL)
		*h->gone = true;
	loop_unwatch(&h->watch);
	loop_cancel(&h->deadline);
	spawn_end(&h->process);
	frame_stream_clear(&h->stream);
	while (h->requests != NULL) {
		struct helper_request *request = h->requests;

		h->requests = request->next;
		request_free(request);
	}
	free(h);
}

struct helper_request *
helper_request(struct helper *helper, const char *op, cJSON *members, const int *fds, size_t fds_count, unsigned deadline_ms, int late,
    struct helper_callbacks callbacks)
{
	struct helper_request *request = calloc(1, sizeof(*request)), **end = &helper->requests;
	cJSON *frame = members != NULL ? members : cJSON_CreateObject();

	if (request == NULL || frame == NULL || cJSON_AddNumberToObject(frame, "id", (double)(helper->last_id + 1)) == NULL ||
	    cJSON_AddStringToObject(frame, "op", op) == NULL) {
		cJSON_Delete(frame);
		free(request);
		for (size_t i = 0; i < fds_count; i++)
			close(fds[i]);
		return NULL;
	}
	*request = (struct helper_request){ .helper = helper, .id = ++helper->last_id, .frame = frame, .deadline_ms = deadline_ms,
		.late = late, .callbacks = callbacks, .fds_count = fds_count };
	if (fds_count > 0)
		memcpy(request->fds, fds, fds_count * sizeof(*fds));
	while (*end != NULL)
		end = &(*end)->next;
	*end = request;
	queue_advance(helper);
	return request;
}

int
helper_tell(struct helper_request *request, cJSON *members, const int *fds, size_t fds_count)
{
	struct helper *helper = request->helper;
	int r = ERR_NOT_FOUND;

	if (helper->sent && helper->requests == request)
		r = cJSON_AddNumberToObject(members, "id", (double)request->id) == NULL ? ERR_INTERNAL :
		    frame_send(helper->process.fd, members, fds, fds_count);
	cJSON_Delete(members);
	return r;
}

void
helper_cancel(struct helper_request **request)
{
	struct helper_request *r = *request, **place;

	if (r == NULL)
		return;
	*request = NULL;
	r->callbacks.done = NULL;
	for (place = &r->helper->requests; *place != NULL && *place != r; place = &(*place)->next)
		;
	/* The one under way stays, silent, until the helper answers it. */
	if (*place == NULL || (r->helper->sent && r == r->helper->requests))
		return;
	*place = r->next;
	request_free(r);
}

void
helper_abort(struct helper_request **request)
{
	struct helper_request *r = *request;
	bool running = r != NULL && r->helper->sent && r->helper->requests == r;

	helper_cancel(request);
	if (running)
		helper_fail(r->helper, ERR_USER_CANCELLED, NULL);
}
