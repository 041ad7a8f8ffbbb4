/* SPDX-License-Identifier: Apache-2.0 */
/* transport/door.h: accepts connections, checks whose they are, and holds them cheaply while they are silent. */
#ifndef TRANSPORT_DOOR_H
#define TRANSPORT_DOOR_H

#include <stdbool.h>

#include "base/loop.h"
#include "transport/listen.h"

#define DOOR_SILENT_MAX 64		/* held at once; the oldest goes when one more comes */
#define DOOR_SILENT_MS (5 * 60 * 1000)	/* a browser connects before its permission prompt is answered */

struct door;

/*
 * Watches the listeners (borrowed). A connection of our own user is handed to `spoke` with its first byte unread, and whether that byte
 * begins a TLS handshake; what it does not take it closes. 0 or ERR_INTERNAL.
 */
int door_new(struct loop *loop, const struct listeners *listeners, void (*spoke)(void *context, int fd, bool tls), void *context,
    struct door **ret_door);

/* Stops accepting and closes what is still silent. Accepts NULL. */
void door_free(struct door *door);

#endif
