/* SPDX-License-Identifier: Apache-2.0 */
/* health/run.c: a run: asks every module and the probe at once, then goes the way to a signature where asked, then judges. */
#include "health/checks.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/err.h"
#include "base/json.h"
#include "health/way.h"
#include "operations/validation.h"

#define TOKENS_MS 6000		/* shorter than a listing's: a module that hangs is what a run looks for */
#define CERTIFICATES_MS 10000
#define PROBE_MS 6000
#define PROBE_DEEP_MS 20000

/* A request to a module under way. */
struct query {
	struct health_run *run;
	size_t module;
	cJSON *token;		/* NULL: for the tokens themselves */
	struct helper_request *request;
	struct query *next;
};

struct health_run {
	struct health health;
	void (*done)(void *context, bool found, const cJSON *result, const cJSON *figures);
	void *context;
	struct query *queries;
	struct probe *probe;
	struct loop_timer *probe_timer, *start;
	struct health_way *way;
	struct validation *validation;
	size_t open;		/* queries, the probe, the start and the way */
};

static void
run_free(struct health_run *run)
{
	struct health *h = &run->health;

	while (run->queries != NULL) {
		struct query *query = run->queries;

		run->queries = query->next;
		helper_cancel(&query->request);
		free(query);
	}
	probe_abandon(&run->probe, NULL);
	loop_cancel(&run->probe_timer);
	loop_cancel(&run->start);
	health_way_cancel(&run->way);
	validation_cancel(&run->validation);
	cJSON_Delete(h->validation);
	for (size_t i = 0; i < h->modules_count; i++)
		free(h->modules[i].detail);
	free(h->modules);
	for (size_t i = 0; i < h->certificates_count; i++)
		certificate_free(h->certificates[i].certificate);
	cJSON_Delete(h->tokens);
	report_free(h->report);
	free(run);
}

/* --- what the checks see --- */

static void
certificate_add(struct health *h, const cJSON *token, const cJSON *entry)
{
	struct health_certificate *c = &h->certificates[h->certificates_count];
	unsigned char *der = NULL;
	size_t len;

	if (h->certificates_count == HEALTH_CERTIFICATES_MAX)
		return;
	if (json_base64(entry, "der", &der, &len) != 0 || certificate_new(der, len, &c->certificate) != 0) {
		h->certificates_damaged++;
	} else {
		c->token = token;
		c->entry = entry;
		c->may_sign = certificate_signs(c->certificate);
		snprintf(c->what, sizeof(c->what), "certificate %.8s", certificate_id(c->certificate));
		h->certificates_count++;
	}
	free(der);
}

static void
facts_finish(struct health_run *run)
{
	struct health *h = &run->health;
	const struct pcsc_snapshot *now = devices_pcsc(h->services->devices);
	const cJSON *token, *entry;

	h->now = time(NULL);
	h->pcsc = *now;
	h->pcsc.count = 0;
	for (size_t i = 0; i < now->count; i++)
		if (health_looks_at(h, now->readers[i].name))
			h->pcsc.readers[h->pcsc.count++] = now->readers[i];
	cJSON_ArrayForEach(token, h->tokens)
		cJSON_ArrayForEach(entry, json_member(token, "certificates"))
			certificate_add(h, token, entry);
}

static void
run_judge(struct health_run *run)
{
	static void (*const checks[])(struct health *h) = { check_service, check_readers, check_cards, check_modules, check_certificates,
		check_trust, check_agent, check_folders, check_clock, check_browsers, check_tls, check_deep };
	struct health *h = &run->health;
	cJSON *result;

	for (size_t i = 0; i < sizeof(checks) / sizeof(checks[0]); i++)
		checks[i](h);
	result = report_result(h->report);
	run->done(run->context, h->options.reader == NULL || h->pcsc.count > 0 || cJSON_GetArraySize(h->tokens) > 0, result,
	    report_figures(h->report));
	cJSON_Delete(result);
	run_free(run);
}

static void
way_done(void *context, const char *outcome, const char *measured)
{
	struct health_run *run = context;

	run->way = NULL;
	run->health.way_outcome = outcome;
	snprintf(run->health.way_measured, sizeof(run->health.way_measured), "%s", measured);
	run_judge(run);
}

static void
way_go(struct health_run *run)
{
	struct health *h = &run->health;

	for (size_t i = 0; h->options.deep && i < h->certificates_count && run->way == NULL; i++)
		if (certificate_may_sign(h->certificates[i].certificate, h->now) == 0) {
			h->way_tried = true;
			run->way = health_way_start(h->services, &h->certificates[i], way_done, run);
		}
	if (run->way == NULL)
		run_judge(run);
}

static void
validated(void *context, int err, const cJSON *result)
{
	struct health_run *run = context;

	run->validation = NULL;
	run->health.validation = err == 0 ? cJSON_Duplicate(result, true) : NULL;
	way_go(run);
}

/* One of the things that the run waits for has come. */
static void
part_done(struct health_run *run)
{
	struct health *h = &run->health;

	if (--run->open > 0)
		return;
	facts_finish(run);
	/* A page never makes us connect to anything: then what is kept from before is all that is looked at. */
	for (size_t i = 0; i < h->certificates_count && run->validation == NULL; i++)
		if (certificate_may_sign(h->certificates[i].certificate, h->now) == 0)
			run->validation = validation_start(h->services, &(struct validation_terms){ h->certificates[i].certificate,
			    h->certificates[i].token, 0, !h->options.deep || !h->options.network }, validated, run);
	if (run->validation == NULL)
		way_go(run);
}

/* --- the modules --- */

static void query_done(void *context, int err, const cJSON *content);

static int
query_start(struct health_run *run, size_t module, cJSON *token)
{
	struct query *query = calloc(1, sizeof(*query));
	cJSON *members = cJSON_CreateObject();
	int err = ERR_INTERNAL;

	if (query == NULL) {
		cJSON_Delete(members);
		return ERR_INTERNAL;
	}
	*query = (struct query){ .run = run, .module = module, .token = token };
	if (token != NULL)
		cJSON_AddNumberToObject(members, "slot", (double)json_integer(token, "slot", 0));
	query->request = devices_request(run->health.services->devices, module, token != NULL ? "certificates" : "tokens", members, NULL, 0,
	    token != NULL ? CERTIFICATES_MS : TOKENS_MS, (struct helper_callbacks){ query_done, NULL, query }, &err);
	if (query->request == NULL) {
		free(query);
		return err;
	}
	query->next = run->queries;
	run->queries = query;
	run->open++;
	return 0;
}

static void
token_add(struct health_run *run, size_t module, const cJSON *from)
{
	struct health *h = &run->health;
	const char *description = json_string(from, "slotDescription");
	const struct pcsc_reader *reader = description != NULL ? devices_reader_of(h->services->devices, description) : NULL;
	const char *name = reader != NULL ? reader->name : description != NULL ? description : "";
	cJSON *token;

	if (!health_looks_at(h, name) || (token = cJSON_Duplicate(from, true)) == NULL)
		return;
	cJSON_AddNumberToObject(token, "moduleIndex", (double)module);
	cJSON_AddBoolToObject(token, "software", reader == NULL);
	cJSON_AddStringToObject(token, "reader", name);
	cJSON_AddItemToArray(h->tokens, token);
	if (query_start(run, module, token) != 0)
		h->modules[module].certificates_failed = true;
}

static void
query_done(void *context, int err, const cJSON *content)
{
	struct query *query = context, **place;
	struct health_run *run = query->run;
	struct health_module *module = &run->health.modules[query->module];
	const char *detail = json_string(content, "detail");
	cJSON *token = query->token;
	const cJSON *item;

	for (place = &run->queries; *place != query; place = &(*place)->next)
		;
	*place = query->next;
	if (err == 0)
		devices_module_works(run->health.services->devices, query->module);
	else if (token != NULL)
		module->certificates_failed = true;
	if (err != 0 && (module->err == 0 || token == NULL)) {
		module->err = err;
		if (module->detail == NULL && content != NULL)
			module->detail = strdup(detail != NULL ? detail : "");
	}
	if (err == 0 && token == NULL)
		cJSON_ArrayForEach(item, json_member(content, "tokens"))
			token_add(run, query->module, item);
	else if (err == 0)
		cJSON_AddItemToObject(token, "certificates", cJSON_Duplicate(json_member(content, "certificates"), true));
	free(query);
	part_done(run);
}

/* --- the probe and the start --- */

static void
probe_done(void *context, const struct probe_result *result)
{
	struct health_run *run = context;

	run->probe = NULL;
	loop_cancel(&run->probe_timer);
	run->health.probe = *result;
	run->health.probed = run->health.ports_known = true;
	part_done(run);
}

/* A service that keeps silent for so long keeps the drivers that ask it silent too: they are not waited for. */
static void
probe_late(void *context)
{
	struct health_run *run = context;

	run->probe_timer = NULL;
	run->health.ports_known = probe_abandon(&run->probe, &run->health.probe);
	while (run->queries != NULL) {
		helper_cancel(&run->queries->request);
		query_done(run->queries, ERR_MODULE_TIMEOUT, NULL);
	}
	part_done(run);
}

static void
run_begin(void *context)
{
	struct health_run *run = context;
	struct health *h = &run->health;
	struct probe_result hosts = { 0 };
	const cJSON *host;

	run->start = NULL;
	for (size_t i = 0; i < h->modules_count; i++) {
		h->modules[i].err = query_start(run, i, NULL);
		h->modules[i].asked = h->modules[i].err == 0;
	}
	cJSON_ArrayForEach(host, report_hosts(h->report))
		if (h->options.deep && h->options.network && hosts.hosts_count < PROBE_HOSTS_MAX)
			snprintf(hosts.hosts[hosts.hosts_count++].name, sizeof(hosts.hosts[0].name), "%s", cJSON_GetStringValue(host));
	run->probe_timer = loop_after(h->services->loop, h->options.deep ? PROBE_DEEP_MS : PROBE_MS, probe_late, run);
	run->probe = probe_start(h->services->loop, &hosts, h->options.deep, h->services->port, probe_done, run);
	if (run->probe != NULL && run->probe_timer != NULL)
		run->open++;
	else
		probe_abandon(&run->probe, NULL);
	if (run->probe == NULL)
		loop_cancel(&run->probe_timer);
	part_done(run);
}

struct health_run *
health_start(struct services *services, const struct health_options *options,
    void (*done)(void *context, bool found, const cJSON *result, const cJSON *figures), void *context)
{
	struct health_run *run = calloc(1, sizeof(*run));
	struct health *h;

	if (run == NULL)
		return NULL;
	h = &run->health;
	h->services = services;
	h->options = *options;
	run->done = done;
	run->context = context;
	h->tokens = cJSON_CreateArray();
	h->modules = calloc(devices_modules_count(services->devices) + 1, sizeof(*h->modules));
	if (h->tokens == NULL || h->modules == NULL || report_new(&h->report) != 0 ||
	    (run->start = loop_after(services->loop, 0, run_begin, run)) == NULL) {
		run_free(run);
		return NULL;
	}
	run->open = 1;
	h->modules_count = devices_modules_count(services->devices);
	for (size_t i = 0; i < h->modules_count; i++) {
		h->modules[i].path = devices_module_path(services->devices, i);
		h->modules[i].name = devices_module_name(services->devices, i);
	}
	return run;
}

void
health_cancel(struct health_run **run)
{
	if (*run != NULL)
		run_free(*run);
	*run = NULL;
}
