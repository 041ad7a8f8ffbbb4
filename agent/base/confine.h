/* SPDX-License-Identifier: Apache-2.0 */
/* base/confine.h: the walls around a program that runs others' code or starts others' programs: wider than base/sandbox.h, but walls. */
#ifndef BASE_CONFINE_H
#define BASE_CONFINE_H

#include <stdbool.h>

struct confinement {
	const char *const *writable;	/* NULL-terminated (or NULL): folders in which files may be changed beside the usual ones */
	bool network;			/* internet sockets: may connect */
	bool programs;			/* may start programs, which have the same walls */
};

/*
 * From here on this process, its threads and what it starts change files in no other folders than writable and the usual ones (/dev, /tmp,
 * /var/tmp, $XDG_RUNTIME_DIR, and $XDG_CACHE_HOME or $HOME/.cache); trace and read no other process, mount nothing, enter and make no
 * namespace, and don't reach the kernel's less guarded corners (bpf, io_uring, keys, perf, userfaultfd); and, unless allowed, open no
 * internet, packet or netlink socket and start no program.  What is refused fails with EPERM or EACCES.  Call it after harden_process(),
 * before any thread.  0, or ERR_INTERNAL when the kernel lacks seccomp; one without Landlock is told in the log and leaves files as they are.
 */
int confine_process(const struct confinement *confinement);

#endif
