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

/*
 * Takes the sockets that a service manager opened for this process (sd_listen_fds(3): LISTEN_PID, LISTEN_FDS), which are then no more in the
 * environment.  One for 127.0.0.1 must be there, on a port of first..last; ::1 on the same port is opened when it is not.  0;
 * ERR_NOT_FOUND when there are none; ERR_INVALID_PARAMS, after a log line, when one is anything else: then nothing was taken.
 */
int listen_inherit(uint16_t first, uint16_t last, struct listeners *ret_listeners);

void listen_close(struct listeners *listeners);

/* Reads back every listening socket of this process: 0 when all are loopback, ERR_INTERNAL (and a log line) otherwise. */
int listen_check_process(void);

#endif
