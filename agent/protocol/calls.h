/* SPDX-License-Identifier: Apache-2.0 */
/* protocol/calls.h: the life of a request inside protocol/: begun by dispatch, ended by its operation, its page, or its deadline. */
#ifndef PROTOCOL_CALLS_H
#define PROTOCOL_CALLS_H

#include "operations/call.h"
#include "protocol/dispatch.h"

/* A new call of this session; id is copied. NULL when memory runs out. */
struct call *call_new(struct services *services, const struct dispatch_output *output, struct session *session, const cJSON *id);

/* The session's call with this id, NULL when there is none. */
struct call *call_find(const struct session *session, const cJSON *id);

/* Stops the operation and answers with err; with 0 nothing is said (the page is gone). */
void call_cancel(struct call *call, int err);

/* Tells the calls of this session that wait for it. */
void calls_drained(struct session *session);

#endif
