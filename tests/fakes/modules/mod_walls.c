/* SPDX-License-Identifier: Apache-2.0 */
/* mod_walls.c: tries what a driver has no business with, and says in its token's label what it got: a word each. */
#include "mod_core.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static unsigned char got[33];

static void
note(const char *word, bool worked)
{
	size_t len = strlen((const char *)got);

	if (worked)
		snprintf((char *)got + len, sizeof(got) - len, "%s ", word);
}

/* The folder is MOD_FOLDER. */
static bool
file_opens(const char *name, int flags)
{
	const char *folder = getenv("MOD_FOLDER");
	char path[256];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", folder != NULL ? folder : "/nonexistent", name);
	if ((fd = open(path, flags, 0600)) >= 0)
		close(fd);
	return fd >= 0;
}

static bool
program_starts(void)
{
	static const char *const argv[] = { "/bin/true", NULL };
	int status = -1;
	pid_t pid = fork();

	if (pid == 0) {
		execve(argv[0], (char *const *)(size_t)argv, NULL);
		_exit(1);
	}
	return waitpid(pid, &status, 0) == pid && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

void
mod_setup(void)
{
	char byte;
	struct { void *base; size_t len; } mine = { &byte, 1 }, theirs = { &byte, 1 };

	note("read", file_opens("file", O_RDONLY));
	note("change", file_opens("file", O_RDWR));
	note("make", file_opens("new", O_WRONLY | O_CREAT));
	note("net", socket(AF_INET, SOCK_STREAM, 0) >= 0);
	note("local", socket(AF_UNIX, SOCK_STREAM, 0) >= 0);
	note("start", program_starts());
	note("spy", syscall(SYS_process_vm_readv, getppid(), &mine, 1, &theirs, 1, 0) >= 0);
	mod.label = got;
}
