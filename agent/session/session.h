/* SPDX-License-Identifier: Apache-2.0 */
/* session/session.h: one page's connection: who it is, what it may do, what it waits for, what it has sent. */
#ifndef SESSION_SESSION_H
#define SESSION_SESSION_H

#include <stdbool.h>
#include <stdint.h>

#include "session/documents.h"
#include "session/origin.h"

enum topic { TOPIC_READERS = 1, TOPIC_CARDS = 2, TOPIC_OPERATIONS = 4 };

struct call;	/* protocol/calls.c */

struct session {
	struct session *next;
	uint64_t connection;
	char origin[ORIGIN_MAX + 1];	/* the Origin header of the handshake and nothing else */
	enum grant asked;		/* what the user said on this connection: none, once, denied */
	unsigned topics;
	struct call *calls;		/* under way, newest first */
	size_t calls_count;
	struct documents documents;
};

/* A new session for a connection; origin is copied. NULL when memory runs out. */
struct session *session_new(uint64_t connection, const char *origin);

/* Frees it and its documents; its calls must be gone. Accepts NULL. */
void session_free(struct session *session);

/* What it may do now: the administrator's and the user's lists, then what was said on this connection. */
enum grant session_grant(const struct session *session, struct origins *origins);

#endif
