/* SPDX-License-Identifier: Apache-2.0 */
/* test_confine.c: what imza-agent, imza-token and imza-prompt may still do behind their walls, and what they may not. */
#include "test.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/confine.h"
#include "base/harden.h"
#include "base/sandbox.h"

/* In the working folder: /tmp may be written everywhere. */
static char writable[] = "test-confine-XXXXXX", elsewhere[] = "test-confine-XXXXXX";

/* Runs work in a child behind these walls; its result is the exit status. */
static int
behind(bool network, bool programs, int (*work)(void))
{
	const char *const folders[] = { writable, "/nonexistent", NULL };
	int status = -1;
	pid_t pid = fork();

	if (pid == 0) {
		if (harden_process() != 0 || confine_process(&(struct confinement){ folders, network, programs }) != 0)
			_exit(99);
		_exit(work());
	}
	waitpid(pid, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 200 + WTERMSIG(status);
}

/* Whether this file can be made, or opened for writing. */
static bool
writes(const char *folder, const char *name)
{
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	if ((fd = open(path, O_WRONLY | O_CREAT, 0600)) >= 0)
		close(fd);
	return fd >= 0;
}

static bool
reads(const char *folder, const char *name)
{
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	if ((fd = open(path, O_RDONLY)) >= 0)
		close(fd);
	return fd >= 0;
}

static int
files(void)
{
	char path[64], other[64];

	snprintf(path, sizeof(path), "%s/file", elsewhere);
	snprintf(other, sizeof(other), "%s/moved", elsewhere);
	if (!reads(elsewhere, "file") || !reads("/etc", "passwd"))
		return 1;
	if (writes(elsewhere, "file") || writes(elsewhere, "new") || unlink(path) == 0 || rename(path, other) == 0 || truncate(path, 0) == 0)
		return 2;
	if (!writes(writable, "new"))
		return 3;
	snprintf(path, sizeof(path), "%s/new", writable);
	return unlink(path) == 0 ? 0 : 4;
}

static int
sockets_none(void)
{
	if (socket(AF_INET, SOCK_STREAM, 0) >= 0 || socket(AF_INET6, SOCK_DGRAM, 0) >= 0 || socket(AF_NETLINK, SOCK_RAW, 0) >= 0 ||
	    socket(AF_PACKET, SOCK_RAW, 0) >= 0)
		return 1;
	return socket(AF_UNIX, SOCK_STREAM, 0) >= 0 ? 0 : 2;
}

static int
sockets_internet(void)
{
	if (socket(AF_INET, SOCK_STREAM, 0) < 0 || socket(AF_INET6, SOCK_STREAM, 0) < 0 || socket(AF_UNIX, SOCK_STREAM, 0) < 0)
		return 1;
	return socket(AF_PACKET, SOCK_RAW, 0) < 0 && socket(AF_VSOCK, SOCK_STREAM, 0) < 0 ? 0 : 2;
}

static int
program_run(const char *script)
{
	const char *const argv[] = { "/bin/sh", "-c", script, NULL };
	int status = -1;
	pid_t pid = fork();

	if (pid == 0) {
		execve(argv[0], (char *const *)(size_t)argv, NULL);
		_exit(errno == EPERM ? 77 : 78);
	}
	waitpid(pid, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 200;
}

static int
programs_none(void)
{
	return program_run("exit 0") == 77 ? 0 : 1;
}

/* What it starts has the same walls. */
static int
programs_confined(void)
{
	char script[200];

	snprintf(script, sizeof(script), "cat %s/file >/dev/null && ! echo x 2>/dev/null >>%s/file && echo x >%s/made && rm %s/made", elsewhere,
	    elsewhere, writable, writable);
	return program_run(script);
}

static int
others(void)
{
	if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) == 0 || syscall(SYS_process_vm_readv, getppid(), NULL, 0, NULL, 0, 0) == 0)
		return 1;
	if (unshare(CLONE_NEWUSER) == 0 || mount("none", writable, "tmpfs", 0, NULL) == 0 || chroot(writable) == 0)
		return 2;
	if (syscall(SYS_bpf, 0, NULL, 0) >= 0 || errno != EPERM)
		return 3;
	if (syscall(SYS_io_uring_setup, 1, NULL) >= 0 || errno != EPERM)
		return 4;
	return 0;
}

static void *
thread_run(void *context)
{
	*(int *)context = 1;
	return NULL;
}

/* A driver's or a toolkit's code does all this. */
static int
needed(void)
{
	pthread_t thread;
	int ran = 0;
	void *code = mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (code == MAP_FAILED)
		return 1;
	if (pthread_create(&thread, NULL, thread_run, &ran) != 0 || pthread_join(thread, NULL) != 0 || ran != 1)
		return 2;
	return open("/dev/null", O_RDONLY) >= 0 ? 0 : 3;
}

static void
files_change_in_the_named_folders_only(void)
{
	CHECK_INT(behind(false, false, files), 0);
}

static void
no_internet_unless_allowed(void)
{
	CHECK_INT(behind(false, false, sockets_none), 0);
	CHECK_INT(behind(true, false, sockets_internet), 0);
}

static void
no_program_unless_allowed_and_then_behind_the_same_walls(void)
{
	CHECK_INT(behind(false, false, programs_none), 0);
	CHECK_INT(behind(false, true, programs_confined), 0);
}

static void
other_processes_and_the_kernel_are_out_of_reach(void)
{
	CHECK_INT(behind(true, true, others), 0);
}

static void
what_foreign_code_needs_works(void)
{
	CHECK_INT(behind(false, false, needed), 0);
}

static const struct test_case cases[] = {
	TEST_CASE(files_change_in_the_named_folders_only), TEST_CASE(no_internet_unless_allowed),
	TEST_CASE(no_program_unless_allowed_and_then_behind_the_same_walls), TEST_CASE(other_processes_and_the_kernel_are_out_of_reach),
	TEST_CASE(what_foreign_code_needs_works),
};

int
main(void)
{
	char path[64];
	int fd, r;

	if (!sandbox_works()) {
		puts("1..0 # SKIP sanitizers can't live behind walls");
		return 0;
	}
	if (mkdtemp(writable) == NULL || mkdtemp(elsewhere) == NULL)
		return 1;
	snprintf(path, sizeof(path), "%s/file", elsewhere);
	if ((fd = open(path, O_WRONLY | O_CREAT, 0600)) < 0 || write(fd, "hello", 5) != 5)
		return 1;
	close(fd);
	r = test_main(cases, COUNT_OF(cases));
	unlink(path);
	rmdir(elsewhere);
	rmdir(writable);
	return r;
}
