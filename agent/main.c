/* SPDX-License-Identifier: Apache-2.0 */
/* main.c: the program imza-agent: reads its settings, builds the layers from the bottom up, runs, and takes them down again. */
#include <errno.h>
#include <getopt.h>
#include <openssl/crypto.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "base/harden.h"
#include "base/json.h"
#include "base/log.h"
#include "base/loop.h"
#include "base/trusted_file.h"
#include "config.h"
#include "protocol/dispatch.h"
#include "transport/listen.h"
#include "transport/server.h"

#define DEFAULT_CONFIG "/etc/imza-agent/imza-agent.conf"
#define INSTITUTION_MAX (256u << 10)
#define FILES_MAX 8192		/* a batch of 1,000 documents holds two descriptors each */

struct agent {
	struct config config;
	struct programs programs;
	struct services services;
	char *state, *spool;
	struct listeners listeners;
	struct loop *loop;
	struct dispatch *dispatch;
	struct server *server;
	int signals;
	struct loop_watch *signals_watch;
};

/* --- the layers speak to each other through these --- */

static bool
on_may_connect(void *context, const char *origin)
{
	struct agent *agent = context;

	return origins_may_connect(agent->services.origins, origin);
}

static void
on_opened(void *context, uint64_t connection, const char *origin)
{
	dispatch_opened(((struct agent *)context)->dispatch, connection, origin);
}

static void
on_text(void *context, uint64_t connection, const char *bytes, size_t len)
{
	dispatch_text(((struct agent *)context)->dispatch, connection, bytes, len);
}

static void
on_binary(void *context, uint64_t connection, uint32_t document, const unsigned char *bytes, size_t len)
{
	dispatch_binary(((struct agent *)context)->dispatch, connection, document, bytes, len);
}

static void
on_drained(void *context, uint64_t connection)
{
	dispatch_drained(((struct agent *)context)->dispatch, connection);
}

static void
on_closed(void *context, uint64_t connection)
{
	dispatch_closed(((struct agent *)context)->dispatch, connection);
}

static const struct server_events server_events = { on_may_connect, on_opened, on_text, on_binary, on_drained, on_closed };

static void
send_text(void *context, uint64_t connection, const char *text)
{
	server_send_text(((struct agent *)context)->server, connection, text);
}

static void
send_close(void *context, uint64_t connection, uint16_t code)
{
	server_close(((struct agent *)context)->server, connection, code);
}

static void
send_binary(void *context, uint64_t connection, uint32_t handle, const void *data, size_t len)
{
	server_send_binary(((struct agent *)context)->server, connection, handle, data, len);
}

static void
on_devices_changed(void *context, const char *notification, const cJSON *params)
{
	struct agent *agent = context;

	if (agent->dispatch != NULL)
		dispatch_notify(agent->dispatch, notification, params);
}

static void
on_signal(void *context, uint32_t events)
{
	struct agent *agent = context;
	struct signalfd_siginfo signal;

	(void)events;
	if (read(agent->signals, &signal, sizeof(signal)) != sizeof(signal))
		return;
	log_info("stopping");
	dispatch_stop(agent->dispatch);
	server_stop(agent->server);
}

/* --- start --- */

/* A folder of ours below the one that a variable names, or below fallback; made with mode 0700. NULL when it can't be. */
static char *
folder_make(const char *variable, const char *fallback)
{
	const char *base = getenv(variable), *home = getenv("HOME");
	char *path = NULL, *slash;
	int n;

	if (base != NULL && *base == '/')
		n = asprintf(&path, "%s/imza-agent", base);
	else
		n = asprintf(&path, "%s/%s/imza-agent", home != NULL ? home : "/nonexistent", fallback);
	if (n < 0)
		return NULL;
	for (slash = strchr(path + 1, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		mkdir(path, 0700);
		*slash = '/';
	}
	if (mkdir(path, 0700) == 0 || errno == EEXIST)
		return path;
	log_error("%s: %s", path, strerror(errno));
	free(path);
	return NULL;
}

static int
institution_read(const char *path, cJSON **ret_institution)
{
	FILE *file;
	char *text = NULL;
	size_t len;
	int r = ERR_INVALID_PARAMS;

	if (path == NULL)
		return (*ret_institution = cJSON_CreateObject()) != NULL ? 0 : ERR_INTERNAL;
	if ((file = fopen(path, "re")) == NULL) {
		log_error("%s: %s", path, strerror(errno));
		return ERR_INVALID_PARAMS;
	}
	if ((text = malloc(INSTITUTION_MAX)) != NULL) {
		len = fread(text, 1, INSTITUTION_MAX, file);
		r = len < INSTITUTION_MAX ? json_parse(text, len, ret_institution) : ERR_TOO_LARGE;
	}
	if (r != 0)
		log_error("%s: not a JSON file that can be used", path);
	free(text);
	fclose(file);
	return r;
}

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
signals_open(struct agent *agent)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGHUP);
	if (sigprocmask(SIG_BLOCK, &set, NULL) != 0 || (agent->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK)) < 0)
		return ERR_INTERNAL;
	agent->signals_watch = loop_watch(agent->loop, agent->signals, EPOLLIN, on_signal, agent);
	return agent->signals_watch != NULL ? 0 : ERR_INTERNAL;
}

static int
services_build(struct agent *agent)
{
	struct services *s = &agent->services;
	char *store = NULL;
	int r;

	*s = (struct services){ .loop = agent->loop, .config = &agent->config, .language = config_language(&agent->config),
		.programs = &agent->programs, .spool = agent->spool, .send_binary = send_binary, .transport = agent };
	if (asprintf(&store, "%s/origins.json", agent->state) < 0)
		return ERR_INTERNAL;
	r = origins_new(&agent->config, store, &s->origins);
	free(store);
	if (r == 0)
		r = identity_new(agent->state, &s->identity);
	if (r == 0)
		r = institution_read(agent->config.institution, &s->institution);
	if (r == 0)
		r = form_catalogue_new(&s->forms);
	if (r == 0)
		r = prompts_new(agent->loop, &agent->programs, &(struct prompt_settings){ agent->config.pinentry, s->language,
		    agent->config.dialog_arm_ms, agent->config.dialog_seconds }, &s->prompts);
	if (r == 0)
		r = devices_new(agent->loop, &agent->config.modules, &agent->programs, on_devices_changed, agent, &s->devices);
	return r;
}

static int
agent_build(struct agent *agent, const char *config_path)
{
	int r;

	if (config_path == NULL && access(DEFAULT_CONFIG, R_OK) == 0)
		config_path = DEFAULT_CONFIG;
	/* Whoever can write the settings chooses the module that gets the PIN. */
	if (config_path != NULL && (r = trusted_file_check(config_path)) != 0) {
		log_error("%s: must be a file of root or of this user that no one else can write", config_path);
		return r;
	}
	if ((r = config_read(config_path, &agent->config)) != 0 || (r = programs_find(&agent->programs)) != 0)
		return r;
	agent->state = folder_make("XDG_STATE_HOME", ".local/state");
	agent->spool = folder_make("XDG_RUNTIME_DIR", ".cache");
	if (agent->state == NULL || agent->spool == NULL)
		return ERR_INTERNAL;
	if ((r = loop_new(&agent->loop)) != 0 || (r = signals_open(agent)) != 0 || (r = services_build(agent)) != 0)
		return r;
	if ((r = listen_open(LISTEN_PORT_FIRST, LISTEN_PORT_LAST, &agent->listeners)) != 0) {
		log_error("ports %d to %d are all taken", LISTEN_PORT_FIRST, LISTEN_PORT_LAST);
		return r;
	}
	if ((r = dispatch_new(&agent->services, (struct dispatch_output){ send_text, send_close, agent }, &agent->dispatch)) != 0 ||
	    (r = server_new(agent->loop, &agent->listeners, &server_events, agent, &agent->server)) != 0)
		return r;
	return listen_check_process();
}

static void
agent_clear(struct agent *agent)
{
	/* Calls hold prompts and helpers, so they go first; the sockets last. */
	dispatch_free(agent->dispatch);
	agent->dispatch = NULL;
	devices_free(agent->services.devices);
	prompts_free(agent->services.prompts);
	form_catalogue_free(agent->services.forms);
	identity_free(agent->services.identity);
	origins_free(agent->services.origins);
	cJSON_Delete(agent->services.institution);
	server_free(agent->server);
	listen_close(&agent->listeners);
	loop_unwatch(&agent->signals_watch);
	if (agent->signals >= 0)
		close(agent->signals);
	loop_free(agent->loop);
	programs_clear(&agent->programs);
	config_clear(&agent->config);
	free(agent->state);
	free(agent->spool);
}

static void
usage(FILE *out)
{
	fprintf(out, "Usage: imza-agent [--config FILE] [--verbose]\n"
	    "Lets web portals sign with the e-signature card in this computer.\n\n"
	    "  --config FILE  settings (default " DEFAULT_CONFIG ")\n"
	    "  --verbose      log more\n"
	    "  --version      print the version\n"
	    "  --help         print this\n");
}

int
main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "config", required_argument, NULL, 'c' }, { "verbose", no_argument, NULL, 'v' },
		{ "version", no_argument, NULL, 'V' }, { "help", no_argument, NULL, 'h' }, { NULL, 0, NULL, 0 },
	};
	struct agent agent = { .listeners = { { -1, -1 }, 0 }, .signals = -1 };
	const char *config_path = NULL;
	enum log_level level = LOG_INFO;
	int c, r;

	while ((c = getopt_long(argc, argv, "c:vVh", options, NULL)) != -1)
		switch (c) {
		case 'c':
			config_path = optarg;
			break;
		case 'v':
			level = LOG_DEBUG;
			break;
		case 'V':
			puts("imza-agent " IMZA_VERSION);
			return EXIT_SUCCESS;
		case 'h':
			usage(stdout);
			return EXIT_SUCCESS;
		default:
			usage(stderr);
			return 2;
		}
	log_init("imza-agent", level);
	if (optind != argc) {
		usage(stderr);
		return 2;
	}
	/* OpenSSL's own settings file could load code into us. */
	if (harden_process() != 0 || OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, NULL) != 1) {
		log_error("this process can't be protected");
		return EXIT_FAILURE;
	}
	files_raise();
	if ((r = agent_build(&agent, config_path)) == 0) {
		printf("ready on port %u\n", agent.listeners.port);
		fflush(stdout);
		server_run(agent.server);
	}
	agent_clear(&agent);
	return r == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
