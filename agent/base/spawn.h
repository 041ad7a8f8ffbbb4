/* SPDX-License-Identifier: Apache-2.0 */
/* base/spawn.h: starts a helper with one socket, a clean environment and nothing else open. */
#ifndef BASE_SPAWN_H
#define BASE_SPAWN_H

#include <sys/types.h>

struct spawned {
	pid_t pid;
	int fd;		/* our end of the socket, close-on-exec */
	int pidfd;	/* readable once the process has ended */
};

/*
 * Runs argv[0] (an absolute path) with descriptor FRAME_HELPER_FD as its socket, and environment envp.  A failed exec is reported here.
 * The child gets SIGKILL when the calling thread's process ends.  0 and *ret_spawned is the caller's, or ERR_INTERNAL.
 */
int spawn_helper(const char *const argv[], const char *const envp[], struct spawned *ret_spawned);

/* SIGKILL, wait, close everything. Accepts a struct whose pid is 0. Returns the wait status, -1 when there was no process. */
int spawn_end(struct spawned *spawned);

#endif
