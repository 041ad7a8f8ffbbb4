/* SPDX-License-Identifier: Apache-2.0 */
/* health/probe.h: what may block (PC/SC, connections), looked at by a thread of its own. */
#ifndef HEALTH_PROBE_H
#define HEALTH_PROBE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/loop.h"
#include "devices/pcsc.h"

#define PROBE_PORTS_MAX 20	/* ten ports, two address families */
#define PROBE_HOSTS_MAX 8
#define PROBE_ROUNDS 20		/* commands that a card's speed is taken from */

/* A listening socket on one of the agent's ports. */
struct probe_port {
	uint16_t port;
	uint32_t uid;
	bool loopback;
	bool agent;		/* it speaks our protocol to us; another user's agent does not */
};

/* The card's answers to GET CHALLENGE (ISO 7816-4 clause 11.5.3): spends no try and moves no selection. */
struct probe_card {
	char reader[PCSC_NAME_MAX];
	long connected;		/* of SCardConnect; 0: success */
	long failed;		/* of the first SCardTransmit that failed */
	unsigned rounds;
	double median_ms, p95_ms;
};

struct probe_host {
	char name[64];
	int error;		/* errno, or -1: the name is not known */
	double ms;
};

/* Filled in by the thread; read it once it has ended. */
struct probe_result {
	long established;	/* of SCardEstablishContext */
	double established_ms;
	struct probe_port ports[PROBE_PORTS_MAX];
	size_t ports_count;
	struct probe_card cards[PCSC_READERS_MAX];
	size_t cards_count;
	struct probe_host hosts[PROBE_HOSTS_MAX];
	size_t hosts_count;	/* set by the caller with the names */
};

struct probe;

/*
 * Starts the thread.  cards: time them; own_port: this agent's, 0: none.  done is called once, on the loop.  hosts (names with count) are
 * connected to.  NULL when it can't be started.
 */
struct probe *probe_start(struct loop *loop, const struct probe_result *hosts, bool cards, uint16_t own_port,
    void (*done)(void *context, const struct probe_result *result), void *context);

/*
 * Leaves the thread alone, however long it still blocks; done is not called. Leaves NULL behind; accepts NULL.  ret_partial (NULL: not wanted)
 * gets what the thread had found before PC/SC, and true is returned, when it had come so far.
 */
bool probe_abandon(struct probe **probe, struct probe_result *ret_partial);

/* The listening sockets on the agent's ports, from the kernel's tables (agent is not filled in). Their number. */
size_t ports_listening(struct probe_port ports[PROBE_PORTS_MAX]);

/* Whether an agent that serves us answers a WebSocket handshake on 127.0.0.1:port, within a third of a second. */
bool port_speaks(uint16_t port);

/* Connects to port 80 of the host, within three seconds. */
void host_reach(struct probe_host *host);

#endif
