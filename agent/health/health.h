/* SPDX-License-Identifier: Apache-2.0 */
/* health/health.h: what is wrong at this workstation: one run of all checks. */
#ifndef HEALTH_HEALTH_H
#define HEALTH_HEALTH_H

#include <stdbool.h>
#include <cjson/cJSON.h>

#include "operations/call.h"

struct health_options {
	const char *reader;	/* only what belongs to this one; NULL: all */
	bool deep;		/* time the card's answers, and go the way to a signature up to the PIN */
	bool network;		/* with deep: connect to the providers' servers */
	bool command_line;	/* this program is not the agent that pages speak to */
	const char *root;	/* system files are looked at below this folder; "" for this system */
};

struct health_run;

/*
 * Starts a run; what options point to is borrowed until done.  done is called once, later, with the result of reader.health (borrowed) and
 * figures for metrics: an array of objects name, label, value (borrowed); found: options.reader is there.  NULL when memory runs out.
 */
struct health_run *health_start(struct services *services, const struct health_options *options,
    void (*done)(void *context, bool found, const cJSON *result, const cJSON *figures), void *context);

/* Gives a run up: done is not called. Leaves NULL behind; accepts NULL. */
void health_cancel(struct health_run **run);

#endif
