/* SPDX-License-Identifier: Apache-2.0 */
/* base/helper.h: the main loop of a helper program: takes requests from descriptor 3, calls one handler, sends one answer each. */
#ifndef BASE_HELPER_H
#define BASE_HELPER_H

#include <stdint.h>
#include <cjson/cJSON.h>

#include "base/frame.h"

struct helper_call {
	int64_t id;
	const char *op;
	const cJSON *request;		/* borrowed */
	struct frame *frame;		/* its descriptors: take one with helper_take_fd() */
	struct frame_stream *stream;	/* for helper_receive() */
	cJSON *error;			/* further members for a failed answer; may be filled by the handler */
};

/* Answers one request: 0 and a result object that becomes the loop's, or a negative error; then *ret_result is not touched. */
typedef int (*helper_handler)(struct helper_call *call, void *context, cJSON **ret_result);

/* Serves until the agent closes the socket or breaks the frame rules. Returns the program's exit status. */
int helper_run(helper_handler handler, void *context);

/* Takes descriptor number i out of the request; the caller closes it. -1 when it did not come. */
int helper_take_fd(struct helper_call *call, size_t i);

/* Sends an event for this request; takes event (an object to which id and "event" are added). */
void helper_event(const struct helper_call *call, const char *name, cJSON *event);

/*
 * Takes what the agent says about this request in between (agent/HELPERS.md), without waiting: 1 and *ret_frame, the caller's; 0: nothing is
 * there; negative: the agent has gone, or speaks of something else.
 */
int helper_receive(const struct helper_call *call, struct frame *ret_frame);

/* Sends {"id":0,"event":name,...} or, with a negative err, {"id":0,"error":{...}}: the word of a helper that is starting. Takes members. */
void helper_announce(int err, const char *name, cJSON *members);

#endif
