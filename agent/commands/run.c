/* SPDX-License-Identifier: Apache-2.0 */
/* commands/run.c: the agent itself: sockets over the services, until a signal ends it. */
#include "commands/command.h"

#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "agent.h"
#include "base/err.h"
#include "base/log.h"
#include "protocol/dispatch.h"
#include "tls/setup.h"
#include "transport/listen.h"
#include "transport/server.h"

#define FILES_MAX 8192		/* a batch of 1,000 documents holds two descriptors each */

struct daemon {
	struct agent agent;
	struct listeners listeners;
	struct dispatch *dispatch;
	struct server *server;
	int signals;
	struct loop_watch *signals_watch;
};

/* --- the layers speak to each other through these --- */

static bool
on_may_connect(void *context, const char *origin)
{
	return origins_may_connect(((struct daemon *)context)->agent.services.origins, origin);
}

static void
on_opened(void *context, uint64_t connection, const char *origin)
{
	dispatch_opened(((struct daemon *)context)->dispatch, connection, origin);
}

static void
on_text(void *context, uint64_t connection, const char *bytes, size_t len)
{
	dispatch_text(((struct daemon *)context)->dispatch, connection, bytes, len);
}

static void
on_binary(void *context, uint64_t connection, uint32_t document, const unsigned char *bytes, size_t len)
{
	dispatch_binary(((struct daemon *)context)->dispatch, connection, document, bytes, len);
}

static void
on_drained(void *context, uint64_t connection)
{
	dispatch_drained(((struct daemon *)context)->dispatch, connection);
}

static void
on_closed(void *context, uint64_t connection)
{
	dispatch_closed(((struct daemon *)context)->dispatch, connection);
}

static const struct server_events server_events = { on_may_connect, on_opened, on_text, on_binary, on_drained, on_closed };

static void
send_text(void *context, uint64_t connection, const char *text)
{
	server_send_text(((struct daemon *)context)->server, connection, text);
}

static void
send_close(void *context, uint64_t connection, uint16_t code)
{
	server_close(((struct daemon *)context)->server, connection, code);
}

static void
send_binary(void *context, uint64_t connection, uint32_t handle, const void *data, size_t len)
{
	server_send_binary(((struct daemon *)context)->server, connection, handle, data, len);
}

static void
on_changed(void *context, const char *notification, const cJSON *params)
{
	struct daemon *daemon = context;

	if (daemon->dispatch != NULL)
		dispatch_notify(daemon->dispatch, notification, params);
}

static void
on_signal(void *context, uint32_t events)
{
	struct daemon *daemon = context;
	struct signalfd_siginfo signal;

	(void)events;
	if (read(daemon->signals, &signal, sizeof(signal)) != sizeof(signal))
		return;
	log_info("stopping");
	dispatch_stop(daemon->dispatch);
	server_stop(daemon->server);
}

/* --- start and end --- */

static void
files_raise(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < FILES_MAX) {
		limit.rlim_cur = limit.rlim_max < FILES_MAX ? limit.rlim_max : FILES_MAX;
		setrlimit(RLIMIT_NOFILE, &limit);
	}
}

/* Signals arrive in the loop; blocked before any thread starts. */
static int
signals_block(struct daemon *daemon)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGHUP);
	if (sigprocmask(SIG_BLOCK, &set, NULL) != 0 || (daemon->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK)) < 0)
		return ERR_INTERNAL;
	return 0;
}

/*
 * Renews a TLS certificate that is due, if no browser runs; in a process of its own, so that the authority's key is never in this one. Whatever
 * comes of it, the agent goes on.
 */
static void
certificate_renew(const struct agent *agent, const char *config)
{
	const char *argv[] = { "imza-agent", "tls", "renew", NULL, NULL, NULL };
	struct setup_state state;
	char *folder = NULL;
	sigset_t none;
	pid_t pid;

	if (asprintf(&folder, "%s/" SETUP_FOLDER, agent->state) < 0)
		return;
	if (setup_read(folder, &state) == 0 && state.due <= time(NULL)) {
		if (config != NULL)
			memcpy(argv, (const char *[]){ "imza-agent", "--config", config, "tls", "renew" }, 5 * sizeof(*argv));
		if ((pid = fork()) == 0) {
			sigemptyset(&none);
			sigprocmask(SIG_SETMASK, &none, NULL);
			dup2(STDERR_FILENO, STDOUT_FILENO);
			execv("/proc/self/exe", (char *const *)(uintptr_t)argv);
			_exit(127);
		}
		if (pid > 0)
			waitpid(pid, NULL, 0);
	}
	free(folder);
}

static int
server_build(struct daemon *daemon)
{
	char *tls = NULL;
	int r;

	if (asprintf(&tls, "%s/" SETUP_FOLDER "/" SETUP_SERVER, daemon->agent.state) < 0)
		return ERR_INTERNAL;
	r = server_new(daemon->agent.loop, &daemon->listeners, tls, &server_events, daemon, &daemon->server);
	free(tls);
	return r;
}

/* The service manager's sockets, else our own on the first port that is free. */
static int
sockets_take(struct listeners *ret_listeners)
{
	int r = listen_inherit(LISTEN_PORT_FIRST, LISTEN_PORT_LAST, ret_listeners);

	if (r == ERR_NOT_FOUND && (r = listen_open(LISTEN_PORT_FIRST, LISTEN_PORT_LAST, ret_listeners)) != 0)
		log_error("ports %d to %d are all taken", LISTEN_PORT_FIRST, LISTEN_PORT_LAST);
	return r;
}

static int
daemon_build(struct daemon *daemon, const char *config)
{
	struct agent *agent = &daemon->agent;
	int r;

	/* Inherited sockets first, before anything else opens a descriptor or starts a process. */
	if ((r = signals_block(daemon)) != 0 || (r = sockets_take(&daemon->listeners)) != 0 || (r = agent_configure(agent, config)) != 0 ||
	    (r = agent_folders(agent)) != 0)
		return r;
	certificate_renew(agent, config);	/* before agent_build() raises walls: it writes to browsers' stores */
	if ((r = agent_build(agent, on_changed, daemon)) != 0)
		return r;
	if (access(agent->state, W_OK) != 0 || access(agent->spool, W_OK) != 0)
		return ERR_INTERNAL;
	if ((daemon->signals_watch = loop_watch(agent->loop, daemon->signals, EPOLLIN, on_signal, daemon)) == NULL)
		return ERR_INTERNAL;
	agent->services.send_binary = send_binary;
	agent->services.transport = daemon;
	agent->services.port = daemon->listeners.port;
	if ((r = dispatch_new(&agent->services, (struct dispatch_output){ send_text, send_close, daemon }, &daemon->dispatch)) != 0 ||
	    (r = server_build(daemon)) != 0)
		return r;
	return listen_check_process();
}

static void
daemon_clear(struct daemon *daemon)
{
	/* Calls hold prompts and helpers, so they go first; the sockets go before the loop. */
	dispatch_free(daemon->dispatch);
	daemon->dispatch = NULL;
	server_free(daemon->server);
	listen_close(&daemon->listeners);
	loop_unwatch(&daemon->signals_watch);
	agent_clear(&daemon->agent);
	if (daemon->signals >= 0)
		close(daemon->signals);
}

static int
run_run(const char *config, int argc, char **argv)
{
	struct daemon daemon = { .agent = { .confined = true }, .listeners = { { -1, -1 }, 0 }, .signals = -1 };
	int r;

	(void)argv;
	if (argc > 1)
		return command_usage(&command_run);
	files_raise();
	/* Pages' dialogs never come to the terminal that an agent was started on. */
	unsetenv(PROGRAMS_TERMINAL);
	if ((r = daemon_build(&daemon, config)) == 0) {
		printf("ready on port %u\n", daemon.listeners.port);
		fflush(stdout);
		server_run(daemon.server);
	}
	daemon_clear(&daemon);
	return r == 0 ? COMMAND_OK : COMMAND_FAILED;
}

const struct command command_run = { "run", "", "Serves web portals on a loopback port until it is stopped; what happens without a command.", run_run };
