/* SPDX-License-Identifier: Apache-2.0 */
/* commands/origins.c: imza-agent origins: which sites may use the card without being asked for again. */
#include "commands/command.h"

#include <stdio.h>
#include <string.h>

#include "agent.h"
#include "base/err.h"

static void
list_print(const struct config_list *list, const char *word)
{
	for (size_t i = 0; i < list->count; i++)
		printf("%-10s %s\n", word, list->items[i]);
}

static int
origins_list(struct agent *agent)
{
	const cJSON *item;

	list_print(&agent->config.allowed_origins, "listed");
	list_print(&agent->config.developer_origins, "developer");
	list_print(&agent->config.hash_origins, "hash");
	cJSON_ArrayForEach(item, origins_remembered(agent->services.origins))
		printf("%-10s %s\n", "always", item->string);
	return COMMAND_OK;
}

static int
origins_allow(struct agent *agent, const char *origin)
{
	if (!origins_may_connect(agent->services.origins, origin)) {
		fprintf(stderr, "imza-agent: %s is no origin of a site, such as https://portal.example\n", origin);
		return COMMAND_FAILED;
	}
	if (origins_remember(agent->services.origins, origin) != 0) {
		fprintf(stderr, "imza-agent: the store in %s can't be written\n", agent->state);
		return COMMAND_FAILED;
	}
	return COMMAND_OK;
}

static int
origins_revoke(struct agent *agent, const char *origin)
{
	int r = origins_forget(agent->services.origins, origin);

	if (r == ERR_NOT_FOUND && origins_grant(agent->services.origins, origin) == GRANT_LISTED)
		fprintf(stderr, "imza-agent: %s is listed in the settings; only who may edit them can take it back\n", origin);
	else if (r == ERR_NOT_FOUND)
		fprintf(stderr, "imza-agent: %s is not allowed\n", origin);
	else if (r != 0)
		fprintf(stderr, "imza-agent: the store in %s can't be written\n", agent->state);
	return r == 0 ? COMMAND_OK : COMMAND_FAILED;
}

static int
origins_run(const char *config, int argc, char **argv)
{
	struct agent agent = { 0 };
	int status = COMMAND_FAILED;
	bool list = argc == 1 || (argc == 2 && strcmp(argv[1], "list") == 0);
	bool allow = argc == 3 && strcmp(argv[1], "allow") == 0, revoke = argc == 3 && strcmp(argv[1], "revoke") == 0;

	if (!list && !allow && !revoke)
		return command_usage(&command_origins);
	if (agent_configure(&agent, config) == 0 && agent_build(&agent, NULL, NULL) == 0)
		status = list ? origins_list(&agent) : allow ? origins_allow(&agent, argv[2]) : origins_revoke(&agent, argv[2]);
	agent_clear(&agent);
	return status;
}

const struct command command_origins = { "origins", "[list | allow ORIGIN | revoke ORIGIN]",
	"Which sites may use the card without asking again; a running agent sees a change at once.", origins_run };
