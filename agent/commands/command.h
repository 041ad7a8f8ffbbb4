/* SPDX-License-Identifier: Apache-2.0 */
/* commands/command.h: the verbs of the command line; one file each, listed in main.c. */
#ifndef COMMANDS_COMMAND_H
#define COMMANDS_COMMAND_H

#include <stdio.h>
#include <cjson/cJSON.h>

enum { COMMAND_OK, COMMAND_FAILED, COMMAND_USAGE };	/* exit codes; doctor and verify have their own */

struct command {
	const char *name;
	const char *arguments;	/* for the usage, "" for none; completion.bash reads its words, options and choices from it */
	const char *summary;
	/* argv[0] is the verb. config: the path after --config, or NULL. The exit code. */
	int (*run)(const char *config, int argc, char **argv);
};

extern const struct command
    command_audit,
    command_browser,
    command_config,
    command_doctor,
    command_forms,
    command_list,
    command_origins,
    command_pin,
    command_run,
    command_sign,
    command_tls,
    command_verify;

/* The verb's own usage. */
void command_help(const struct command *command, FILE *out);

/* The same to stderr, for wrong arguments. COMMAND_USAGE. */
int command_usage(const struct command *command);

/* Prints a result to stdout. COMMAND_OK or COMMAND_FAILED. */
int command_print_json(const cJSON *json);

#endif
