/* SPDX-License-Identifier: Apache-2.0 */
/* base/landlock.h: which files a process may still reach (Landlock, since Linux 5.13). */
#ifndef BASE_LANDLOCK_H
#define BASE_LANDLOCK_H

#include <stdbool.h>

struct landlock_rules {
	const char *const *readable;	/* NULL-terminated folders and files that may be read; NULL: every file may be read and run */
	const char *const *runnable;	/* with readable: NULL-terminated programs that may be run, and what loads them; NULL: none */
	const char *const *writable;	/* NULL-terminated folders that may be read and changed; NULL: none */
	bool no_tcp;			/* neither connect nor bind, where the kernel knows how */
};

/*
 * Restricts this process and all that it starts, for ever; folders that are not there are left out.  Call it after harden_process(), before
 * any thread.  0; ERR_NOT_SUPPORTED when the kernel has no Landlock (nothing is restricted); ERR_INTERNAL.
 */
int landlock_restrict(const struct landlock_rules *rules);

#endif
