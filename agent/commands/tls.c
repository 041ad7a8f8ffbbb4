/* SPDX-License-Identifier: Apache-2.0 */
/* commands/tls.c: imza-agent tls: has this user's browsers trust a wss connection to the agent, tells how that stands, and undoes it. */
#include "commands/command.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "agent.h"
#include "base/err.h"
#include "base/log.h"
#include "tls/certutil.h"
#include "tls/setup.h"

struct verb {
	struct agent agent;
	bool turkish, restart;		/* restart: a browser is running that may not see the change */
	size_t failed;
	char *folder;
	struct stores stores;
};

static const char *text(const struct verb *verb, const char *tr, const char *en) __attribute__((format_arg(2), format_arg(3)));

static const char *
text(const struct verb *verb, const char *tr, const char *en)
{
	return verb->turkish ? tr : en;
}

static void
store_print(void *context, const struct store *store, enum setup_outcome outcome, bool in_use)
{
	struct verb *verb = context;
	const char *words[] = {
		[SETUP_TRUSTED] = text(verb, "güveniyor", "trusts it"),
		[SETUP_NOT_TRUSTED] = text(verb, "güvenmiyor", "does not trust it"),
		[SETUP_CLEAN] = text(verb, "temiz", "clean"),
		[SETUP_FAILED] = text(verb, "OLMADI", "FAILED"),
	};

	verb->failed += outcome == SETUP_FAILED;
	verb->restart = verb->restart || in_use;
	printf("%-18s %s%s\n", words[outcome], store->folder, in_use ? text(verb, "  (tarayıcı açık)", "  (a browser is running)") : "");
}

static void
day_print(const char *label, int64_t seconds)
{
	const time_t time = (time_t)seconds;
	struct tm tm;
	char day[16] = "";

	if (localtime_r(&time, &tm) != NULL)
		strftime(day, sizeof(day), "%d.%m.%Y", &tm);
	printf("%s %s\n", label, day);
}

static int
error_print(const struct verb *verb, int r)
{
	if (r == ERR_NOT_FOUND)
		fputs(text(verb, "imza-agent: " CERTUTIL_PROGRAM " yok; libnss3-tools paketini kurun.\n",
		    "imza-agent: there is no " CERTUTIL_PROGRAM "; install the package libnss3-tools.\n"), stderr);
	return COMMAND_FAILED;
}

static void
afterwards_print(const struct verb *verb)
{
	if (verb->failed > 0)
		fprintf(stderr, text(verb, "imza-agent: %zu depo değiştirilemedi; ana parolası olan bir Firefox profiline %s/%s elle eklenir.\n",
		    "imza-agent: %zu stores could not be changed; to a Firefox profile with a primary password add %s/%s by hand.\n"),
		    verb->failed, verb->folder, SETUP_AUTHORITY);
	if (verb->restart)
		puts(text(verb,
		    "Açık olan bir tarayıcı değişikliği görmezse kapatıp yeniden açın.",
		    "If a browser that is running does not see the change, close and reopen it."));
}

static int
verb_setup(struct verb *verb)
{
	int r = setup_make(verb->folder, &verb->stores, time(NULL), store_print, verb);

	if (r != 0) {
		fputs(text(verb, "imza-agent: TLS kurulamadı.\n", "imza-agent: TLS could not be set up.\n"), stderr);
		return error_print(verb, r);
	}
	puts(text(verb, "TLS kuruldu: aracı aynı kapıda artık wss:// de konuşuyor.", "TLS is set up: on the same port the agent now speaks wss:// too."));
	afterwards_print(verb);
	return verb->failed == 0 ? COMMAND_OK : COMMAND_FAILED;
}

static int
verb_remove(struct verb *verb)
{
	int r = setup_remove(verb->folder, &verb->stores, store_print, verb);

	if (r != 0)
		return error_print(verb, r);
	puts(text(verb, "TLS kaldırıldı.", "TLS is removed."));
	if (verb->restart)
		afterwards_print(verb);
	return COMMAND_OK;
}

static int
verb_status(struct verb *verb)
{
	struct setup_state state;

	if (setup_read(verb->folder, &state) != 0) {
		puts(text(verb, "TLS kurulu değil.", "TLS is not set up."));
		return COMMAND_OK;
	}
	printf(text(verb, "TLS kurulu, yetkili %s\n", "TLS is set up, authority %s\n"), state.id);
	day_print(text(verb, "geçerli son gün:  ", "valid until:       "), state.ends);
	day_print(text(verb, "yenilenecek gün:  ", "to be renewed from:"), state.due);
	if (state.due <= time(NULL))
		puts(text(verb, "Yenileme zamanı geldi: tarayıcılar kapalıyken aracıyı yeniden başlatın ya da imza-agent tls setup çalıştırın.",
		    "It is due: start the agent again while no browser runs, or run imza-agent tls setup."));
	setup_look(&state, &verb->stores, store_print, verb);
	return COMMAND_OK;
}

/* What a starting agent has done by a process of its own, in which the authority's key lives and dies. Says nothing to the user. */
static int
verb_renew(struct verb *verb)
{
	struct setup_state state;
	const time_t now = time(NULL);

	if (setup_read(verb->folder, &state) != 0 || state.due > now)
		return COMMAND_OK;
	for (size_t i = 0; i < verb->stores.count && state.ends > now; i++)
		if (store_in_use(&verb->stores.items[i])) {
			log_error("the TLS certificate is to be renewed, which waits until no browser runs");
			return COMMAND_OK;
		}
	return verb_setup(verb);
}

static int
verb_prepare(struct verb *verb, const char *config)
{
	const char *home = getenv("HOME");
	int r;

	if ((r = agent_configure(&verb->agent, config)) != 0 || (r = agent_folders(&verb->agent)) != 0)
		return r;
	verb->turkish = strcmp(config_language(&verb->agent.config), "tr") == 0;
	if (home == NULL || *home != '/' || asprintf(&verb->folder, "%s/" SETUP_FOLDER, verb->agent.state) < 0)
		return ERR_INTERNAL;
	return stores_find(home, getenv("XDG_CONFIG_HOME"), getenv("XDG_DATA_HOME"), &verb->stores);
}

static int
tls_run(const char *config, int argc, char **argv)
{
	static const struct { const char *name; int (*run)(struct verb *verb); } verbs[] = {
		{ "setup", verb_setup }, { "status", verb_status }, { "remove", verb_remove }, { "renew", verb_renew },
	};
	struct verb verb = { .turkish = true };
	int status = COMMAND_FAILED;
	size_t i = 0;

	while (i < sizeof(verbs) / sizeof(verbs[0]) && strcmp(verbs[i].name, argc == 2 ? argv[1] : argc == 1 ? "status" : "") != 0)
		i++;
	if (i == sizeof(verbs) / sizeof(verbs[0]))
		return command_usage(&command_tls);
	if (verb_prepare(&verb, config) == 0)
		status = verbs[i].run(&verb);
	stores_clear(&verb.stores);
	free(verb.folder);
	agent_clear(&verb.agent);
	return status;
}

const struct command command_tls = { "tls", "[status | setup | remove]",
	"Has this user's browsers trust wss:// connections to the agent (off until set up).", tls_run };
