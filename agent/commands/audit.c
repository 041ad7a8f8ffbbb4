/* SPDX-License-Identifier: Apache-2.0 */
/* commands/audit.c: imza-agent audit: what was signed on this computer, for which site, and whether the log is as it was written. */
#include "commands/command.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent.h"
#include "base/err.h"
#include "base/json.h"
#include "session/audit_read.h"

static const char *
text_of(const cJSON *entry, const char *name)
{
	const char *text = json_string(entry, name);

	return text != NULL ? text : "-";
}

static void
entry_print(void *context, const cJSON *entry)
{
	const cJSON *form = json_member(entry, "form");

	(void)context;
	printf("%s  %-22s %s  %s", text_of(entry, "time"), text_of(entry, "result"), text_of(entry, "origin"), text_of(entry, "kind"));
	if (form != NULL)
		printf(" %s %d", text_of(form, "id"), (int)json_integer(form, "version", 0));
	printf(", %d, %.16s", cJSON_GetArraySize(json_member(entry, "signed")), text_of(entry, "certificate"));
	if (json_string(entry, "manifest") != NULL)
		printf(", manifest %s", json_string(entry, "manifest"));
	putchar('\n');
}

static void
entry_print_json(void *context, const cJSON *entry)
{
	char *text = cJSON_PrintUnformatted(entry);

	(void)context;
	if (text != NULL)
		puts(text);
	cJSON_free(text);
}

/* What the chain says, apart from the entries: on stderr, in the agent's language. */
static void
report_print(const struct audit_report *report, bool english)
{
	fprintf(stderr, english ? "%zu entries, last hash %s\n" : "%zu kayıt, son özet %s\n", report->entries, report->last);
	if (report->broken > 0)
		fprintf(stderr, english ? "%zu lines are no entries; a power cut leaves such a line.\n" :
		    "%zu satır kayıt değil; elektrik kesintisi böyle bir satır bırakır.\n", report->broken);
	switch (report->chain) {
	case AUDIT_WHOLE:
		fputs(english ? "The chain is whole.\n" : "Zincir tam.\n", stderr);
		break;
	case AUDIT_SHORTENED:
		fputs(english ? "The chain is whole; older entries were dropped.\n" : "Zincir tam; daha eski kayıtlar silinmiş.\n", stderr);
		break;
	case AUDIT_CUT:
		fprintf(stderr, english ? "The chain is broken at %s, line %zu: a line was changed, removed or added before it.\n" :
		    "Zincir %s dosyasının %zu. satırında kopuk: ondan önce bir satır değiştirilmiş, silinmiş ya da eklenmiş.\n",
		    report->cut_file != NULL ? report->cut_file : "", report->cut_line);
		break;
	}
}

static int
audit_run(const char *config, int argc, char **argv)
{
	bool json = argc == 2 && strcmp(argv[1], "--json") == 0, check = argc == 2 && strcmp(argv[1], "--check") == 0;
	struct audit_report report = { 0 };
	struct agent agent = { 0 };
	int status = COMMAND_FAILED;

	if (argc != 1 && !json && !check)
		return command_usage(&command_audit);
	if (agent_configure(&agent, config) == 0 && agent_build(&agent, NULL, NULL) == 0 &&
	    audit_read(agent.state, check ? NULL : json ? entry_print_json : entry_print, NULL, &report) == 0) {
		report_print(&report, strcmp(config_language(&agent.config), "en") == 0);
		status = report.chain == AUDIT_CUT ? COMMAND_FAILED : COMMAND_OK;
	}
	audit_report_clear(&report);
	agent_clear(&agent);
	return status;
}

const struct command command_audit = { "audit", "[--json | --check]",
	"What was asked to be signed, for which site, and how it ended; fails when the log's chain of hashes is broken.", audit_run };
