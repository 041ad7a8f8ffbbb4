/* SPDX-License-Identifier: Apache-2.0 */
/* commands/command.c: what all verbs print in the same way. */
#include "commands/command.h"

void
command_help(const struct command *command, FILE *out)
{
	fprintf(out, "Usage: imza-agent %s%s%s\n%s\n", command->name, *command->arguments != '\0' ? " " : "", command->arguments, command->summary);
}

int
command_usage(const struct command *command)
{
	command_help(command, stderr);
	return COMMAND_USAGE;
}

int
command_print_json(const cJSON *json)
{
	char *text = cJSON_Print(json);

	if (text == NULL)
		return COMMAND_FAILED;
	puts(text);
	cJSON_free(text);
	return COMMAND_OK;
}
