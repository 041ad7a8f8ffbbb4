/* SPDX-License-Identifier: Apache-2.0 */
/* transport/handshake.h: the HTTP side of a connection, inside the room that knows libwebsockets. */
#ifndef TRANSPORT_HANDSHAKE_H
#define TRANSPORT_HANDSHAKE_H

#include <libwebsockets.h>

#include "transport/gate.h"

/* The Origin header; present, too_long and len tell what came. */
void handshake_origin(struct lws *wsi, struct gate_value *ret_origin);

/* Every header that the gate judges by. */
void handshake_read(struct lws *wsi, struct gate_handshake *ret_handshake);

/* Answers an upgrade with this status; the callback then returns 1. */
void handshake_refuse(struct lws *wsi, int status);

/* Answers a plain request: a person's browser gets one line, all else 404 or 405; nothing has side effects. Returns what the callback returns. */
int handshake_plain(struct lws *wsi);

#endif
