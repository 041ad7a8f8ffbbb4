/* SPDX-License-Identifier: Apache-2.0 */
/* base/spawn_linux.c: starting and ending helper processes on Linux (pidfd, parent-death signal). */
#include "base/spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/err.h"
#include "base/frame.h"
#include "base/log.h"

/* In the child, until exec: only async-signal-safe calls. */
static void __attribute__((noreturn))
child_run(int socket_fd, int report_fd, pid_t parent, const char *const argv[], const char *const envp[])
{
	sigset_t none;
	int null, error;

	/* Away from 0..3 first, so that the dup2 below can't overwrite them. */
	socket_fd = fcntl(socket_fd, F_DUPFD, 10);
	report_fd = fcntl(report_fd, F_DUPFD_CLOEXEC, 10);
	null = open("/dev/null", O_RDWR);
	if (socket_fd < 0 || report_fd < 0 || null < 0 || dup2(null, STDIN_FILENO) < 0 || dup2(null, STDOUT_FILENO) < 0 ||
	    dup2(socket_fd, FRAME_HELPER_FD) < 0)
		goto fail;
	/* report_fd is >= 10 and close-on-exec; everything else above the socket goes. */
	if (close_range(FRAME_HELPER_FD + 1, (unsigned)report_fd - 1, 0) != 0 || close_range((unsigned)report_fd + 1, ~0u, 0) != 0)
		goto fail;
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || getppid() != parent)
		goto fail;
	setsid();
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	signal(SIGPIPE, SIG_DFL);
	execve(argv[0], (char *const *)(uintptr_t)argv, (char *const *)(uintptr_t)envp);
fail:
	error = errno;
	if (write(report_fd, &error, sizeof(error)) < 0)
		_exit(126);
	_exit(127);
}

int
spawn_helper(const char *const argv[], const char *const envp[], struct spawned *ret_spawned)
{
	int sockets[2] = { -1, -1 }, report[2] = { -1, -1 }, error = 0, r = ERR_INTERNAL;
	struct spawned spawned = { .pid = 0, .fd = -1, .pidfd = -1 };
	pid_t parent = getpid();

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sockets) != 0 || pipe2(report, O_CLOEXEC) != 0)
		goto out;
	if ((spawned.pid = fork()) < 0) {
		spawned.pid = 0;
		goto out;
	}
	if (spawned.pid == 0)
		child_run(sockets[1], report[1], parent, argv, envp);
	spawned.pidfd = (int)syscall(SYS_pidfd_open, spawned.pid, 0);
	close(report[1]);
	report[1] = -1;
	/* End of file: exec has closed it. Anything else: it failed. */
	if (spawned.pidfd < 0 || read(report[0], &error, sizeof(error)) != 0) {
		log_error("can't start %s: %s", argv[0], strerror(error));
		goto out;
	}
	spawned.fd = sockets[0];
	sockets[0] = -1;
	*ret_spawned = spawned;
	spawned = (struct spawned){ .pid = 0, .fd = -1, .pidfd = -1 };
	r = 0;
out:
	spawn_end(&spawned);
	for (int i = 0; i < 2; i++) {
		if (sockets[i] >= 0)
			close(sockets[i]);
		if (report[i] >= 0)
			close(report[i]);
	}
	return r;
}

int
spawn_end(struct spawned *spawned)
{
	int status = -1;

	if (spawned->pid > 0) {
		kill(spawned->pid, SIGKILL);
		while (waitpid(spawned->pid, &status, 0) < 0 && errno == EINTR)
			;
	}
	if (spawned->fd >= 0)
		close(spawned->fd);
	if (spawned->pidfd >= 0)
		close(spawned->pidfd);
	*spawned = (struct spawned){ .pid = 0, .fd = -1, .pidfd = -1 };
	return status;
}
