/* SPDX-License-Identifier: Apache-2.0 */
/* health/service.c: the PC/SC service, and whether this session may use it. */
#include "health/checks.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <winscard.h>

#define SOCKET_PATH "/run/pcscd/pcscd.comm"
#define SLOW_MS 1000

/* Where libpcsclite looks for the service. */
static const char *
socket_path(void)
{
	const char *path = getenv("PCSCLITE_CSOCK_NAME");

	return path != NULL && *path != '\0' ? path : SOCKET_PATH;
}

static bool
program_is_there(const struct health *h)
{
	static const char *const places[] = { "/usr/sbin/pcscd", "/usr/local/sbin/pcscd", "/sbin/pcscd", "/usr/bin/pcscd" };
	bool there = false;

	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]) && !there; i++) {
		char *path = health_path(h, places[i]);

		there = path != NULL && access(path, X_OK) == 0;
		free(path);
	}
	return there;
}

static void
access_check(struct health *h, bool running, long established)
{
	/* 0x8010006A: polkit refused this session. */
	if (h->probed && established == (long)SCARD_W_SECURITY_VIOLATION)
		report_tell(h->report, "pcsc_access", "denied", "SCardEstablishContext: 0x%08lX", established & 0xffffffffl);
	else if (access(socket_path(), F_OK) == 0 && access(socket_path(), R_OK | W_OK) != 0)
		report_tell(h->report, "pcsc_access", "refused", "%s: %s", socket_path(), strerror(errno));
	else if (running)
		report_tell(h->report, "pcsc_access", "ok", "SCardEstablishContext: ok");
	else
		report_skip(h->report, "pcsc_access", "no_service", "%s", "");
}

static void
speed_check(struct health *h, bool running)
{
	if (!running && h->probed)
		report_skip(h->report, "pcsc_speed", "no_service", "%s", "");
	else if (!h->probed)
		report_tell(h->report, "pcsc_speed", "silent", "no answer to SCardEstablishContext in time");
	else
		report_tell(h->report, "pcsc_speed", h->probe.established_ms > SLOW_MS ? "slow" : "ok", "%.1f ms", h->probe.established_ms);
}

static void
session_check(struct health *h)
{
	static const char *const remote[] = { "SSH_CONNECTION", "XRDP_SESSION", "X2GO_SESSION", "NXSESSIONID" };
	const char *found = NULL;

	for (size_t i = 0; i < sizeof(remote) / sizeof(remote[0]) && found == NULL; i++)
		if (getenv(remote[i]) != NULL)
			found = remote[i];
	if (found != NULL)
		report_tell(h->report, "session_local", "remote", "%s is set", found);
	else
		report_tell(h->report, "session_local", "ok", "no sign of a remote session");
}

void
check_service(struct health *h)
{
	long established = h->probed ? h->probe.established : 0;
	bool running = h->pcsc.running || (h->probed && established == SCARD_S_SUCCESS), software = health_has_software_token(h);
	bool refused = access(socket_path(), F_OK) == 0 && access(socket_path(), R_OK | W_OK) != 0;
	bool denied = h->probed && established == (long)SCARD_W_SECURITY_VIOLATION;
	struct stat st;

	session_check(h);
	access_check(h, running, established);
	speed_check(h, running);
	if (!running && !program_is_there(h)) {
		report_tell(h->report, "pcsc_installed", software ? "unneeded" : "missing", "no pcscd in /usr/sbin");
		report_skip(h->report, "pcsc_service", "not_installed", "%s", "");
		return;
	}
	report_tell(h->report, "pcsc_installed", "ok", "%s", running ? "the service answers" : "pcscd is there");
	if (running || refused || denied)
		report_tell(h->report, "pcsc_service", "ok", "%s", socket_path());
	else if (!h->probed)
		report_skip(h->report, "pcsc_service", "unknown", "it does not answer");
	else if (stat(socket_path(), &st) == 0 && S_ISSOCK(st.st_mode))
		report_tell(h->report, "pcsc_service", "stale", "%s: SCardEstablishContext: 0x%08lX", socket_path(), established & 0xffffffffl);
	else
		report_tell(h->report, "pcsc_service", software ? "unneeded" : "stopped", "%s: %s", socket_path(), strerror(ENOENT));
}
