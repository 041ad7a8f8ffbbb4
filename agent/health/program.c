/* SPDX-License-Identifier: Apache-2.0 */
/* health/program.c: the agent as a program: its settings, its ports, its fellows, its dialogs. */
#include "health/checks.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/trusted_file.h"
#include "config/sources.h"
#include "transport/listen.h"

#define PORTS (LISTEN_PORT_LAST - LISTEN_PORT_FIRST + 1)

/* Each port once, whichever address family holds it. */
static void
ports_check(struct health *h)
{
	bool taken[PORTS] = { false }, own[PORTS] = { false };
	unsigned count = 0, agents = 0;

	for (size_t i = 0; i < h->probe.ports_count; i++) {
		const struct probe_port *port = &h->probe.ports[i];

		taken[port->port - LISTEN_PORT_FIRST] = true;
		own[port->port - LISTEN_PORT_FIRST] |= port->agent;
		if (port->uid != geteuid())
			report_tell(h->report, "agent_other_user", "other", "port %u belongs to user %u", port->port, port->uid);
		else if (port->agent)
			report_tell(h->report, "agent_loopback", port->loopback ? "ok" : "open", "port %u", port->port);
	}
	for (unsigned i = 0; i < PORTS; i++) {
		count += taken[i];
		agents += own[i];
	}
	report_tell(h->report, "agent_other_user", "ok", "%u ports in use", count);
	if (agents == 0)
		report_skip(h->report, "agent_loopback", "not_here", "%s", "");
	report_tell(h->report, "agent_ports", agents == 0 && count == PORTS ? "taken" : "ok", "%u of %d ports in use", count, PORTS);
	report_tell(h->report, "agent_single", agents > 1 ? "several" : "ok", "%u agents of this user", agents);
	report_tell(h->report, "agent_running", agents > 0 ? "ok" : "stopped", "%u agents of this user", agents);
}

static bool
settings_are_unread(const struct config_sources *sources)
{
	size_t count;
	const struct config_value *values = config_sources_values(sources, &count);

	while (count > 0)
		if (values[--count].unread)
			return true;
	return false;
}

static void
settings_check(struct health *h)
{
	const struct config_sources *sources = h->services->config->sources;
	const char *outcome = !config_sources_usable(sources) ? "wrong" : settings_are_unread(sources) ? "unread" : "partly";
	const struct config_list *files = config_sources_files(sources);
	size_t count;
	const struct config_problem *problems = config_sources_problems(sources, &count);

	for (size_t i = 0; i < count; i++)
		if (config_problem_counts(&problems[i]))
			report_tell(h->report, "settings", outcome, "%s:%u: %s: %s", problems[i].file, problems[i].line,
			    config_problem_text(problems[i].kind, "en"), problems[i].what);
	if (files->count == 0)
		report_tell(h->report, "settings", "none", "%s", "no file");
	for (size_t i = 0; i < files->count; i++)
		report_tell(h->report, "settings", "ok", "%s", files->items[i]);
}

static void
pinentry_check(struct health *h)
{
	const char *path = h->services->config->pinentry, *why = NULL;

	if (access(path, X_OK) != 0)
		report_tell(h->report, "pinentry", "missing", "%s", path);
	else if (trusted_file_resolve(path, NULL, &why) != 0)
		report_tell(h->report, "pinentry", "refused", "%s: %s", path, why != NULL ? why : "");
	else
		report_tell(h->report, "pinentry", "ok", "%s", path);
}

static void
display_check(struct health *h)
{
	const char *x11 = getenv("DISPLAY"), *wayland = getenv("WAYLAND_DISPLAY");
	bool there = (x11 != NULL && *x11 != '\0') || (wayland != NULL && *wayland != '\0');

	report_tell(h->report, "display", there ? "ok" : "none", "DISPLAY %s, WAYLAND_DISPLAY %s", x11 != NULL ? "set" : "unset",
	    wayland != NULL ? "set" : "unset");
}

static void
current_check(struct health *h)
{
	static const char gone[] = " (deleted)";
	char path[4096];
	ssize_t len = readlink("/proc/self/exe", path, sizeof(path) - 1);
	bool replaced = len > (ssize_t)sizeof(gone) && memcmp(path + len - (sizeof(gone) - 1), gone, sizeof(gone) - 1) == 0;

	if (h->options.command_line || len <= 0)
		report_skip(h->report, "agent_current", "not_here", "imza-agent " IMZA_VERSION);
	else
		report_tell(h->report, "agent_current", replaced ? "replaced" : "ok", "imza-agent " IMZA_VERSION);
}

void
check_agent(struct health *h)
{
	static const char *const by_probe[] = { "agent_other_user", "agent_loopback", "agent_ports", "agent_single", "agent_running" };

	settings_check(h);
	pinentry_check(h);
	display_check(h);
	current_check(h);
	if (h->ports_known)
		ports_check(h);
	for (size_t i = 0; i < sizeof(by_probe) / sizeof(by_probe[0]); i++)
		report_skip(h->report, by_probe[i], "unknown", "%s", "");
}
