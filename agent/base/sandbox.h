/* SPDX-License-Identifier: Apache-2.0 */
/* base/sandbox.h: the walls around a program that reads what strangers made. */
#ifndef BASE_SANDBOX_H
#define BASE_SANDBOX_H

#include <stdbool.h>

/*
 * From here on this process opens no file but for reading below these folders (NULL-terminated), has no network and no other IPC than the
 * descriptors it holds, starts no program and no process, maps nothing executable.  What is refused fails with EPERM or EACCES.  Call it
 * after harden_process() and after everything is loaded, before any thread.  0, or ERR_INTERNAL when the kernel lacks seccomp; a kernel
 * without Landlock is told in the log and leaves files to seccomp alone: then none at all can be opened.
 */
int sandbox_enter(const char *const *readable);

/*
 * The same for a program that asks servers: it may connect to the internet (which servers is its own affair: fetch/address.h), also read
 * what is below the NULL-terminated readable files and folders, and change files in the folder writable (NULL: in none).  It still
 * accepts no connection and reaches no other program of this machine by its local sockets.
 */
int sandbox_enter_network(const char *const *readable, const char *writable);

/*
 * The same as sandbox_enter() for a process that has others' programs read what strangers made: it may start those in runnable (absolute
 * paths, NULL-terminated, the dynamic loader among them), which are in the same sandbox from their first instruction.
 */
int sandbox_enter_programs(const char *const *readable, const char *const *runnable);

/* Whether sandbox_enter() does anything: sanitizers can't live in it. */
bool sandbox_works(void);

#endif
