/* SPDX-License-Identifier: Apache-2.0 */
/* agent.h: the agent without its sockets: settings, programs and services, as the daemon and every verb of the command line use them. */
#ifndef AGENT_H
#define AGENT_H

#include "config.h"
#include "operations/call.h"

#define AGENT_FORMS "/etc/imza-agent/forms.d"

struct agent {
	struct config config;
	struct programs programs;
	struct services services;
	struct loop *loop;
	char *state, *spool, *cache;	/* folders; the log says when one can't be made */
	bool confined;		/* set before agent_build(): it raises the walls of base/confine.h, as the daemon wants; a verb writes where its user says */
	void (*changed)(void *context, const char *notification, const cJSON *params);
	void *context;
};

/* Reads the settings as config_read() does. 0, or its errors after a log line; what was right is in agent->config even then. */
int agent_configure(struct agent *agent, const char *path);

/* Finds the agent's folders and makes them: state, spool, cache. 0 or ERR_INTERNAL (no memory). agent_build() does it too, if need be. */
int agent_folders(struct agent *agent);

/*
 * Finds the helpers and builds the services over a loop.  changed (may be NULL) is told of readers and cards.  *agent stays where it is.
 * 0, or an error after a log line; agent_clear() in every case.
 */
int agent_build(struct agent *agent, void (*changed)(void *context, const char *notification, const cJSON *params), void *context);

/* Ends helpers, threads and the loop. Accepts a zeroed struct. */
void agent_clear(struct agent *agent);

#endif
