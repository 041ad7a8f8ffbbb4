/* SPDX-License-Identifier: Apache-2.0 */
/* devices/devices.c: one imza-token a module, started when needed and again after a death with back-off; and what changes at the readers. */
#include "devices/devices.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/err.h"
#include "base/json.h"
#include "base/log.h"
#include "base/trusted_file.h"
#include "devices/modules.h"

#define READY_MS 15000
#define BACKOFF_FIRST_MS 250
#define BACKOFF_MAX_MS 30000
#define KEPT_SECONDS 10		/* another program may write to a card, and PC/SC does not tell */
#define CHANGES_MAX 100		/* of one reader between two looks: more is no count of hands */

struct module {
	struct devices *devices;
	const char *path;
	const char **argv;	/* owned; its strings are borrowed */
	struct helper_program program;
	struct helper *helper;
	cJSON *tokens;			/* as it last told them; NULL: something has happened since */
	struct timespec tokens_at;
	unsigned deaths;		/* since it last answered well */
	unsigned backoff_ms;
	struct timespec not_before;	/* CLOCK_MONOTONIC */
};

struct devices {
	struct loop *loop;
	struct kinds *kinds;
	struct config_list found;	/* modules, where the settings name none */
	struct module *modules;
	size_t count;
	struct pcsc *pcsc;
	struct pcsc_snapshot snapshot;
	bool seen;
	unsigned changes;
	devices_changed changed;
	void *context;
};

static bool
module_must_wait(const struct module *module)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return module->backoff_ms > 0 && (now.tv_sec < module->not_before.tv_sec ||
	    (now.tv_sec == module->not_before.tv_sec && now.tv_nsec < module->not_before.tv_nsec));
}

/* A module that worked and died once may be started again at once: a reader pulled in the middle is enough for some. */
static void
module_back_off(struct module *module)
{
	if (module->deaths++ == 0)
		return;
	module->backoff_ms = module->backoff_ms == 0 ? BACKOFF_FIRST_MS :
	    module->backoff_ms * 2 > BACKOFF_MAX_MS ? BACKOFF_MAX_MS : module->backoff_ms * 2;
	clock_gettime(CLOCK_MONOTONIC, &module->not_before);
	module->not_before.tv_sec += module->backoff_ms / 1000;
	module->not_before.tv_nsec += (long)(module->backoff_ms % 1000) * 1000000;
	if (module->not_before.tv_nsec >= 1000000000) {
		module->not_before.tv_nsec -= 1000000000;
		module->not_before.tv_sec++;
	}
}

static void
tokens_forget(struct module *module)
{
	cJSON_Delete(module->tokens);
	module->tokens = NULL;
}

static void
module_died(void *context)
{
	struct module *module = context;

	tokens_forget(module);
	module_back_off(module);
	log_warning("module %s: its process ended; next start in %u ms at the earliest", module->path, module->backoff_ms);
	helper_end(&module->helper);
}

static int
module_start(struct module *module)
{
	int r;

	if (module->helper != NULL)
		return 0;
	if (module_must_wait(module))
		return ERR_MODULE_FAILED;
	if ((r = trusted_file_check(module->path)) == 0)
		r = helper_start(module->devices->loop, &module->program, module_died, module, &module->helper);
	if (r == 0)
		return 0;
	module_back_off(module);
	log_warning("module %s can't be used", module->path);
	return ERR_MODULE_FAILED;
}

struct helper_request *
devices_request(struct devices *devices, size_t index, const char *op, cJSON *members, const int *fds, size_t fds_count,
    unsigned deadline_ms, struct helper_callbacks callbacks, int *ret_err)
{
	struct module *module = &devices->modules[index];
	struct helper_request *request;

	/* A PIN may be used, or a try. */
	if (strcmp(op, "tokens") != 0 && strcmp(op, "certificates") != 0)
		tokens_forget(module);
	if ((*ret_err = module_start(module)) != 0) {
		cJSON_Delete(members);
		for (size_t i = 0; i < fds_count; i++)
			close(fds[i]);
		return NULL;
	}
	if ((request = helper_request(module->helper, op, members, fds, fds_count, deadline_ms, ERR_MODULE_TIMEOUT, callbacks)) == NULL)
		*ret_err = ERR_INTERNAL;
	return request;
}

unsigned
devices_changes(const struct devices *devices)
{
	return devices->changes;
}

/*
 * Only the tokens of all the cards that are in hold until something happens at the readers: a token in software comes and goes without a
 * word, and a card that a module could not read yet may be read the next time.
 */
void
devices_tokens_keep(struct devices *devices, size_t index, unsigned changes, const cJSON *tokens)
{
	size_t cards = 0, read = 0;
	const cJSON *token;

	tokens_forget(&devices->modules[index]);
	for (size_t i = 0; i < devices->snapshot.count; i++)
		cards += devices->snapshot.readers[i].present;
	cJSON_ArrayForEach(token, tokens) {
		const char *description = json_string(token, "slotDescription");

		if (description == NULL || devices_reader_of(devices, description) == NULL)
			return;
		read++;
	}
	if (changes != devices->changes || read != cards || read == 0)
		return;
	devices->modules[index].tokens = cJSON_Duplicate(tokens, true);
	clock_gettime(CLOCK_MONOTONIC, &devices->modules[index].tokens_at);
}

void
devices_certificates_keep(struct devices *devices, size_t index, unsigned changes, double slot, const cJSON *certificates)
{
	cJSON *token;

	cJSON_ArrayForEach(token, devices->modules[index].tokens)
		if (changes == devices->changes && json_member(token, "slot")->valuedouble == slot && json_member(token, "certificates") == NULL)
			cJSON_AddItemToObject(token, "certificates", cJSON_Duplicate(certificates, true));
}

const cJSON *
devices_tokens_kept(const struct devices *devices, size_t index)
{
	const struct module *module = &devices->modules[index];
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec - module->tokens_at.tv_sec < KEPT_SECONDS ? module->tokens : NULL;
}

void
devices_module_works(struct devices *devices, size_t index)
{
	devices->modules[index].deaths = 0;
	devices->modules[index].backoff_ms = 0;
}

struct loop *
devices_loop(const struct devices *devices)
{
	return devices->loop;
}

size_t
devices_modules_count(const struct devices *devices)
{
	return devices->count;
}

const char *
devices_module_path(const struct devices *devices, size_t module)
{
	return devices->modules[module].path;
}

const char *
devices_module_name(const struct devices *devices, size_t module)
{
	const char *slash = strrchr(devices->modules[module].path, '/');

	return slash != NULL ? slash + 1 : devices->modules[module].path;
}

/* --- readers --- */

cJSON *
devices_reader_to_json(const struct pcsc_reader *reader, bool keypad)
{
	cJSON *json = cJSON_CreateObject();

	cJSON_AddStringToObject(json, "id", reader->name);
	cJSON_AddStringToObject(json, "name", reader->name);
	cJSON_AddStringToObject(json, "kind", "pcsc");
	cJSON_AddBoolToObject(json, "pinpad", keypad);
	cJSON_AddBoolToObject(json, "cardPresent", reader->present);
	cJSON_AddStringToObject(json, "state", reader->unavailable ? "unavailable" : reader->mute ? "mute" :
	    reader->in_use ? "in_use" : reader->present ? "present" : "empty");
	return json;
}

static const struct pcsc_reader *
snapshot_find(const struct pcsc_snapshot *snapshot, const char *name)
{
	for (size_t i = 0; i < snapshot->count; i++)
		if (strcmp(snapshot->readers[i].name, name) == 0)
			return &snapshot->readers[i];
	return NULL;
}

static void
change_tell(struct devices *devices, const char *notification, const struct pcsc_reader *reader, bool whole)
{
	cJSON *params = cJSON_CreateObject();

	if (whole) {
		cJSON_AddItemToObject(params, "reader", devices_reader_to_json(reader, false));
	} else {
		cJSON_AddStringToObject(params, "reader", reader->name);
		if (strcmp(notification, "card.inserted") == 0)
			cJSON_AddStringToObject(params, "atr", reader->atr);
	}
	devices->changed(devices->context, notification, params);
	cJSON_Delete(params);
}

/*
 * How many times a card went in or out between two looks at a reader, by pcscd's count where that makes sense: it starts anew with the
 * service, and the ends must fit.
 */
static unsigned
changes_between(const struct pcsc_reader *old, const struct pcsc_reader *now)
{
	unsigned counted = (uint16_t)(now->count - old->count), least = old->present != now->present;

	if (counted <= CHANGES_MAX && counted % 2 == least)
		return counted;
	return least == 0 && now->present && strcmp(old->atr, now->atr) != 0 ? 2 : least;
}

/* What went on at a reader that is in both snapshots, in order; of a card that came and went again between them only that is known. */
static void
reader_changed(struct devices *devices, const struct pcsc_reader *old, const struct pcsc_reader *now)
{
	bool present = old->present;

	for (unsigned left = changes_between(old, now); left > 0; left--) {
		present = !present;
		change_tell(devices, present ? "card.inserted" : "card.removed", now, false);
	}
}

/* Tells what is different; the first snapshot is where things stand and no news. */
static void
snapshot_changed(void *context, const struct pcsc_snapshot *snapshot)
{
	struct devices *devices = context;
	struct pcsc_snapshot before = devices->snapshot;
	bool news = devices->seen;

	devices->snapshot = *snapshot;
	devices->seen = true;
	devices->changes++;
	for (size_t i = 0; i < devices->count; i++)
		tokens_forget(&devices->modules[i]);
	for (size_t i = 0; news && i < before.count; i++) {
		const struct pcsc_reader *old = &before.readers[i], *now = snapshot_find(snapshot, old->name);

		if (now != NULL) {
			reader_changed(devices, old, now);
			continue;
		}
		if (old->present)
			change_tell(devices, "card.removed", old, false);
		change_tell(devices, "reader.removed", old, false);
	}
	for (size_t i = 0; news && i < snapshot->count; i++) {
		const struct pcsc_reader *now = &snapshot->readers[i];

		if (snapshot_find(&before, now->name) != NULL)
			continue;
		change_tell(devices, "reader.added", now, true);
		if (now->present)
			change_tell(devices, "card.inserted", now, false);
	}
}

const struct pcsc_reader *
devices_reader(const struct devices *devices, const char *name)
{
	return snapshot_find(&devices->snapshot, name);
}

const struct pcsc_snapshot *
devices_pcsc(const struct devices *devices)
{
	return &devices->snapshot;
}

bool
devices_seen(const struct devices *devices)
{
	return devices->seen;
}

const struct pcsc_reader *
devices_reader_of(const struct devices *devices, const char *slot_description)
{
	for (size_t i = 0; i < devices->snapshot.count; i++)
		/* PKCS #11 cuts a slot's description at 64 bytes. */
		if (strncmp(devices->snapshot.readers[i].name, slot_description, 64) == 0)
			return &devices->snapshot.readers[i];
	return NULL;
}

const struct kinds *
devices_kinds(const struct devices *devices)
{
	return devices->kinds;
}

/* The command line of a module's imza-token, whose folders come last. NULL when memory runs out; its strings are borrowed. */
static const char **
module_argv(const struct config *config, const char *program, const char *path)
{
	const struct config_list *folders = &config->module_folders;
	const char **argv = calloc(folders->count + 4, sizeof(*argv));
	size_t n = 0;

	if (argv == NULL)
		return NULL;
	argv[n++] = program;
	if (config->module_network)
		argv[n++] = "--network";
	argv[n++] = path;
	for (size_t i = 0; i < folders->count; i++)
		argv[n++] = folders->items[i];
	return argv;
}

static int
modules_make(struct devices *devices, const struct config *config, const struct config_list *paths, const struct programs *programs)
{
	if ((devices->modules = calloc(paths->count + 1, sizeof(*devices->modules))) == NULL)
		return ERR_INTERNAL;
	devices->count = paths->count;
	for (size_t i = 0; i < paths->count; i++) {
		struct module *module = &devices->modules[i];

		*module = (struct module){ .devices = devices, .path = paths->items[i], .argv = module_argv(config, programs->token, paths->items[i]) };
		if (module->argv == NULL)
			return ERR_INTERNAL;
		module->program = (struct helper_program){ module->argv, (const char *const *)programs->token_environment, READY_MS };
	}
	return 0;
}

int
devices_new(struct loop *loop, const struct config *config, const struct programs *programs, devices_changed changed,
    void *context, struct devices **ret_devices)
{
	struct devices *devices = calloc(1, sizeof(*devices));
	int r;

	if (devices == NULL)
		return ERR_INTERNAL;
	*devices = (struct devices){ .loop = loop, .changed = changed, .context = context };
	if ((r = kinds_new(config->cards_dir, &devices->kinds)) == 0 && config->modules.count == 0 && config->modules.unread_count == 0)
		modules_find(kinds_all(devices->kinds), &devices->found);
	if (r == 0)
		r = modules_make(devices, config, config->modules.count > 0 ? &config->modules : &devices->found, programs);
	if (r == 0)
		r = pcsc_new(loop, snapshot_changed, devices, &devices->pcsc);
	if (r != 0) {
		devices_free(devices);
		return r;
	}
	*ret_devices = devices;
	return 0;
}

void
devices_free(struct devices *devices)
{
	if (devices == NULL)
		return;
	pcsc_free(devices->pcsc);
	for (size_t i = 0; devices->modules != NULL && i < devices->count; i++) {
		tokens_forget(&devices->modules[i]);
		helper_end(&devices->modules[i].helper);
		free(devices->modules[i].argv);
	}
	free(devices->modules);
	modules_clear(&devices->found);
	kinds_free(devices->kinds);
	free(devices);
}
