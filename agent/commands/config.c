/* SPDX-License-Identifier: Apache-2.0 */
/* commands/config.c: imza-agent config: which settings hold and which file says so; whether files of settings are right. */
#include "commands/command.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/log.h"
#include "config/named.h"
#include "config/show.h"
#include "forms/institution.h"
#include "forms/small_file.h"

static int
show(const char *path, const char *key, bool origins)
{
	struct config config;
	int r;

	if (key != NULL && config_key_find(key) == NULL)
		return command_usage(&command_config);
	r = config_read(path, &config);
	if (r != ERR_INTERNAL)
		config_show(config.sources, key, origins, config_language(&config), stdout);
	config_clear(&config);
	return r == 0 ? COMMAND_OK : COMMAND_FAILED;
}

/* What is wrong inside the institution's profile; that it is not there at all is config_named_check()'s to say. */
static size_t
institution_check(const char *path, bool turkish)
{
	char *text = NULL, *problem = NULL;
	cJSON *profile = NULL;
	size_t len;
	int r;

	if (path == NULL || ((r = small_file_read(path, INSTITUTION_MAX, &text, &len)) != 0 && r != ERR_TOO_LARGE))
		return 0;
	if (r == 0)
		r = institution_parse(text, len, &profile, &problem);
	if (r != 0)
		printf("%s: %s%s\n", path, turkish ? "kurum profili okunamadı: " : "the institution's profile can't be read: ",
		    problem != NULL ? problem : turkish ? err_text(r)->message_tr : err_text(r)->message_en);
	cJSON_Delete(profile);
	free(problem);
	free(text);
	return r != 0;
}

static int
check(const char *path)
{
	struct config config;
	size_t found = 1;

	log_init("imza-agent", LOG_NONE);	/* each problem is printed, and once is enough */
	if (config_read(path, &config) != ERR_INTERNAL) {
		const char *language = config_language(&config);

		found = config_show_problems(config.sources, language, stdout) + config_named_check(config.sources, language, stdout) +
		    institution_check(config.institution, strcmp(language, "tr") == 0);
		if (found == 0)
			printf(strcmp(language, "tr") == 0 ? "%zu dosya, hata yok\n" : "%zu files, no errors\n",
			    config_sources_files(config.sources)->count);
	}
	config_clear(&config);
	return found == 0 ? COMMAND_OK : COMMAND_FAILED;
}

static int
config_run(const char *path, int argc, char **argv)
{
	static const struct option options[] = { { "origin", no_argument, NULL, 'o' }, { NULL, 0, NULL, 0 } };
	bool origins = false;
	char **words;
	int c;

	while ((c = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (c != 'o')
			return command_usage(&command_config);
		origins = true;
	}
	words = argv + optind;
	argc -= optind;
	if ((argc == 1 || argc == 2) && strcmp(words[0], "show") == 0)
		return show(path, argc == 2 ? words[1] : NULL, origins);
	if ((argc == 1 || argc == 2) && strcmp(words[0], "check") == 0 && !origins)
		return check(argc == 2 ? words[1] : path);
	return command_usage(&command_config);
}

const struct command command_config = { "config", "[show | show KEY | check | check FILE] [--origin]",
	"Prints the settings that hold and which file and line each comes from, or checks files of settings.", config_run };
