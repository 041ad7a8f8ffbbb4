/* SPDX-License-Identifier: Apache-2.0 */
/* protocol/dispatch.h: bytes of a page in, bytes to a page out: sessions, requests, and exactly one answer for each. */
#ifndef PROTOCOL_DISPATCH_H
#define PROTOCOL_DISPATCH_H

#include "operations/call.h"

#define CALLS_MAX 64	/* under way on one connection; more are answered with busy */

struct dispatch;

/* Where messages go. */
struct dispatch_output {
	void (*send_text)(void *context, uint64_t connection, const char *text);
	void (*close)(void *context, uint64_t connection, uint16_t code);
	void *context;
};

/* Borrows services. 0 or ERR_INTERNAL. */
int dispatch_new(struct services *services, struct dispatch_output output, struct dispatch **ret_dispatch);

/* Ends every session without a word. */
void dispatch_free(struct dispatch *dispatch);

/* What happens on connections. */
void dispatch_opened(struct dispatch *dispatch, uint64_t connection, const char *origin);
void dispatch_text(struct dispatch *dispatch, uint64_t connection, const char *bytes, size_t len);
void dispatch_binary(struct dispatch *dispatch, uint64_t connection, uint32_t document, const unsigned char *bytes, size_t len);
void dispatch_drained(struct dispatch *dispatch, uint64_t connection);
void dispatch_closed(struct dispatch *dispatch, uint64_t connection);

/* Sends a notification to the allowed sessions that have subscribed to its topic (params is borrowed). */
void dispatch_notify(struct dispatch *dispatch, const char *name, const cJSON *params);

/* Tells every page agent.stopping, and ends what is under way as user_cancelled. */
void dispatch_stop(struct dispatch *dispatch);

#endif
