/* SPDX-License-Identifier: Apache-2.0 */
/* commands/origins.c: imza-agent origins: which sites may use the card without being asked for again. */
#include "commands/command.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "agent.h"
#include "base/err.h"
#include "base/json.h"

static void
origin_add(cJSON *origins, const char *origin, const char *grant)
{
	cJSON *item = cJSON_CreateObject();

	cJSON_AddStringToObject(item, "origin", origin);
	cJSON_AddStringToObject(item, "grant", grant);
	cJSON_AddItemToArray(origins, item);
}

static void
list_add(cJSON *origins, const struct config_list *list, const char *grant)
{
	for (size_t i = 0; i < list->count; i++)
		origin_add(origins, list->items[i], grant);
}

static int
origins_list(struct agent *agent, bool json)
{
	cJSON *result = cJSON_CreateObject(), *origins = cJSON_AddArrayToObject(result, "origins");
	const cJSON *item;
	int status = COMMAND_OK;

	list_add(origins, &agent->config.allowed_origins, "listed");
	list_add(origins, &agent->config.denied_origins, "forbidden");
	list_add(origins, &agent->config.developer_origins, "developer");
	list_add(origins, &agent->config.hash_origins, "hash");
	cJSON_ArrayForEach(item, origins_remembered(agent->services.origins))
		origin_add(origins, item->string, cJSON_IsTrue(item) ? "always" : "denied");
	if (json)
		status = command_print_json(result);
	else
		cJSON_ArrayForEach(item, origins)
			printf("%-10s %s\n", json_string(item, "grant"), json_string(item, "origin"));
	cJSON_Delete(result);
	return status;
}

static int
origins_settle(struct agent *agent, const char *origin, bool allowed)
{
	if (!origin_text_is_https(origin) && !origin_text_is_http(origin)) {
		fprintf(stderr, "imza-agent: %s is no origin of a site, such as https://portal.example\n", origin);
		return COMMAND_FAILED;
	}
	if (allowed && !origins_may_connect(agent->services.origins, origin)) {
		fprintf(stderr, "imza-agent: the settings keep %s from connecting\n", origin);
		return COMMAND_FAILED;
	}
	if (origins_remember(agent->services.origins, origin, allowed) != 0) {
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
		fprintf(stderr, "imza-agent: %s is neither allowed nor denied\n", origin);
	else if (r != 0)
		fprintf(stderr, "imza-agent: the store in %s can't be written\n", agent->state);
	return r == 0 ? COMMAND_OK : COMMAND_FAILED;
}

static int
origins_run(const char *config, int argc, char **argv)
{
	static const struct option options[] = { { "json", no_argument, NULL, 'j' }, { NULL, 0, NULL, 0 } };
	struct agent agent = { 0 };
	bool json = false, list, allow, deny, revoke;
	int c, status = COMMAND_FAILED;
	char **words;

	while ((c = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (c != 'j')
			return command_usage(&command_origins);
		json = true;
	}
	words = argv + optind;
	argc -= optind;
	list = argc == 0 || (argc == 1 && strcmp(words[0], "list") == 0);
	allow = !json && argc == 2 && strcmp(words[0], "allow") == 0;
	deny = !json && argc == 2 && strcmp(words[0], "deny") == 0;
	revoke = !json && argc == 2 && strcmp(words[0], "revoke") == 0;
	if (!list && !allow && !deny && !revoke)
		return command_usage(&command_origins);
	if (agent_configure(&agent, config) == 0 && agent_build(&agent, NULL, NULL) == 0)
		status = list ? origins_list(&agent, json) : revoke ? origins_revoke(&agent, words[1]) : origins_settle(&agent, words[1], allow);
	agent_clear(&agent);
	return status;
}

const struct command command_origins = { "origins", "[list | allow ORIGIN | deny ORIGIN | revoke ORIGIN] [--json]",
	"Which sites may use the card without asking again, and which not at all; a running agent sees a change at once.", origins_run };
