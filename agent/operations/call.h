/* SPDX-License-Identifier: Apache-2.0 */
/* operations/call.h: what an operation sees of the request that it answers, and of the agent. */
#ifndef OPERATIONS_CALL_H
#define OPERATIONS_CALL_H

#include <cjson/cJSON.h>

#include "base/loop.h"
#include "config.h"
#include "devices/devices.h"
#include "forms/forms.h"
#include "health/history.h"
#include "helpers/anchors.h"
#include "helpers/programs.h"
#include "helpers/prompt.h"
#include "session/audit.h"
#include "session/identity.h"
#include "session/limits.h"
#include "session/manifests.h"
#include "session/rates.h"
#include "session/session.h"

#define CALL_SECONDS 60

/* The agent's parts that operations use; one for the program's life. */
struct services {
	struct loop *loop;
	const struct config *config;
	const char *language;			/* tr or en */
	const struct programs *programs;
	struct origins *origins;
	struct identity *identity;
	struct audit *audit;
	struct manifests *manifests;
	struct limits *limits;
	struct rates *rates;
	struct devices *devices;
	struct prompts *prompts;
	struct form_catalogue *forms;
	struct anchors *anchors;		/* whose certificates count */
	cJSON *institution;			/* the profile, an object; may be empty */
	const char *spool;			/* folder for documents */
	const char *cache;			/* folder of OCSP answers and CRLs */
	const char *state;			/* folder for what outlasts the session */
	struct history *history;		/* of the readers */
	uint16_t port;				/* the agent's own; 0: it has none */
	/* Puts a binary frame on a connection's queue: a document's handle, then bytes. */
	void (*send_binary)(void *transport, uint64_t connection, uint32_t handle, const void *data, size_t len);
	void *transport;
};

/* A request that is being answered; protocol/calls.c owns it. */
struct call {
	struct services *services;
	struct session *session;
	struct call_private *own;
	struct manifest *manifest;	/* what it brought, checked (operations/manifest.h); NULL: none is wanted of its origin, or none was looked at yet */
};

/* Answers and frees the call, once: with result (taken), or with an error and further members for its data (taken; may be NULL). */
void call_finish(struct call *call, int err, cJSON *content);

/*
 * Says how to stop: cancel(context) is called at most once, when the page, its leaving or the deadline ends the call; it must release what
 * the operation holds and must not call call_finish().  NULL: it can't be stopped and will answer soon.
 */
void call_on_cancel(struct call *call, void (*cancel)(void *context), void *context);

/*
 * Says how to stop with what there is: operation.cancel asks stop(context) first.  True: the operation goes to its end and answers by itself,
 * perhaps within the call; false: it is cancelled.
 */
void call_on_stop(struct call *call, bool (*stop)(void *context), void *context);

/* Told when what was queued for the page has gone out (document.read). */
void call_on_drained(struct call *call, void (*drained)(void *context), void *context);

/* The call ends as timeout this many seconds from now; without it, CALL_SECONDS after it came. */
void call_extend(struct call *call, unsigned seconds);

/* operation.progress to the page, if it listens; at most ten a second. */
void call_progress(struct call *call, const char *step, int done, int total);

/*
 * prompt_open() for this call, as far as its origin may open dialogs now (session/limits.h); with_pin: a PIN is asked for in them.  How the
 * call ends then counts for the next, once they were on the screen: a call may have to wait for its turn (helpers/prompt.h), which its page is
 * told.  0, ERR_RATE_LIMITED (the answer's data says for how long), ERR_BUSY, ERR_INTERNAL.
 */
int call_dialogs_open(struct call *call, bool with_pin, struct prompt **ret_prompt);

/* The card refused, or may have refused, a PIN or PUK that the user typed: unless the call succeeds yet, it counts. */
void call_pin_refused(struct call *call);

/* The user said no, although the answer is no error. */
void call_user_refused(struct call *call);

/* Cancels another call of the same session by its request id; false when there is none. */
bool call_cancel_other(struct call *call, const cJSON *id);

/*
 * A method: params have passed its schema and the origin its permission.  0: the operation owns the call and will call call_finish() (or has
 * done so); else the error that the call is answered with.
 */
struct method {
	const char *name;
	int (*run)(struct call *call, const cJSON *params);
};

#endif
