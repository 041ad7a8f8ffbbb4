/* SPDX-License-Identifier: Apache-2.0 */
/* agent.c: builds the agent's services from the bottom up, and takes them down again. */
#include "agent.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/confine.h"
#include "base/err.h"
#include "base/json.h"
#include "base/log.h"
#include "forms/institution.h"

/* A folder of ours below the one that a variable names, or below fallback; made with mode 0700. NULL when memory runs out. */
static char *
folder_make(const char *variable, const char *fallback, const char *own)
{
	const char *base = getenv(variable), *home = getenv("HOME");
	char *path = NULL, *slash;
	int n;

	if (base != NULL && *base == '/')
		n = asprintf(&path, "%s/%s", base, own);
	else
		n = asprintf(&path, "%s/%s/%s", home != NULL ? home : "/nonexistent", fallback, own);
	if (n < 0)
		return NULL;
	for (slash = strchr(path + 1, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		mkdir(path, 0700);
		*slash = '/';
	}
	if (mkdir(path, 0700) != 0 && errno != EEXIST)
		log_error("%s: %s", path, strerror(errno));
	return path;
}

/* A profile that can't be used is told and left out: who signs does not wait for whoever mends it. */
static int
profile_read(const char *path, cJSON **ret_profile)
{
	int r = institution_read(path, ret_profile);

	if (r != ERR_INVALID_PARAMS)
		return r;
	log_error("going on without the institution's profile");
	return institution_read(NULL, ret_profile);
}

/* The folders that the settings name, else the usual one if it is there. */
static int
forms_read(const struct config_list *folders, struct form_catalogue **ret_forms)
{
	const char *usual = AGENT_FORMS;

	if (folders->count > 0)
		return form_catalogue_new((const char *const *)folders->items, folders->count, ret_forms);
	return form_catalogue_new(&usual, access(usual, F_OK) == 0, ret_forms);
}

static void
on_devices_changed(void *context, const char *notification, const cJSON *params)
{
	struct agent *agent = context;
	const char *name = json_string(params, "reader");

	/* reader.added brings the whole reader, the others its name. */
	if (name == NULL)
		name = json_string(json_member(params, "reader"), "name");
	history_add(agent->services.history, notification, name != NULL ? name : "");
	if (agent->changed != NULL)
		agent->changed(agent->context, notification, params);
}

static int
services_build(struct agent *agent)
{
	struct services *s = &agent->services;
	char *store = NULL;
	int r;

	*s = (struct services){ .loop = agent->loop, .config = &agent->config, .language = config_language(&agent->config),
		.programs = &agent->programs, .spool = agent->spool, .cache = agent->cache, .state = agent->state, .history = history_new() };
	if (s->history == NULL || asprintf(&store, "%s/origins.json", agent->state) < 0)
		return ERR_INTERNAL;
	r = origins_new(&agent->config, store, &s->origins);
	free(store);
	if (r == 0)
		r = identity_new(agent->state, &s->identity);
	if (r == 0 && (s->limits = limits_new(agent->config.pin_pause_seconds, agent->config.dialog_pause_seconds)) == NULL)
		r = ERR_INTERNAL;
	if (r == 0 && (s->rates = rates_new(agent->config.requests_per_second)) == NULL)
		r = ERR_INTERNAL;
	if (r == 0)
		r = audit_new(agent->state, &s->audit);
	if (r == 0)
		r = manifests_new(&agent->config.manifest_keys, agent->state, time(NULL), &s->manifests);
	if (r == 0)
		r = profile_read(agent->config.institution, &s->institution);
	if (r == 0)
		r = forms_read(&agent->config.forms_folders, &s->forms);
	if (r == 0)
		r = anchors_new(&agent->config.trust_folders, &s->anchors);
	if (r == 0)
		r = prompts_new(agent->loop, &agent->programs, &(struct prompt_settings){ agent->config.pinentry, s->language,
		    agent->config.dialog_arm_ms, agent->config.dialog_seconds, strcmp(agent->config.consent_window, "auto") == 0 }, &s->prompts);
	if (r == 0)
		r = devices_new(agent->loop, &agent->config, &agent->programs, on_devices_changed, agent, &s->devices);
	return r;
}

/* Files: our own folders and those of the modules, whose helpers inherit this. Before any thread starts. */
static int
walls_raise(const struct agent *agent)
{
	const struct config_list *modules = &agent->config.module_folders;
	const char **writable = calloc(modules->count + 4, sizeof(*writable));
	int r;

	if (writable == NULL)
		return ERR_INTERNAL;
	writable[0] = agent->state;
	writable[1] = agent->spool;
	writable[2] = agent->cache;
	for (size_t i = 0; i < modules->count; i++)
		writable[i + 3] = modules->items[i];
	if ((r = confine_process(&(struct confinement){ .writable = writable, .network = true, .programs = true })) != 0)
		log_error("this process can't be confined");
	free(writable);
	return r;
}

int
agent_configure(struct agent *agent, const char *path)
{
	return config_read(path, &agent->config);
}

int
agent_folders(struct agent *agent)
{
	if (agent->state == NULL)
		agent->state = folder_make("XDG_STATE_HOME", ".local/state", "imza-agent");
	if (agent->spool == NULL)
		agent->spool = folder_make("XDG_RUNTIME_DIR", ".cache", "imza-agent");
	if (agent->cache == NULL)
		agent->cache = folder_make("XDG_CACHE_HOME", ".cache", "imza-agent/revocation");
	return agent->state != NULL && agent->spool != NULL && agent->cache != NULL ? 0 : ERR_INTERNAL;
}

int
agent_build(struct agent *agent, void (*changed)(void *context, const char *notification, const cJSON *params), void *context)
{
	int r;

	agent->changed = changed;
	agent->context = context;
	if ((r = programs_find(&agent->programs)) != 0 || (r = agent_folders(agent)) != 0)
		return r;
	if (agent->confined && (r = walls_raise(agent)) != 0)
		return r;
	if ((r = loop_new(&agent->loop)) != 0)
		return r;
	return services_build(agent);
}

void
agent_clear(struct agent *agent)
{
	devices_free(agent->services.devices);
	prompts_free(agent->services.prompts);
	form_catalogue_free(agent->services.forms);
	anchors_free(agent->services.anchors);
	history_free(agent->services.history);
	identity_free(agent->services.identity);
	audit_free(agent->services.audit);
	manifests_free(agent->services.manifests);
	limits_free(agent->services.limits);
	rates_free(agent->services.rates);
	origins_free(agent->services.origins);
	cJSON_Delete(agent->services.institution);
	certificates_forget();
	loop_free(agent->loop);
	programs_clear(&agent->programs);
	config_clear(&agent->config);
	free(agent->state);
	free(agent->spool);
	free(agent->cache);
	*agent = (struct agent){ 0 };
}
