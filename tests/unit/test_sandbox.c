/* SPDX-License-Identifier: Apache-2.0 */
/* test_sandbox.c: inside the sandbox each forbidden thing is tried and refused, and what a worker needs still works. */
#include "test.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/err.h"
#include "base/harden.h"
#include "base/sandbox.h"

static char readable[] = "/tmp/test-sandbox-XXXXXX", writable[] = "/tmp/test-sandbox-XXXXXX";

/* Runs work in a child inside the sandbox; its result is the exit status. */
static int
inside(int (*work)(void))
{
	const char *const folders[] = { readable, NULL };
	int status = -1;
	pid_t pid = fork();

	if (pid == 0) {
		if (harden_process() != 0 || sandbox_enter(folders) != 0)
			_exit(99);
		_exit(work());
	}
	waitpid(pid, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 200 + WTERMSIG(status);
}

static int
forbidden(void)
{
	static const char *const argv[] = { "/bin/true", NULL };
	char path[64];

	if (open("/etc/passwd", O_RDONLY) >= 0)
		return 1;
	snprintf(path, sizeof(path), "%s/new", readable);
	if (open(path, O_WRONLY | O_CREAT, 0600) >= 0)
		return 2;
	snprintf(path, sizeof(path), "%s/file", readable);
	if (open(path, O_RDWR) >= 0 || open(path, O_RDONLY | O_TRUNC) >= 0)
		return 3;
	if (socket(AF_INET, SOCK_STREAM, 0) >= 0 || socket(AF_UNIX, SOCK_STREAM, 0) >= 0)
		return 4;
	if (execve(argv[0], (char *const *)(size_t)argv, NULL) != -1)
		return 5;
	if (fork() >= 0)
		return 6;
	if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) == 0)
		return 7;
	if (mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) != MAP_FAILED)
		return 8;
	if (unlink(path) == 0 || chdir("/") == 0 || kill(getppid(), 0) == 0)
		return 9;
	return 0;
}

static void *
thread_run(void *context)
{
	*(int *)context = 1;
	return NULL;
}

static int
needed(void)
{
	char path[64], text[5];
	int fd, ran = 0;
	pthread_t thread;
	void *memory = malloc(8 << 20);

	snprintf(path, sizeof(path), "%s/file", readable);
	if ((fd = open(path, O_RDONLY)) < 0 || read(fd, text, 5) != 5 || memcmp(text, "hello", 5) != 0)
		return 1;
	if (memory == NULL)
		return 2;
	free(memory);
	if (pthread_create(&thread, NULL, thread_run, &ran) != 0 || pthread_join(thread, NULL) != 0 || ran != 1)
		return 3;
	return 0;
}

static void
what_is_forbidden_is_refused(void)
{
	CHECK_INT(inside(forbidden), 0);
}

static void
what_is_needed_works(void)
{
	CHECK_INT(inside(needed), 0);
}

/* In a sandbox that runs programs: the one that is named runs and is held, others don't run. */
static int
program_status(const char *path)
{
	const char *const argv[] = { path, "/etc/passwd", NULL };
	pid_t pid = fork();
	int status = -1;

	if (pid == 0) {
		execve(argv[0], (char *const *)(size_t)argv, NULL);
		_exit(127);
	}
	return waitpid(pid, &status, 0) == pid && WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void
only_named_programs_run_and_are_held(void)
{
	static const char *const folders[] = { "/usr/lib", "/lib", "/lib64", "/etc/ld.so.cache", NULL };
	static const char *const programs[] = { "/usr/bin/cat", "/usr/bin/true", "/lib64/ld-linux-x86-64.so.2", "/lib/ld-linux-aarch64.so.1", NULL };
	int status = -1;
	pid_t pid = fork();

	if (pid == 0) {
		if (harden_process() != 0 || sandbox_enter_programs(folders, programs) != 0)
			_exit(99);
		if (program_status("/usr/bin/true") != 0)
			_exit(1);
		if (program_status("/usr/bin/cat") != 1)	/* runs, and can't open its argument */
			_exit(2);
		if (program_status("/usr/bin/false") != 127)
			_exit(3);
		if (socket(AF_INET, SOCK_STREAM, 0) >= 0 || socket(AF_UNIX, SOCK_STREAM, 0) >= 0 || ptrace(PTRACE_TRACEME, 0, NULL, NULL) == 0)
			_exit(4);
		_exit(open("/etc/passwd", O_RDONLY) >= 0 ? 5 : 0);
	}
	waitpid(pid, &status, 0);
	CHECK_INT(WIFEXITED(status) ? WEXITSTATUS(status) : 200 + WTERMSIG(status), 0);
}

/* In the sandbox of one that asks servers. */
static int
network_forbidden(void)
{
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "%s/file", readable);
	if (open("/etc/passwd", O_RDONLY) >= 0 || open(path, O_RDWR) >= 0 || unlink(path) == 0)
		return 1;
	if (socket(AF_UNIX, SOCK_STREAM, 0) >= 0 || socket(AF_PACKET, SOCK_RAW, 0) >= 0)
		return 2;
	if ((fd = socket(AF_INET, SOCK_STREAM, 0)) < 0 || listen(fd, 1) == 0)
		return 3;
	if (fork() >= 0 || ptrace(PTRACE_TRACEME, 0, NULL, NULL) == 0)
		return 4;
	return 0;
}

static int
network_needed(void)
{
	char path[64], kept[64];
	int fd;

	snprintf(path, sizeof(path), "%s/new", writable);
	snprintf(kept, sizeof(kept), "%s/kept", writable);
	if ((fd = open(path, O_WRONLY | O_CREAT | O_EXCL, 0600)) < 0 || write(fd, "x", 1) != 1 || rename(path, kept) != 0 || unlink(kept) != 0)
		return 1;
	snprintf(path, sizeof(path), "%s/file", readable);
	if (open(path, O_RDONLY) < 0)
		return 2;
	return socket(AF_INET, SOCK_STREAM, 0) >= 0 && socket(AF_INET6, SOCK_STREAM, 0) >= 0 ? 0 : 3;
}

static int
inside_network(int (*work)(void))
{
	char path[64];
	const char *const files[] = { path, NULL };
	int status = -1;
	pid_t pid = fork();

	/* A file by itself may be named too, and its folder is not. */
	snprintf(path, sizeof(path), "%s/file", readable);
	if (pid == 0) {
		if (harden_process() != 0 || sandbox_enter_network(files, writable) != 0)
			_exit(99);
		_exit(work());
	}
	waitpid(pid, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 200 + WTERMSIG(status);
}

static void
one_that_asks_servers_does_nothing_else(void)
{
	CHECK(mkdtemp(writable) != NULL);
	CHECK_INT(inside_network(network_forbidden), 0);
	CHECK_INT(inside_network(network_needed), 0);
	rmdir(writable);
}

static const struct test_case cases[] = { TEST_CASE(what_is_forbidden_is_refused), TEST_CASE(what_is_needed_works),
	TEST_CASE(only_named_programs_run_and_are_held), TEST_CASE(one_that_asks_servers_does_nothing_else) };

int
main(void)
{
	char path[64];
	int fd, r;

	if (!sandbox_works()) {
		puts("1..0 # SKIP sanitizers can't live in a sandbox");
		return 0;
	}
	if (mkdtemp(readable) == NULL)
		return 1;
	snprintf(path, sizeof(path), "%s/file", readable);
	if ((fd = open(path, O_WRONLY | O_CREAT, 0600)) < 0 || write(fd, "hello", 5) != 5)
		return 1;
	close(fd);
	r = test_main(cases, COUNT_OF(cases));
	unlink(path);
	rmdir(readable);
	return r;
}
