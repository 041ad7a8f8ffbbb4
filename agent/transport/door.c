/* SPDX-License-Identifier: Apache-2.0 */
/* transport/door.c: accept, peer check, and the waiting room for connections that have not sent a byte yet. */
#include "transport/door.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/err.h"
#include "base/log.h"
#include "transport/peer.h"

#define TLS_HANDSHAKE 0x16	/* RFC 8446 section 5.1: the first byte of a ClientHello's record */

struct silent {
	struct door *door;
	struct silent *next;		/* newest first */
	int fd;
	struct loop_watch *watch;
	struct loop_timer *timer;
};

struct door {
	struct loop *loop;
	void (*spoke)(void *context, int fd, bool tls);
	void *context;
	const struct listeners *listeners;
	struct loop_watch *watches[2];
	struct silent *silent;
	size_t silent_count;
};

/* Takes it out of the room; the descriptor is the caller's. */
static int
silent_leave(struct silent *silent)
{
	struct silent **place = &silent->door->silent;
	int fd = silent->fd;

	while (*place != silent)
		place = &(*place)->next;
	*place = silent->next;
	silent->door->silent_count--;
	loop_unwatch(&silent->watch);
	loop_cancel(&silent->timer);
	free(silent);
	return fd;
}

static void
silent_too_long(void *context)
{
	struct silent *silent = context;

	silent->timer = NULL;
	close(silent_leave(silent));
}

static void
silent_spoke(void *context, uint32_t events)
{
	struct silent *silent = context;
	struct door *door = silent->door;
	unsigned char first;
	ssize_t n = recv(silent->fd, &first, 1, MSG_PEEK);
	int fd;

	(void)events;
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	fd = silent_leave(silent);
	if (n == 1)
		door->spoke(door->context, fd, first == TLS_HANDSHAKE);
	else
		close(fd);
}

static void
silent_enter(struct door *door, int fd)
{
	struct silent *silent = calloc(1, sizeof(*silent)), *oldest;

	if (silent == NULL) {
		close(fd);
		return;
	}
	*silent = (struct silent){ .door = door, .next = door->silent, .fd = fd };
	door->silent = silent;
	door->silent_count++;
	silent->watch = loop_watch(door->loop, fd, EPOLLIN, silent_spoke, silent);
	silent->timer = loop_after(door->loop, DOOR_SILENT_MS, silent_too_long, silent);
	if (silent->watch == NULL || silent->timer == NULL) {
		close(silent_leave(silent));
		return;
	}
	if (door->silent_count > DOOR_SILENT_MAX) {
		for (oldest = door->silent; oldest->next != NULL; oldest = oldest->next)
			;
		close(silent_leave(oldest));
	}
}

static void
door_accept(struct door *door, int listener)
{
	int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

	if (fd < 0)
		return;
	if (!peer_is_own_user(fd)) {
		log_info("a connection of another user was closed");
		close(fd);
		return;
	}
	/* Notifications are small: held back to be sent with the next they would wait for the page's delayed ACK, 40 ms. */
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &(int){ 1 }, sizeof(int));
	silent_enter(door, fd);
}

static void
door_knock_v4(void *context, uint32_t events)
{
	struct door *door = context;

	(void)events;
	door_accept(door, door->listeners->fds[0]);
}

static void
door_knock_v6(void *context, uint32_t events)
{
	struct door *door = context;

	(void)events;
	door_accept(door, door->listeners->fds[1]);
}

int
door_new(struct loop *loop, const struct listeners *listeners, void (*spoke)(void *context, int fd, bool tls), void *context, struct door **ret_door)
{
	struct door *door = calloc(1, sizeof(*door));

	if (door == NULL)
		return ERR_INTERNAL;
	*door = (struct door){ .loop = loop, .spoke = spoke, .context = context, .listeners = listeners };
	door->watches[0] = loop_watch(loop, listeners->fds[0], EPOLLIN, door_knock_v4, door);
	if (listeners->fds[1] >= 0)
		door->watches[1] = loop_watch(loop, listeners->fds[1], EPOLLIN, door_knock_v6, door);
	if (door->watches[0] == NULL || (listeners->fds[1] >= 0 && door->watches[1] == NULL)) {
		door_free(door);
		return ERR_INTERNAL;
	}
	*ret_door = door;
	return 0;
}

void
door_free(struct door *door)
{
	if (door == NULL)
		return;
	loop_unwatch(&door->watches[0]);
	loop_unwatch(&door->watches[1]);
	while (door->silent != NULL)
		close(silent_leave(door->silent));
	free(door);
}
