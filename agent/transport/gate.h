/* SPDX-License-Identifier: Apache-2.0 */
/* transport/gate.h: what a WebSocket handshake must say to be let in. */
#ifndef TRANSPORT_GATE_H
#define TRANSPORT_GATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define GATE_VALUE_MAX 256	/* longest header value that the gate looks at, with its terminator */

/* One header; len counts what came, so that an embedded NUL shows. */
struct gate_value {
	char text[GATE_VALUE_MAX];
	size_t len;
	bool present, too_long;
};

struct gate_handshake {
	struct gate_value upgrade, version, host, origin, protocol, uri, fetch_mode, fetch_site;
};

/*
 * The HTTP status to refuse with, or 0 to let the handshake go on (RFC 6455 section 4.2; browsers.md A6).  400: not a handshake of ours,
 * or no version we have; 426: another WebSocket version; 421: not sent to this host; 403: this origin may not connect.
 */
int gate_check(const struct gate_handshake *handshake, uint16_t port, bool (*origin_may_connect)(void *context, const char *origin),
    void *context);

#endif
