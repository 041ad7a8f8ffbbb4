/* SPDX-License-Identifier: Apache-2.0 */
/* transport/server.h: WebSocket connections as numbers: messages in (of at most WIRE_MESSAGE_MAX bytes, else 1009), messages out. The only header of libwebsockets' room that others see. */
#ifndef TRANSPORT_SERVER_H
#define TRANSPORT_SERVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/loop.h"
#include "transport/listen.h"

#define SERVER_CONNECTIONS_MAX 256
#define SERVER_ORIGIN_MAX 64	/* of them one origin's; more are refused with 503 */
#define SERVER_QUEUE_MAX (16u << 20)	/* bytes waiting for a page that does not read; more closes its connection */

struct server;

/* What happens on connections; all on the loop's thread. A connection's number is never used again. */
struct server_events {
	bool (*origin_may_connect)(void *context, const char *origin);
	void (*opened)(void *context, uint64_t connection, const char *origin);
	void (*text)(void *context, uint64_t connection, const char *bytes, size_t len);
	/* A piece of a document's bytes, as it arrives: binary messages are never put together. Handle 0: a message without one. */
	void (*binary)(void *context, uint64_t connection, uint32_t document, const unsigned char *bytes, size_t len);
	void (*drained)(void *context, uint64_t connection);	/* all that was sent is on its way */
	void (*closed)(void *context, uint64_t connection);
};

/*
 * Serves the listeners (borrowed); events are borrowed too. tls_path: the file of transport/tls.h; while it is there, the same port speaks wss.
 * 0, ERR_INTERNAL.
 */
int server_new(struct loop *loop, const struct listeners *listeners, const char *tls_path, const struct server_events *events, void *context,
    struct server **ret_server);

/* Runs until server_stop(); then tells every page 1001, gives them a second to close, and returns. */
void server_run(struct server *server);
void server_stop(struct server *server);

void server_free(struct server *server);

/* Queues a message; the bytes are copied. To a number that has closed it does nothing. */
void server_send_text(struct server *server, uint64_t connection, const char *text);
void server_send_binary(struct server *server, uint64_t connection, uint32_t document, const void *data, size_t len);

/* Closes after what is queued. code: RFC 6455 section 7.4. */
void server_close(struct server *server, uint64_t connection, uint16_t code);

#endif
