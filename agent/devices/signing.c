/* SPDX-License-Identifier: Apache-2.0 */
/* devices/signing.c: one login, what is done under it, one logout in a module's process; and what a death in the middle means. */
#include "devices/devices.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/json.h"

#define SIGN_FIRST_MS 60000	/* login and the first signature of a slow card, or the digits typed on a reader's keypad */
#define SIGN_EACH_MS 5000
#define PIN_MS 90000		/* two or three things typed on a keypad */

struct devices_signing {
	struct devices *devices;
	size_t module;
	struct helper_request *request;
	bool login_open;	/* C_Login was begun and has not returned */
	void (*done)(void *context, int err, const cJSON *content);
	void (*progress)(void *context, int done, int total);
	void *context;
};

static void
signing_event(void *context, const char *name, const cJSON *event)
{
	struct devices_signing *signing = context;
	const char *state = json_string(event, "state");

	if (strcmp(name, "login") == 0 && state != NULL)
		signing->login_open = strcmp(state, "started") == 0;
	else if (strcmp(name, "progress") == 0 && signing->progress != NULL)
		signing->progress(signing->context, (int)json_integer(event, "done", 0), (int)json_integer(event, "total", 0));
}

static void
signing_done(void *context, int err, const cJSON *content)
{
	struct devices_signing *signing = context;

	if (err == 0)
		devices_module_works(signing->devices, signing->module);
	/* No answer at all, and the PIN was on its way: a try may be spent. */
	if (err != 0 && content == NULL && signing->login_open)
		err = ERR_PIN_STATE_UNKNOWN;
	signing->done(signing->context, err, content);
	free(signing);
}

/* members and fds are taken. */
static struct devices_signing *
signing_start(const struct devices_signing *made, const struct devices_key *key, const char *op, cJSON *members, const int *fds,
    size_t fds_count, unsigned deadline_ms, int *ret_err)
{
	struct devices_signing *signing = calloc(1, sizeof(*signing));

	*ret_err = ERR_INTERNAL;
	if (signing == NULL) {
		cJSON_Delete(members);
		for (size_t i = 0; i < fds_count; i++)
			close(fds[i]);
		return NULL;
	}
	*signing = *made;
	signing->module = key->module;
	cJSON_AddNumberToObject(members, "slot", key->slot);
	cJSON_AddStringToObject(members, "serial", key->serial);
	signing->request = devices_request(signing->devices, key->module, op, members, fds, fds_count, deadline_ms,
	    (struct helper_callbacks){ signing_done, signing_event, signing }, ret_err);
	if (signing->request == NULL) {
		free(signing);
		return NULL;
	}
	return signing;
}

struct devices_signing *
devices_sign(struct devices *devices, const struct devices_key *key, const char *digest_algorithm, cJSON *digests, int pin_fd,
    void (*done)(void *context, int err, const cJSON *content), void (*progress)(void *context, int done, int total), void *context,
    int *ret_err)
{
	const struct devices_signing made = { .devices = devices, .done = done, .progress = progress, .context = context };
	unsigned deadline = SIGN_FIRST_MS + SIGN_EACH_MS * (unsigned)cJSON_GetArraySize(digests);
	cJSON *members = cJSON_CreateObject();

	cJSON_AddStringToObject(members, "ckaId", key->cka_id);
	cJSON_AddStringToObject(members, "keyType", key->key_type);
	cJSON_AddStringToObject(members, "digestAlgorithm", digest_algorithm);
	cJSON_AddItemToObject(members, "digests", digests);
	return signing_start(&made, key, "sign", members, &pin_fd, pin_fd >= 0 ? 1 : 0, deadline, ret_err);
}

struct devices_signing *
devices_pin(struct devices *devices, const struct devices_key *key, const char *op, const int *fds, size_t fds_count,
    void (*done)(void *context, int err, const cJSON *content), void *context, int *ret_err)
{
	const struct devices_signing made = { .devices = devices, .done = done, .context = context };

	return signing_start(&made, key, op, cJSON_CreateObject(), fds, fds_count, PIN_MS, ret_err);
}

void
devices_sign_cancel(struct devices_signing **signing)
{
	struct devices_signing *s = *signing;

	if (s == NULL)
		return;
	*signing = NULL;
	helper_abort(&s->request);
	free(s);
}

void
devices_key_clear(struct devices_key *key)
{
	free(key->serial);
	free(key->cka_id);
	*key = (struct devices_key){ 0 };
}
