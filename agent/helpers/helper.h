/* SPDX-License-Identifier: Apache-2.0 */
/* helpers/helper.h: the agent's side of one helper process (agent/HELPERS.md): a queue of requests, a deadline each, killed when late. */
#ifndef HELPERS_HELPER_H
#define HELPERS_HELPER_H

#include <stdbool.h>
#include <stddef.h>
#include <cjson/cJSON.h>

#include "base/loop.h"

struct helper;
struct helper_request;

/* What to run; borrowed for the life of the helper. */
struct helper_program {
	const char *const *argv;	/* argv[0]: absolute path */
	const char *const *environment;
	unsigned ready_ms;		/* 0: it is ready at once; else it announces itself within this time */
};

struct helper_callbacks {
	/*
	 * Exactly once for each request that was not cancelled.  err is 0 or negative; content is the result, or the error object with
	 * its further members (NULL when the helper died or was late); borrowed.
	 */
	void (*done)(void *context, int err, const cJSON *content);
	/* Events of this request, in order; may be NULL. */
	void (*event)(void *context, const char *name, const cJSON *event);
	void *context;
};

/* Starts the process. died (may be NULL) is told once when it ends by itself or is killed for being late, after its requests were answered. */
int helper_start(struct loop *loop, const struct helper_program *program, void (*died)(void *context), void *context,
    struct helper **ret_helper);

/* Kills the process and leaves NULL behind; requests still there are dropped without an answer. Accepts NULL. */
void helper_end(struct helper **helper);

/*
 * Queues a request: members (taken; may be NULL) become part of the frame, fds are taken (closed here once sent or given up), late is the
 * error when the deadline passes.  The deadline counts from when it is sent.  NULL when memory runs out; then nothing is called.
 */
struct helper_request *helper_request(struct helper *helper, const char *op, cJSON *members, const int *fds, size_t fds_count,
    unsigned deadline_ms, int late, struct helper_callbacks callbacks);

/*
 * Says more about the request under way: members (taken), to which its id is added, with fds (borrowed).  0; ERR_NOT_FOUND: it is not under
 * way; ERR_INTERNAL.
 */
int helper_tell(struct helper_request *request, cJSON *members, const int *fds, size_t fds_count);

/* Gives a request up and leaves NULL behind: its callbacks are not called any more. Accepts NULL. What the helper does for it, it ends on its own. */
void helper_cancel(struct helper_request **request);

/*
 * Gives a request up like helper_cancel(), and when it is the one under way kills the process: the others are answered with
 * ERR_MODULE_FAILED and died is told, so the helper may be gone afterwards.
 */
void helper_abort(struct helper_request **request);

#endif
