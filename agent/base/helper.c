/* SPDX-License-Identifier: Apache-2.0 */
/* base/helper.c: a helper's side of agent/HELPERS.md. */
#include "base/helper.h"

#include <stdlib.h>

#include "base/err.h"
#include "base/json.h"
#include "base/log.h"

static int
answer_send(int64_t id, const char *kind, cJSON *content)
{
	cJSON *answer = cJSON_CreateObject();
	int r = ERR_INTERNAL;

	if (answer != NULL && content != NULL && cJSON_AddNumberToObject(answer, "id", (double)id) != NULL &&
	    cJSON_AddItemToObject(answer, kind, content)) {
		content = NULL;
		r = frame_send(FRAME_HELPER_FD, answer, NULL, 0);
	}
	cJSON_Delete(content);
	cJSON_Delete(answer);
	return r;
}

static cJSON *
error_with_reason(int err, cJSON *members)
{
	if (members == NULL)
		members = cJSON_CreateObject();
	cJSON_AddStringToObject(members, "reason", err_reason(err));
	return members;
}

static int
frame_serve(struct frame_stream *stream, struct frame *frame, helper_handler handler, void *context)
{
	struct helper_call call = { .id = json_integer(frame->json, "id", -1), .op = json_string(frame->json, "op"),
		.request = frame->json, .frame = frame, .stream = stream };
	cJSON *result = NULL;
	int r;

	if (call.id < 1 || call.op == NULL)
		return ERR_INVALID_REQUEST;
	r = handler(&call, context, &result);
	if (r == 0) {
		cJSON_Delete(call.error);
		return answer_send(call.id, "result", result != NULL ? result : cJSON_CreateObject());
	}
	log_info("%s: %s", call.op, err_reason(r));
	return answer_send(call.id, "error", error_with_reason(r, call.error));
}

int
helper_run(helper_handler handler, void *context)
{
	struct frame_stream stream;
	struct frame frame;
	int r;

	frame_stream_init(&stream, FRAME_HELPER_FD);
	while (frame_receive(&stream, &frame) == 1) {
		r = frame_serve(&stream, &frame, handler, context);
		frame_clear(&frame);
		if (r != 0)
			break;
	}
	frame_stream_clear(&stream);
	return EXIT_SUCCESS;
}

int
helper_take_fd(struct helper_call *call, size_t i)
{
	int fd = i < FRAME_FDS_MAX ? call->frame->fds[i] : -1;

	if (fd >= 0)
		call->frame->fds[i] = -1;
	return fd;
}

int
helper_receive(const struct helper_call *call, struct frame *ret_frame)
{
	int r;

	call->stream->dont_wait = true;
	r = frame_receive(call->stream, ret_frame);
	call->stream->dont_wait = false;
	if (r == 1 && json_integer(ret_frame->json, "id", -1) != call->id) {
		frame_clear(ret_frame);
		return ERR_INVALID_REQUEST;
	}
	return r;
}

static void
event_send(int64_t id, const char *name, cJSON *event)
{
	if (event == NULL)
		event = cJSON_CreateObject();
	if (cJSON_AddNumberToObject(event, "id", (double)id) != NULL && cJSON_AddStringToObject(event, "event", name) != NULL)
		frame_send(FRAME_HELPER_FD, event, NULL, 0);
	cJSON_Delete(event);
}

void
helper_event(const struct helper_call *call, const char *name, cJSON *event)
{
	event_send(call->id, name, event);
}

void
helper_announce(int err, const char *name, cJSON *members)
{
	if (err == 0)
		event_send(0, name, members);
	else
		answer_send(0, "error", error_with_reason(err, members));
}
