/* SPDX-License-Identifier: Apache-2.0 */
/* commands/browser.c: imza-agent browser: whether browsers let the listed sites reach the agent without asking, and the policies for that. */
#include "browsers/browsers.h"

#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

#include "commands/command.h"

static const struct text { const char *name, *tr, *en; } texts[] = {
	{ "ok", "sormadan bağlanır", "connects without being asked" },
	{ "missing", "kullanıcıya sorulur", "the user is asked" },
	{ "blocked", "bir ilke yasaklıyor", "a policy forbids it" },
	{ "stale", "ayarlarda artık yok, ilkede duruyor (root olarak: imza-agent browser setup)",
	    "no longer in the settings, still in the policy (as root: imza-agent browser setup)" },
	{ "damaged", "okunamayan bir ilke dosyası var", "a policy file can't be read" },
	{ "no sites", "allow-origin ayarında https sitesi yok", "no https site is listed as allow-origin" },
	{ "none", "bu bilgisayarda tarayıcı bulunamadı", "no browser was found on this computer" },
	{ "set", "ilke yazıldı", "the policy is set" },
	{ "nothing", "ilke yok", "no policy" },
	{ "failed", "ilke yazılamadı (root olarak çalıştırın)", "the policy can't be written (run it as root)" },
	{ "foreign", "kurumun kendi ilkesi geçerli, dokunulmadı; siteleri oraya ekleyin", "the institution's own policy decides and is left alone; add the sites there" },
	{ "flatpak", "Flatpak: /etc altındaki ilkeleri görmez, kullanıcıya sorar", "a Flatpak does not see policies in /etc and asks the user" },
};

struct browser_command {
	const char *root;
	bool turkish;
};

static void
line_print(const struct browser_command *command, const char *browser, const char *text, const char *what)
{
	const char *words = text;

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		if (strcmp(texts[i].name, text) == 0)
			words = command->turkish ? texts[i].tr : texts[i].en;
	printf("%s%s%s%s%s\n", browser, *browser != '\0' ? ": " : "", what, *what != '\0' ? ": " : "", words);
}

static void
flatpak_print(void *context, const char *name)
{
	line_print(context, name, "flatpak", "");
}

static void
stale_print(void *context, const struct browser *browser, const char *site)
{
	line_print(context, browser->name, "stale", site);
}

static int
check(struct browser_command *command, const struct config_list *sites)
{
	bool found = false, fine = true;

	for (size_t i = 0; i < browsers_count; i++) {
		unsigned damaged;
		cJSON *policies;

		if (!browser_is_there(&browsers[i], command->root))
			continue;
		found = true;
		policies = browser_policies(&browsers[i], command->root, NULL, &damaged);
		for (size_t k = 0; k < sites->count; k++) {
			const char *outcome = browser_outcome(&browsers[i], policies, sites->items[k]);

			line_print(command, browsers[i].name, outcome, sites->items[k]);
			fine &= strcmp(outcome, "ok") == 0;
		}
		fine &= browser_stale(&browsers[i], command->root, policies, sites, stale_print, command) == 0;
		if (damaged > 0)
			line_print(command, browsers[i].name, "damaged", "");
		fine &= damaged == 0;
		cJSON_Delete(policies);
	}
	if (browser_flatpaks(command->root, getenv("HOME"), flatpak_print, command) > 0 && sites->count > 0)
		fine = false;
	else if (!found)
		line_print(command, "", "none", "");
	if (sites->count == 0)
		line_print(command, "", "no sites", "");
	return fine ? COMMAND_OK : COMMAND_FAILED;
}

/* One at a time, so that none takes for the institution's what another is just writing. Any user could hold this: so ten seconds at most. */
static int
turn_take(const char *root)
{
	int fd = open(*root != '\0' ? root : "/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	for (int tenths = 0; fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) != 0 && tenths < 100; tenths++)
		nanosleep(&(struct timespec){ .tv_nsec = 100000000 }, NULL);
	return fd;
}

/* For browsers that are not there yet, too: one that is installed later finds its policy. */
static int
set(struct browser_command *command, const struct config_list *sites)
{
	int status = COMMAND_OK, turn = turn_take(command->root);

	for (size_t i = 0; i < browsers_count; i++) {
		char *where = NULL;

		switch (browser_set(&browsers[i], command->root, sites, &where)) {
		case BROWSER_SET:
			line_print(command, browsers[i].name, "set", "");
			break;
		case BROWSER_NOTHING:
			line_print(command, browsers[i].name, "nothing", "");
			break;
		case BROWSER_FOREIGN:
			line_print(command, browsers[i].name, "foreign", where != NULL ? where : "");
			status = COMMAND_FAILED;
			break;
		case BROWSER_FAILED:
			line_print(command, browsers[i].name, "failed", "");
			status = COMMAND_FAILED;
			break;
		}
		free(where);
	}
	if (turn >= 0)
		close(turn);
	return status;
}

static int
browser_run(const char *path, int argc, char **argv)
{
	static const struct option options[] = { { "root", required_argument, NULL, 'r' }, { NULL, 0, NULL, 0 } };
	struct browser_command command = { .root = "" };
	struct config config = { 0 };
	struct config_list sites = { 0 };
	const char *word;
	int c, status = COMMAND_FAILED;

	while ((c = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (c != 'r')
			return command_usage(&command_browser);
		command.root = optarg;
	}
	word = optind == argc ? "check" : argv[optind];
	if (argc - optind > 1 || (strcmp(word, "check") != 0 && strcmp(word, "setup") != 0 && strcmp(word, "remove") != 0))
		return command_usage(&command_browser);
	/* Settings that must not be used grant nothing; what an earlier setup wrote can be removed all the same. */
	if ((config_read(path, &config) == 0 && browser_sites(&config.allowed_origins, &sites) == 0) || strcmp(word, "remove") == 0) {
		command.turkish = strcmp(config_language(&config), "tr") == 0;
		if (strcmp(word, "check") == 0)
			status = check(&command, &sites);
		else if (strcmp(word, "setup") == 0)
			status = set(&command, &sites);
		else
			status = set(&command, &(struct config_list){ 0 });
	}
	config_list_clear(&sites);
	config_clear(&config);
	return status;
}

const struct command command_browser = { "browser", "[check | setup | remove] [--root DIR]",
	"Tells whether browsers let the listed sites reach the agent without asking, or sets or removes the policies for that.", browser_run };
