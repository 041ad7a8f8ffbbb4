/* SPDX-License-Identifier: Apache-2.0 */
/* base/sandbox_linux.c: Landlock for files and TCP, seccomp for system calls. */
#include "base/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <seccomp.h>
#include <stddef.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>

#include "base/err.h"
#include "base/landlock.h"
#include "base/log.h"

#ifdef __has_feature
#if __has_feature(address_sanitizer) && !defined(__SANITIZE_ADDRESS__)
#define __SANITIZE_ADDRESS__ 1
#endif
#endif

/* What a worker needs once it runs; socket(2), execve(2), ptrace(2) and hundreds more are not here. */
static const int calls[] = {
	SCMP_SYS(read), SCMP_SYS(write), SCMP_SYS(readv), SCMP_SYS(writev), SCMP_SYS(pread64), SCMP_SYS(pwrite64), SCMP_SYS(lseek),
	SCMP_SYS(close), SCMP_SYS(fstat), SCMP_SYS(newfstatat), SCMP_SYS(statx), SCMP_SYS(stat), SCMP_SYS(lstat), SCMP_SYS(statfs),
	SCMP_SYS(fstatfs), SCMP_SYS(access), SCMP_SYS(faccessat), SCMP_SYS(faccessat2), SCMP_SYS(readlink), SCMP_SYS(readlinkat),
	SCMP_SYS(getdents64), SCMP_SYS(fcntl), SCMP_SYS(ftruncate), SCMP_SYS(fallocate), SCMP_SYS(dup), SCMP_SYS(pipe2), SCMP_SYS(eventfd2),
	SCMP_SYS(poll), SCMP_SYS(ppoll), SCMP_SYS(sendmsg), SCMP_SYS(recvmsg), SCMP_SYS(munmap), SCMP_SYS(mremap), SCMP_SYS(madvise),
	SCMP_SYS(brk), SCMP_SYS(futex), SCMP_SYS(rt_sigaction), SCMP_SYS(rt_sigprocmask), SCMP_SYS(rt_sigreturn), SCMP_SYS(sigaltstack),
	SCMP_SYS(getpid), SCMP_SYS(gettid), SCMP_SYS(getuid), SCMP_SYS(geteuid), SCMP_SYS(getgid), SCMP_SYS(getegid), SCMP_SYS(getrusage),
	SCMP_SYS(prlimit64), SCMP_SYS(getrandom), SCMP_SYS(clock_gettime), SCMP_SYS(clock_getres), SCMP_SYS(clock_nanosleep), SCMP_SYS(gettimeofday),
	SCMP_SYS(time), SCMP_SYS(nanosleep), SCMP_SYS(sched_yield), SCMP_SYS(sched_getaffinity), SCMP_SYS(sched_setscheduler),
	SCMP_SYS(sched_getscheduler), SCMP_SYS(sched_getattr), SCMP_SYS(sched_setattr), SCMP_SYS(set_robust_list), SCMP_SYS(rseq), SCMP_SYS(set_tid_address),
	SCMP_SYS(uname), SCMP_SYS(sysinfo), SCMP_SYS(getcwd), SCMP_SYS(tgkill), SCMP_SYS(restart_syscall), SCMP_SYS(exit), SCMP_SYS(exit_group),
};

/* Besides, for one that asks servers and keeps their answers; no listen(2), no accept(2). */
static const int network_calls[] = {
	SCMP_SYS(connect), SCMP_SYS(bind), SCMP_SYS(getsockname), SCMP_SYS(getpeername), SCMP_SYS(getsockopt), SCMP_SYS(setsockopt), SCMP_SYS(shutdown),
	SCMP_SYS(sendto), SCMP_SYS(recvfrom), SCMP_SYS(sendmmsg), SCMP_SYS(recvmmsg), SCMP_SYS(socketpair),
	SCMP_SYS(rename), SCMP_SYS(renameat), SCMP_SYS(renameat2), SCMP_SYS(unlink), SCMP_SYS(unlinkat),
};

/* Besides, for one that starts programs, and for what they do before main(). */
static const int program_calls[] = {
	SCMP_SYS(getppid), SCMP_SYS(execve), SCMP_SYS(wait4), SCMP_SYS(dup2), SCMP_SYS(dup3), SCMP_SYS(pipe), SCMP_SYS(mmap), SCMP_SYS(mprotect), SCMP_SYS(arch_prctl),
};

/* Calls that are allowed with some arguments only. */
struct guarded_call {
	int call;
	struct scmp_arg_cmp when;
};

static const struct guarded_call guarded[] = {
	{ SCMP_SYS(mmap), { .arg = 2, .op = SCMP_CMP_MASKED_EQ, .datum_a = PROT_EXEC, .datum_b = 0 } },
	{ SCMP_SYS(mprotect), { .arg = 2, .op = SCMP_CMP_MASKED_EQ, .datum_a = PROT_EXEC, .datum_b = 0 } },
	/* Threads, not processes. clone3 hides its flags from a filter; the C library then falls back to clone. */
	{ SCMP_SYS(clone), { .arg = 0, .op = SCMP_CMP_MASKED_EQ, .datum_a = CLONE_THREAD, .datum_b = CLONE_THREAD } },
	/* Naming a thread, but not giving anything back that was given up. */
	{ SCMP_SYS(prctl), { .arg = 0, .op = SCMP_CMP_EQ, .datum_a = PR_SET_NAME, .datum_b = 0 } },
	/* The last one is left out where Landlock does not say which files. */
	{ SCMP_SYS(openat), { .arg = 2, .op = SCMP_CMP_MASKED_EQ, .datum_a = O_ACCMODE, .datum_b = O_RDONLY } },
};

static const struct guarded_call network_guarded[] = {
	{ SCMP_SYS(socket), { .arg = 0, .op = SCMP_CMP_EQ, .datum_a = AF_INET, .datum_b = 0 } },
	{ SCMP_SYS(socket), { .arg = 0, .op = SCMP_CMP_EQ, .datum_a = AF_INET6, .datum_b = 0 } },
	/* The C library asks which address families this machine has. */
	{ SCMP_SYS(socket), { .arg = 0, .op = SCMP_CMP_EQ, .datum_a = AF_NETLINK, .datum_b = 0 } },
	{ SCMP_SYS(ioctl), { .arg = 1, .op = SCMP_CMP_EQ, .datum_a = FIONREAD, .datum_b = 0 } },
	{ SCMP_SYS(ioctl), { .arg = 1, .op = SCMP_CMP_EQ, .datum_a = FIONBIO, .datum_b = 0 } },
};

static const struct guarded_call program_guarded[] = {
	/* Processes, in no namespace of their own. */
	{ SCMP_SYS(clone), { .arg = 0, .op = SCMP_CMP_MASKED_EQ,
	    .datum_a = CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWCGROUP, .datum_b = 0 } },
	{ SCMP_SYS(prctl), { .arg = 0, .op = SCMP_CMP_EQ, .datum_a = PR_SET_PDEATHSIG, .datum_b = 0 } },
};

static int
programs_allow(scmp_filter_ctx filter)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < sizeof(program_calls) / sizeof(program_calls[0]); i++)
		r = seccomp_rule_add(filter, SCMP_ACT_ALLOW, program_calls[i], 0);
	for (size_t i = 0; r == 0 && i < sizeof(program_guarded) / sizeof(program_guarded[0]); i++)
		r = seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, program_guarded[i].call, 1, &program_guarded[i].when);
	return r;
}

static int
network_allow(scmp_filter_ctx filter, bool open_files)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < sizeof(network_calls) / sizeof(network_calls[0]); i++)
		r = seccomp_rule_add(filter, SCMP_ACT_ALLOW, network_calls[i], 0);
	for (size_t i = 0; r == 0 && i < sizeof(network_guarded) / sizeof(network_guarded[0]); i++)
		r = seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, network_guarded[i].call, 1, &network_guarded[i].when);
	/* Landlock says where. */
	if (r == 0 && open_files)
		r = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(openat), 0);
	return r;
}

static int
calls_restrict(bool open_files, bool network, bool programs)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ERRNO(EPERM));
	size_t guarded_count = sizeof(guarded) / sizeof(guarded[0]) - (open_files ? 0 : 1);
	int r = filter != NULL ? 0 : -1;

	for (size_t i = 0; r == 0 && i < sizeof(calls) / sizeof(calls[0]); i++)
		r = seccomp_rule_add(filter, SCMP_ACT_ALLOW, calls[i], 0);
	for (size_t i = 0; r == 0 && i < guarded_count; i++)
		r = seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, guarded[i].call, 1, &guarded[i].when);
	if (r == 0)
		r = seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0);
	if (r == 0 && network)
		r = network_allow(filter, open_files);
	if (r == 0 && programs)
		r = programs_allow(filter);
	if (r == 0)
		r = seccomp_load(filter);
	seccomp_release(filter);
	return r == 0 ? 0 : ERR_INTERNAL;
}

bool
sandbox_works(void)
{
#ifdef __SANITIZE_ADDRESS__
	return false;
#else
	return true;
#endif
}

int
sandbox_enter(const char *const *readable)
{
	int r;

	if (!sandbox_works())
		return 0;
	if ((r = landlock_restrict(&(struct landlock_rules){ .readable = readable, .no_tcp = true })) == ERR_NOT_SUPPORTED)
		log_warning("this kernel has no Landlock: no file can be opened from here on");
	else if (r != 0)
		return r;
	return calls_restrict(r == 0, false, false);
}

int
sandbox_enter_network(const char *const *readable, const char *writable)
{
	const char *const folders[] = { writable, NULL };
	int r;

	if (!sandbox_works())
		return 0;
	if ((r = landlock_restrict(&(struct landlock_rules){ .readable = readable, .writable = folders })) == ERR_NOT_SUPPORTED)
		log_warning("this kernel has no Landlock: no file can be opened, and so no name be looked up, from here on");
	else if (r != 0)
		return r;
	return calls_restrict(r == 0, true, false);
}

int
sandbox_enter_programs(const char *const *readable, const char *const *runnable)
{
	int r;

	if (!sandbox_works())
		return 0;
	r = landlock_restrict(&(struct landlock_rules){ .readable = readable, .runnable = runnable, .no_tcp = true });
	if (r == ERR_NOT_SUPPORTED)
		log_warning("this kernel has no Landlock: no file can be opened, and so no program be loaded, from here on");
	else if (r != 0)
		return r;
	return calls_restrict(r == 0, false, true);
}
