/* SPDX-License-Identifier: Apache-2.0 */
/* health/clock_linux.c: the clock, as far as it can be judged without a network. */
#include "health/checks.h"

#include <sys/stat.h>
#include <sys/timex.h>
#include <time.h>

#define DAY 86400

/* Nobody runs a program before it was put there. */
bool
health_clock_is_behind(const struct health *h)
{
	struct stat program;

	return stat("/proc/self/exe", &program) == 0 && h->now + DAY < program.st_mtime;
}

void
check_clock(struct health *h)
{
	struct timex clock = { 0 };
	struct stat program;
	char now[32], then[32];
	struct tm tm;
	int state;

	if (stat("/proc/self/exe", &program) == 0) {
		gmtime_r(&h->now, &tm);
		strftime(now, sizeof(now), "%Y-%m-%dT%H:%M:%SZ", &tm);
		gmtime_r(&program.st_mtime, &tm);
		strftime(then, sizeof(then), "%Y-%m-%d", &tm);
		report_tell(h->report, "clock_plausible", health_clock_is_behind(h) ? "behind" : "ok", "%s; program of %s", now, then);
	}
	if ((state = adjtimex(&clock)) >= 0)
		report_tell(h->report, "clock_synchronised", state == TIME_ERROR || (clock.status & STA_UNSYNC) != 0 ? "free" : "ok",
		    "kernel: status 0x%x, error at most %ld ms", (unsigned)clock.status, clock.maxerror / 1000);
	report_skip(h->report, "clock_plausible", "unknown", "%s", "");
	report_skip(h->report, "clock_synchronised", "unknown", "%s", "");
}
