/* SPDX-License-Identifier: Apache-2.0 */
/* base/harden_linux.c: prctl and rlimits. */
#include "base/harden.h"

#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "base/err.h"

/* gcc defines __SANITIZE_ADDRESS__; older clangs have only this. */
#if !defined(__SANITIZE_ADDRESS__) && defined(__has_feature)
#if __has_feature(address_sanitizer)
#define __SANITIZE_ADDRESS__ 1
#endif
#endif

int
harden_process(void)
{
	const struct rlimit none = { 0, 0 };

	umask(077);
	signal(SIGPIPE, SIG_IGN);
	if (setrlimit(RLIMIT_CORE, &none) != 0 || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
		return ERR_INTERNAL;
	/* LeakSanitizer traces the process at its end. */
#ifndef __SANITIZE_ADDRESS__
	if (prctl(PR_SET_DUMPABLE, 0) != 0)
		return ERR_INTERNAL;
#endif
	return 0;
}

int
harden_limits(unsigned long memory, unsigned long cpu_seconds)
{
	const struct rlimit space = { memory, memory }, cpu = { cpu_seconds, cpu_seconds };

	/* AddressSanitizer reserves terabytes of address space and could not start under a cap. */
#ifndef __SANITIZE_ADDRESS__
	if (memory != 0 && setrlimit(RLIMIT_AS, &space) != 0)
		return ERR_INTERNAL;
#endif
	(void)space;
	if (cpu_seconds != 0 && setrlimit(RLIMIT_CPU, &cpu) != 0)
		return ERR_INTERNAL;
	return 0;
}
