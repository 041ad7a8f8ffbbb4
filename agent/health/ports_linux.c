/* SPDX-License-Identifier: Apache-2.0 */
/* health/ports_linux.c: who listens on the agent's ports, and whether hosts answer; runs on the probe's thread. */
#include "health/probe.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/wire.h"
#include "transport/listen.h"

#define SPEAK_MS 300
#define REACH_MS 3000
#define LISTENING 0x0A		/* TCP_LISTEN in /proc/net/tcp */

static void
table_read(const char *path, const char *loopback, struct probe_port *ports, size_t *count)
{
	FILE *file = fopen(path, "re");
	char line[512];

	while (file != NULL && fgets(line, sizeof(line), file) != NULL) {
		char address[40];
		unsigned port, state, uid;

		if (sscanf(line, " %*d: %39[0-9A-F]:%X %*[0-9A-F]:%*X %X %*s %*s %*s %u", address, &port, &state, &uid) != 4 ||
		    state != LISTENING || port < LISTEN_PORT_FIRST || port > LISTEN_PORT_LAST || *count == PROBE_PORTS_MAX)
			continue;
		ports[(*count)++] = (struct probe_port){ (uint16_t)port, uid, strcmp(address, loopback) == 0, false };
	}
	if (file != NULL)
		fclose(file);
}

size_t
ports_listening(struct probe_port ports[PROBE_PORTS_MAX])
{
	size_t count = 0;

	/* The kernel prints addresses as words in the machine's order. */
	table_read("/proc/net/tcp", "0100007F", ports, &count);
	table_read("/proc/net/tcp6", "00000000000000000000000001000000", ports, &count);
	return count;
}

/* A connection within that time; -1: errno says why not. */
static int
connect_within(const struct sockaddr *address, socklen_t len, int milliseconds)
{
	int fd = socket(address->sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), error = 0;
	struct pollfd ready = { fd, POLLOUT, 0 };
	socklen_t size = sizeof(error);

	if (fd < 0)
		return -1;
	if (connect(fd, address, len) != 0 && errno != EINPROGRESS)
		error = errno;
	else if (poll(&ready, 1, milliseconds) != 1)
		error = ETIMEDOUT;
	else
		getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size);
	if (error == 0)
		return fd;
	close(fd);
	errno = error;
	return -1;
}

bool
port_speaks(uint16_t port)
{
	const struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int fd = connect_within((const struct sockaddr *)&address, sizeof(address), SPEAK_MS), len;
	struct pollfd ready = { fd, POLLIN, 0 };
	char text[1024];
	ssize_t n = 0;

	if (fd < 0)
		return false;
	len = snprintf(text, sizeof(text), "GET / HTTP/1.1\r\nHost: 127.0.0.1:%u\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
	    "Origin: https://health.invalid\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: aW16YS1hZ2VudCBoZWFsdA==\r\n"
	    "Sec-WebSocket-Protocol: " WIRE_PROTOCOL "\r\n\r\n", port);
	if (send(fd, text, (size_t)len, MSG_NOSIGNAL) == len && poll(&ready, 1, SPEAK_MS) == 1)
		n = recv(fd, text, sizeof(text) - 1, 0);
	text[n > 0 ? n : 0] = '\0';
	close(fd);
	return strncmp(text, "HTTP/1.1 101", 12) == 0 && strstr(text, WIRE_PROTOCOL) != NULL;
}

void
host_reach(struct probe_host *host)
{
	const struct addrinfo hints = { .ai_socktype = SOCK_STREAM, .ai_flags = AI_ADDRCONFIG };
	struct addrinfo *list = NULL;
	struct timespec start, end;
	int fd = -1;

	clock_gettime(CLOCK_MONOTONIC, &start);
	host->error = -1;
	if (getaddrinfo(host->name, "80", &hints, &list) != 0)
		return;
	for (const struct addrinfo *a = list; a != NULL && fd < 0; a = a->ai_next) {
		fd = connect_within(a->ai_addr, a->ai_addrlen, REACH_MS);
		host->error = fd >= 0 ? 0 : errno;
	}
	freeaddrinfo(list);
	if (fd >= 0)
		close(fd);
	clock_gettime(CLOCK_MONOTONIC, &end);
	host->ms = (double)(end.tv_sec - start.tv_sec) * 1000 + (double)(end.tv_nsec - start.tv_nsec) / 1e6;
}
