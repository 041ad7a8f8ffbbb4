/* SPDX-License-Identifier: Apache-2.0 */
/* main.c: the program imza-agent: its options, and the table of its verbs. */
#include <getopt.h>
#include <openssl/crypto.h>
#include <stdio.h>
#include <string.h>

#include "agent.h"
#include "base/harden.h"
#include "base/log.h"
#include "commands/command.h"

static const struct command *const commands[] = {
	&command_audit,
	&command_browser,
	&command_config,
	&command_doctor,
	&command_forms,
	&command_list,
	&command_origins,
	&command_pin,
	&command_run,
	&command_sign,
	&command_tls,
	&command_verify,
};
static const size_t commands_count = sizeof(commands) / sizeof(commands[0]);

static void
usage(FILE *out)
{
	fprintf(out, "Usage: imza-agent [--config FILE|DIR] [--verbose] [COMMAND]\n"
	    "Lets web portals sign with the e-signature card in this computer.\n\n"
	    "  --config FILE  settings instead of the administrator's; a folder: instead of " CONFIG_SYSTEM_DIR "\n"
	    "  --verbose      log more\n"
	    "  --version      print the version\n"
	    "  --help         print this\n\nCommands:\n");
	for (size_t i = 0; i < commands_count; i++)
		fprintf(out, "  %s%s%s\n      %s\n", commands[i]->name, *commands[i]->arguments != '\0' ? " " : "", commands[i]->arguments,
		    commands[i]->summary);
}

static int
verb_run(const char *config, int argc, char **argv)
{
	if (argc == 0)
		return command_run.run(config, 0, argv);
	for (size_t i = 0; i < commands_count; i++)
		if (strcmp(commands[i]->name, argv[0]) == 0) {
			if (argc == 2 && strcmp(argv[1], "--help") == 0) {
				command_help(commands[i], stdout);
				return COMMAND_OK;
			}
			optind = 0;	/* getopt begins anew with the verb's own options */
			return commands[i]->run(config, argc, argv);
		}
	fprintf(stderr, "imza-agent: no command %s\n\n", argv[0]);
	usage(stderr);
	return COMMAND_USAGE;
}

int
main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "config", required_argument, NULL, 'c' }, { "verbose", no_argument, NULL, 'v' },
		{ "version", no_argument, NULL, 'V' }, { "help", no_argument, NULL, 'h' }, { NULL, 0, NULL, 0 },
	};
	const char *config = NULL;
	enum log_level level = LOG_INFO;
	int c;

	while ((c = getopt_long(argc, argv, "+c:vVh", options, NULL)) != -1)
		switch (c) {
		case 'c':
			config = optarg;
			break;
		case 'v':
			level = LOG_DEBUG;
			break;
		case 'V':
			puts("imza-agent " IMZA_VERSION);
			return COMMAND_OK;
		case 'h':
			usage(stdout);
			return COMMAND_OK;
		default:
			usage(stderr);
			return COMMAND_USAGE;
		}
	/* A verb's output is for its reader; what the daemon tells of itself is for the journal. */
	if (level == LOG_INFO && optind < argc && strcmp(argv[optind], command_run.name) != 0)
		level = LOG_ERROR;
	log_init("imza-agent", level);
	/* OpenSSL's own settings file could load code into us. */
	if (harden_process() != 0 || OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, NULL) != 1) {
		log_error("this process can't be protected");
		return COMMAND_FAILED;
	}
	return verb_run(config, argc - optind, argv + optind);
}
