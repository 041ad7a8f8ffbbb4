/* SPDX-License-Identifier: Apache-2.0 */
/* transport/listen.c: binds 127.0.0.1 and ::1 by hand: libwebsockets 4.1's `iface` binds all interfaces when built with IPv6. */
#include "transport/listen.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/err.h"
#include "base/log.h"

union address {
	struct sockaddr any;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
};

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

int
listen_open(uint16_t first, uint16_t last, struct listeners *ret_listeners)
{
	for (unsigned port = first; port <= last; port++) {
		struct listeners l = { { socket_open(AF_INET, (uint16_t)port), -1 }, (uint16_t)port };

		if (l.fds[0] < 0)
			continue;
		l.fds[1] = socket_open(AF_INET6, (uint16_t)port);
		/* Who holds [::1] on our port would answer pages that say "localhost". */
		if (l.fds[1] < 0 && l.fds[1] != -EAFNOSUPPORT && l.fds[1] != -EADDRNOTAVAIL) {
			close(l.fds[0]);
			continue;
		}
		if (l.fds[1] < 0)
			l.fds[1] = -1;
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
