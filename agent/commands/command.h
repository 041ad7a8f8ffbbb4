/* SPDX-License-Identifier: Apache-2.0 */
/* commands/command.h: the verbs of the command line; one file each, listed in main.c. */
#ifndef COMMANDS_COMMAND_H
#define COMMANDS_COMMAND_H

enum { COMMAND_OK, COMMAND_FAILED, COMMAND_USAGE };	/* exit codes; doctor has its own */

struct command {
	const char *name;
	const char *arguments;	/* for the usage, "" for none */
	const char *summary;
	/* argv[0] is the verb. config: the path after --config, or NULL. The exit code. */
	int (*run)(const char *config, int argc, char **argv);
};

extern const struct command command_audit, command_doctor, command_forms, command_list, command_origins, command_run, command_sign;

/* Prints the verb's own usage to stderr. COMMAND_USAGE. */
int command_usage(const struct command *command);

#endif
