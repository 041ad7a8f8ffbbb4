/* SPDX-License-Identifier: Apache-2.0 */
/* transport/peer.h: whose program is at the other end of a loopback connection. */
#ifndef TRANSPORT_PEER_H
#define TRANSPORT_PEER_H

#include <stdbool.h>

/* True only when the peer socket of this accepted TCP connection belongs to our own effective user; false when in doubt. */
bool peer_is_own_user(int fd);

#endif
