/* SPDX-License-Identifier: Apache-2.0 */
/* helpers/programs.c: the helpers' paths, from the agent's own executable and never from the environment; their environment, by allow-list. */
#include "helpers/programs.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/log.h"

/* SOFTHSM2_CONF and OPENSC_CONF choose a test's tokens; the others are what vendor modules and sanitizers look for. */
static const char *const token_names[] = { "HOME", "XDG_RUNTIME_DIR", "SOFTHSM2_CONF", "OPENSC_CONF", "PCSCLITE_CSOCK_NAME",
	"ASAN_OPTIONS", "UBSAN_OPTIONS", NULL };
static const char *const prompt_names[] = { "DISPLAY", "WAYLAND_DISPLAY", "XAUTHORITY", "XDG_RUNTIME_DIR", "DBUS_SESSION_BUS_ADDRESS",
	"HOME", "PATH", PROGRAMS_TERMINAL, "TERM", "ASAN_OPTIONS", "UBSAN_OPTIONS", NULL };
static const char *const document_names[] = { "ASAN_OPTIONS", "UBSAN_OPTIONS", NULL };

static char *
program_path(const char *name)
{
	char own[4096], *slash, *path = NULL;
	ssize_t len = readlink("/proc/self/exe", own, sizeof(own) - 1);

	if (len <= 0)
		return NULL;
	own[len] = '\0';
	if ((slash = strrchr(own, '/')) == NULL || asprintf(&path, "%.*s/%s", (int)(slash - own), own, name) < 0)
		return NULL;
	if (access(path, X_OK) == 0)
		return path;
	free(path);
	if (asprintf(&path, "%s/%s", LIBEXECDIR, name) < 0)
		return NULL;
	return path;
}

static char **
environment_select(const char *const *names)
{
	size_t count = 0, n = 0;
	char **environment;

	while (names[count] != NULL)
		count++;
	if ((environment = calloc(count + 1, sizeof(*environment))) == NULL)
		return NULL;
	for (size_t i = 0; i < count; i++) {
		const char *value = getenv(names[i]);

		if (value != NULL && asprintf(&environment[n], "%s=%s", names[i], value) >= 0)
			n++;
	}
	environment[n] = NULL;
	return environment;
}

static void
environment_free(char **environment)
{
	for (size_t i = 0; environment != NULL && environment[i] != NULL; i++)
		free(environment[i]);
	free(environment);
}

int
programs_find(struct programs *ret_programs)
{
	struct programs p = {
		.token = program_path("imza-token"), .prompt = program_path("imza-prompt"), .document = program_path("imza-document"),
		.fetch = program_path("imza-fetch"), .window = program_path("imza-window"), .token_environment = environment_select(token_names), .prompt_environment = environment_select(prompt_names),
		.document_environment = environment_select(document_names),
	};
	const char *const paths[] = { p.token, p.prompt, p.document, p.fetch };

	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++)
		if (paths[i] == NULL || access(paths[i], X_OK) != 0) {
			log_error("helper program %s is missing", paths[i] != NULL ? paths[i] : "");
			programs_clear(&p);
			return ERR_INTERNAL;
		}
	if (p.window != NULL && access(p.window, X_OK) != 0) {
		free(p.window);
		p.window = NULL;
	}
	if (p.token_environment == NULL || p.prompt_environment == NULL || p.document_environment == NULL) {
		programs_clear(&p);
		return ERR_INTERNAL;
	}
	*ret_programs = p;
	return 0;
}

void
programs_clear(struct programs *programs)
{
	free(programs->token);
	free(programs->prompt);
	free(programs->window);
	free(programs->document);
	free(programs->fetch);
	environment_free(programs->token_environment);
	environment_free(programs->prompt_environment);
	environment_free(programs->document_environment);
	*programs = (struct programs){ 0 };
}
