/* SPDX-License-Identifier: Apache-2.0 */
/* commands/doctor.c: imza-agent doctor: runs every check and says what to do; exit code 0 ok, 1 warnings, 2 failures or wrong usage. */
#include "commands/command.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "agent.h"
#include "base/err.h"
#include "base/json.h"
#include "commands/bundle.h"
#include "health/health.h"

enum { DOCTOR_OK, DOCTOR_WARNING, DOCTOR_FAILED };

#define READERS_MS 1500

struct doctor {
	struct agent agent;
	struct health_options options;
	const char *bundle, *metrics;
	bool json, done, written;
	int status;
	struct loop_timer *patience;
};

static void
check_print(const cJSON *check, const char *language, const char *mark)
{
	const cJSON *remedy = json_member(check, "remedy");
	const char *measured = json_string(check, "measured"), *link = json_string(check, "link");

	printf("%s %s\n", mark, json_string(json_member(check, "text"), language));
	if (*measured != '\0')
		printf("    %s: %s\n", json_string(check, "id"), measured);
	if (remedy != NULL)
		printf("  > %s\n", json_string(remedy, language));
	if (link != NULL)
		printf("    %s\n", link);
}

/* What needs doing first; then, in one line each, what is in order. */
static void
report_print(const cJSON *result, const char *language)
{
	static const struct { const char *status, *tr, *en; } kinds[] = {
		{ "failed", "[HATA] ", "[ERROR]" }, { "warning", "[UYARI]", "[WARN] " }, { "ok", "[TAMAM]", "[OK]   " },
	};
	bool turkish = strcmp(language, "tr") == 0;
	const cJSON *check;
	size_t skipped = 0;

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		cJSON_ArrayForEach(check, json_member(result, "checks"))
			if (strcmp(json_string(check, "status"), kinds[i].status) == 0)
				check_print(check, language, turkish ? kinds[i].tr : kinds[i].en);
	cJSON_ArrayForEach(check, json_member(result, "checks"))
		skipped += strcmp(json_string(check, "status"), "skipped") == 0;
	printf(turkish ? "%zu denetim yapılmadı (--json ile nedenleri görülür).\n" : "%zu checks were not made (--json tells why).\n", skipped);
}

static void
doctor_done(void *context, bool found, const cJSON *result, const cJSON *figures)
{
	struct doctor *doctor = context;
	const char *status = json_string(result, "status");

	(void)found;
	doctor->done = true;
	doctor->written = !doctor->json || command_print_json(result) == COMMAND_OK;
	doctor->status = strcmp(status, "failed") == 0 ? DOCTOR_FAILED : strcmp(status, "warning") == 0 ? DOCTOR_WARNING : DOCTOR_OK;
	if (!doctor->json)
		report_print(result, doctor->agent.services.language);
	if (doctor->metrics != NULL && metrics_write(doctor->metrics, result, figures) != 0)
		doctor->written = false;
	if (doctor->bundle != NULL && bundle_write(doctor->bundle, &doctor->agent, result) != 0)
		doctor->written = false;
}

static void
patience_over(void *context)
{
	((struct doctor *)context)->patience = NULL;
}

static int
doctor_examine(struct doctor *doctor, const char *config)
{
	struct agent *agent = &doctor->agent;
	struct health_run *run;

	/* Settings that are wrong are one of the faults: the other checks go on with what is right. */
	if (agent_configure(agent, config) == ERR_INTERNAL || agent_build(agent, NULL, NULL) != 0)
		return DOCTOR_FAILED;
	for (doctor->patience = loop_after(agent->loop, READERS_MS, patience_over, doctor); doctor->patience != NULL && !devices_seen(agent->services.devices);)
		loop_run_once(agent->loop, -1);
	loop_cancel(&doctor->patience);
	if ((run = health_start(&agent->services, &doctor->options, doctor_done, doctor)) == NULL)
		return DOCTOR_FAILED;
	while (!doctor->done)
		loop_run_once(agent->loop, -1);
	return doctor->written ? doctor->status : DOCTOR_FAILED;
}

static int
doctor_run(const char *config, int argc, char **argv)
{
	static const struct option options[] = {
		{ "json", no_argument, NULL, 'j' }, { "deep", no_argument, NULL, 'd' }, { "bundle", required_argument, NULL, 'b' },
		{ "metrics", required_argument, NULL, 'm' }, { "root", required_argument, NULL, 'r' }, { NULL, 0, NULL, 0 },
	};
	struct doctor doctor = { .options = { .command_line = true, .root = "" } };
	int c, status;

	while ((c = getopt_long(argc, argv, "", options, NULL)) != -1)
		switch (c) {
		case 'j':
			doctor.json = true;
			break;
		case 'd':
			doctor.options.deep = doctor.options.network = true;
			break;
		case 'b':
			doctor.bundle = optarg;
			break;
		case 'm':
			doctor.metrics = optarg;
			break;
		case 'r':
			doctor.options.root = optarg;
			break;
		default:
			return command_usage(&command_doctor);
		}
	if (optind != argc)
		return command_usage(&command_doctor);
	status = doctor_examine(&doctor, config);
	agent_clear(&doctor.agent);
	return status;
}

const struct command command_doctor = { "doctor", "[--json] [--deep] [--bundle FILE.tar|DIR] [--metrics FILE.prom] [--root DIR]",
	"Checks this workstation and says what to do; --deep times the card and tries the providers' servers.", doctor_run };
