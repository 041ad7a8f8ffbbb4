/* SPDX-License-Identifier: Apache-2.0 */
/* base/confine_linux.c: a list of system calls that no program of ours needs, and Landlock for what may be written. */
#include "base/confine.h"

#include <errno.h>
#include <limits.h>
#include <sched.h>
#include <seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "base/err.h"
#include "base/landlock.h"
#include "base/log.h"
#include "base/sandbox.h"

#define FOLDERS_MAX 100

/* A list of what is refused, since nobody knows what a vendor's module or a desktop's dialog needs. */
static const int refused[] = {
	/* other processes */
	SCMP_SYS(ptrace), SCMP_SYS(process_vm_readv), SCMP_SYS(process_vm_writev), SCMP_SYS(pidfd_getfd), SCMP_SYS(kcmp),
	SCMP_SYS(process_madvise), SCMP_SYS(migrate_pages), SCMP_SYS(move_pages),
	/* file systems and namespaces */
	SCMP_SYS(mount), SCMP_SYS(umount2), SCMP_SYS(pivot_root), SCMP_SYS(chroot), SCMP_SYS(move_mount), SCMP_SYS(open_tree),
	SCMP_SYS(fsopen), SCMP_SYS(fsconfig), SCMP_SYS(fsmount), SCMP_SYS(fspick), SCMP_SYS(mount_setattr), SCMP_SYS(unshare), SCMP_SYS(setns),
	SCMP_SYS(open_by_handle_at), SCMP_SYS(name_to_handle_at), SCMP_SYS(quotactl), SCMP_SYS(swapon), SCMP_SYS(swapoff), SCMP_SYS(mknod),
	SCMP_SYS(mknodat),
	/* the kernel itself */
	SCMP_SYS(bpf), SCMP_SYS(perf_event_open), SCMP_SYS(userfaultfd), SCMP_SYS(io_uring_setup), SCMP_SYS(io_uring_enter),
	SCMP_SYS(io_uring_register), SCMP_SYS(add_key), SCMP_SYS(request_key), SCMP_SYS(keyctl), SCMP_SYS(init_module), SCMP_SYS(finit_module),
	SCMP_SYS(delete_module), SCMP_SYS(kexec_load), SCMP_SYS(kexec_file_load), SCMP_SYS(reboot), SCMP_SYS(acct), SCMP_SYS(syslog),
	SCMP_SYS(iopl), SCMP_SYS(ioperm), SCMP_SYS(modify_ldt), SCMP_SYS(lookup_dcookie), SCMP_SYS(vhangup),
	/* clocks and names of the machine */
	SCMP_SYS(settimeofday), SCMP_SYS(clock_settime), SCMP_SYS(clock_adjtime), SCMP_SYS(adjtimex), SCMP_SYS(sethostname),
	SCMP_SYS(setdomainname),
};

/* Calls that are refused with some arguments. */
static const struct {
	int call;
	struct scmp_arg_cmp when;
} guarded[] = {
	{ SCMP_SYS(clone), { .arg = 0, .op = SCMP_CMP_MASKED_EQ, .datum_a = CLONE_NEWUSER, .datum_b = CLONE_NEWUSER } },
	{ SCMP_SYS(clone), { .arg = 0, .op = SCMP_CMP_MASKED_EQ, .datum_a = CLONE_NEWNS, .datum_b = CLONE_NEWNS } },
	/* Typing into the terminal that one was started from. */
	{ SCMP_SYS(ioctl), { .arg = 1, .op = SCMP_CMP_MASKED_EQ, .datum_a = 0xffffffffu, .datum_b = TIOCSTI } },
	{ SCMP_SYS(ioctl), { .arg = 1, .op = SCMP_CMP_MASKED_EQ, .datum_a = 0xffffffffu, .datum_b = TIOCLINUX } },
};

static int
sockets_refuse(scmp_filter_ctx filter, bool network)
{
	int r = 0;

	/* Local sockets reach the card service and the display; with a network also IPv4, IPv6, and netlink, which name resolution asks. */
	for (int family = 0; r == 0 && family < AF_MAX; family++) {
		if (family == AF_UNIX || (network && (family == AF_INET || family == AF_INET6 || family == AF_NETLINK)))
			continue;
		r = seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(socket), 1, SCMP_A0(SCMP_CMP_EQ, (scmp_datum_t)family, 0));
	}
	return r != 0 ? r : seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(socket), 1, SCMP_A0(SCMP_CMP_GE, AF_MAX, 0));
}

static int
calls_refuse(const struct confinement *confinement)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
	int r = filter != NULL ? 0 : -1;

	for (size_t i = 0; r == 0 && i < sizeof(refused) / sizeof(refused[0]); i++)
		r = seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), refused[i], 0);
	for (size_t i = 0; r == 0 && i < sizeof(guarded) / sizeof(guarded[0]); i++)
		r = seccomp_rule_add_array(filter, SCMP_ACT_ERRNO(EPERM), guarded[i].call, 1, &guarded[i].when);
	/* clone3 hides its flags from a filter; the C library then falls back to clone. */
	if (r == 0)
		r = seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0);
	if (r == 0)
		r = sockets_refuse(filter, confinement->network);
	if (r == 0 && !confinement->programs)
		r = seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(execve), 0);
	if (r == 0 && !confinement->programs)
		r = seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(execveat), 0);
	if (r == 0)
		r = seccomp_load(filter);
	seccomp_release(filter);
	return r == 0 ? 0 : ERR_INTERNAL;
}

/* $variable, else $HOME/below where below is given; false when there is neither. */
static bool
folder_from(const char *variable, const char *below, char path[PATH_MAX])
{
	const char *value = getenv(variable), *home = getenv("HOME");

	if (value != NULL && *value == '/')
		return snprintf(path, PATH_MAX, "%s", value) < PATH_MAX;
	return below != NULL && home != NULL && *home == '/' && snprintf(path, PATH_MAX, "%s/%s", home, below) < PATH_MAX;
}

static int
files_restrict(const char *const *writable)
{
	char runtime[PATH_MAX], cache[PATH_MAX];
	const char *folders[FOLDERS_MAX + 1] = { "/dev", "/tmp", "/var/tmp" };
	size_t count = 3;

	if (folder_from("XDG_RUNTIME_DIR", NULL, runtime))
		folders[count++] = runtime;
	if (folder_from("XDG_CACHE_HOME", ".cache", cache))
		folders[count++] = cache;
	for (; writable != NULL && *writable != NULL; writable++) {
		if (count == FOLDERS_MAX)
			return ERR_TOO_LARGE;
		folders[count++] = *writable;
	}
	return landlock_restrict(&(struct landlock_rules){ .writable = folders });
}

int
confine_process(const struct confinement *confinement)
{
	int r;

	if (!sandbox_works())
		return 0;
	if ((r = files_restrict(confinement->writable)) == ERR_NOT_SUPPORTED)
		log_warning("this kernel has no Landlock: files can be written as the user can");
	else if (r != 0)
		return r;
	return calls_refuse(confinement);
}
