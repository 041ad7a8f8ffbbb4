/* SPDX-License-Identifier: Apache-2.0 */
/* transport/listen.h: the agent's own listening sockets, on the loopback addresses and nowhere else. */
#ifndef TRANSPORT_LISTEN_H
#define TRANSPORT_LISTEN_H

#include <stdint.h>

#define LISTEN_PORT_FIRST 15070
#define LISTEN_PORT_LAST 15079

struct listeners {
	int fds[2];	/* 127.0.0.1 and ::1; the second is -1 on a machine without IPv6 */
	uint16_t port;
};

/*
 * Listens on the first port of first..last that is free on both addresses.  The caller pairs it with listen_close().
 * 0, ERR_BUSY when none is free.
 */
int listen_open(uint16_t first, uint16_t last, struct listeners *ret_listeners);

void listen_close(struct listeners *listeners);

/* Reads back every listening socket of this process: 0 when all are loopback, ERR_INTERNAL (and a log line) otherwise. */
int listen_check_process(void);

#endif
