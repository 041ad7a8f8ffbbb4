/* SPDX-License-Identifier: Apache-2.0 */
/* transport/listen.c: binds 127.0.0.1 and ::1 by hand: libwebsockets 4.1's `iface` binds all interfaces when built with IPv6. */
#include "transport/listen.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/err.h"
#include "base/log.h"

#define INHERITED_FIRST 3	/* SD_LISTEN_FDS_START */
#define INHERITED_MAX 8

union address {
	struct sockaddr any;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
};

static bool
address_is_loopback(const union address *a)
{
	switch (a->any.sa_family) {
	case AF_INET:
		return a->v4.sin_addr.s_addr == htonl(INADDR_LOOPBACK);
	case AF_INET6:
		return IN6_IS_ADDR_LOOPBACK(&a->v6.sin6_addr);
	default:
		return a->any.sa_family == AF_UNIX;
	}
}

/* A listening socket, or a negative errno. */
static int
socket_open(int family, uint16_t port)
{
	union address a = { .any.sa_family = (sa_family_t)family };
	socklen_t len = family == AF_INET ? sizeof(a.v4) : sizeof(a.v6);
	const int on = 1;
	int fd, error;

	if (family == AF_INET) {
		a.v4.sin_port = htons(port);
		a.v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	} else {
		a.v6.sin6_port = htons(port);
		a.v6.sin6_addr = in6addr_loopback;
	}
	if ((fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)) < 0)
		return -errno;
	/* REUSEADDR only ends TIME_WAIT on Linux; it does not let two programs listen. */
	if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) == 0 &&
	    (family == AF_INET || setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on)) == 0) &&
	    bind(fd, &a.any, len) == 0 && listen(fd, 64) == 0)
		return fd;
	error = errno;
	close(fd);
	return -error;
}

/* The second socket for a first one: [::1] of the same port. False when someone else holds it. */
static bool
second_open(struct listeners *l)
{
	int fd = socket_open(AF_INET6, l->port);

	/* Who holds [::1] on our port would answer pages that say "localhost". */
	if (fd < 0 && fd != -EAFNOSUPPORT && fd != -EADDRNOTAVAIL)
		return false;
	l->fds[1] = fd < 0 ? -1 : fd;
	return true;
}

int
listen_open(uint16_t first, uint16_t last, struct listeners *ret_listeners)
{
	for (unsigned port = first; port <= last; port++) {
		struct listeners l = { { socket_open(AF_INET, (uint16_t)port), -1 }, (uint16_t)port };

		if (l.fds[0] < 0)
			continue;
		if (!second_open(&l)) {
			close(l.fds[0]);
			continue;
		}
		*ret_listeners = l;
		return 0;
	}
	return ERR_BUSY;
}

void
listen_close(struct listeners *listeners)
{
	for (int i = 0; i < 2; i++) {
		if (listeners->fds[i] >= 0)
			close(listeners->fds[i]);
		listeners->fds[i] = -1;
	}
}

/* How many descriptors from 3 on are meant for this process; told once. */
static int
inherited_count(void)
{
	const char *pid = getenv("LISTEN_PID"), *count = getenv("LISTEN_FDS");
	int n = pid != NULL && count != NULL && atol(pid) == (long)getpid() ? atoi(count) : 0;

	unsetenv("LISTEN_PID");
	unsetenv("LISTEN_FDS");
	unsetenv("LISTEN_FDNAMES");
	return n > 0 && n <= INHERITED_MAX ? n : 0;
}

/* The place of a descriptor in struct listeners and its port: a listening TCP socket of a loopback address; -1 when it is none. */
static int
inherited_place(int fd, uint16_t *ret_port)
{
	int listening = 0, type = 0;
	union address a = { 0 };
	socklen_t len = sizeof(listening);

	if (getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listening, &len) != 0 || !listening ||
	    getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &len) != 0 || type != SOCK_STREAM)
		return -1;
	len = sizeof(a);
	if (getsockname(fd, &a.any, &len) != 0 || a.any.sa_family == AF_UNIX || !address_is_loopback(&a))
		return -1;
	*ret_port = ntohs(a.any.sa_family == AF_INET ? a.v4.sin_port : a.v6.sin6_port);
	return a.any.sa_family == AF_INET ? 0 : 1;
}

int
listen_inherit(uint16_t first, uint16_t last, struct listeners *ret_listeners)
{
	struct listeners l = { { -1, -1 }, 0 };
	int count = inherited_count();

	if (count == 0)
		return ERR_NOT_FOUND;
	for (int fd = INHERITED_FIRST; fd < INHERITED_FIRST + count; fd++) {
		uint16_t port = 0;
		int place = inherited_place(fd, &port);

		if (place < 0 || l.fds[place] >= 0 || port < first || port > last || (l.port != 0 && l.port != port)) {
			log_error("descriptor %d of the service manager is not 127.0.0.1 or [::1] on a port from %u to %u", fd, first, last);
			return ERR_INVALID_PARAMS;
		}
		if (fcntl(fd, F_SETFD, FD_CLOEXEC) != 0 || fcntl(fd, F_SETFL, O_NONBLOCK) != 0)
			return ERR_INVALID_PARAMS;
		l.fds[place] = fd;
		l.port = port;
	}
	if (l.fds[0] < 0 || (l.fds[1] < 0 && !second_open(&l))) {
		log_error("the service manager's sockets leave out an address, and it is taken");
		return ERR_INVALID_PARAMS;
	}
	*ret_listeners = l;
	return 0;
}

int
listen_check_process(void)
{
	DIR *folder = opendir("/proc/self/fd");
	struct dirent *entry;
	int r = 0;

	if (folder == NULL)
		return ERR_INTERNAL;
	while ((entry = readdir(folder)) != NULL) {
		int fd = atoi(entry->d_name), listening = 0;
		union address a = { 0 };
		socklen_t len = sizeof(listening);

		if (getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listening, &len) != 0 || !listening)
			continue;
		len = sizeof(a);
		if (getsockname(fd, &a.any, &len) != 0 || !address_is_loopback(&a)) {
			log_error("descriptor %d listens beyond this machine", fd);
			r = ERR_INTERNAL;
		}
	}
	closedir(folder);
	return r;
}
