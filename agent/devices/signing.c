/* SPDX-License-Identifier: Apache-2.0 */
/* devices/signing.c: one login, one set of digests, one logout in a module's process; and what a death in the middle means. */
#include "devices/devices.h"

#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/json.h"

#define SIGN_FIRST_MS 60000	/* login and the first signature of a slow card, or the digits typed on a reader's keypad */
#define SIGN_EACH_MS 5000

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
	else if (strcmp(name, "progress") == 0)
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

struct devices_signing *
devices_sign(struct devices *devices, const struct devices_key *key, const char *digest_algorithm, cJSON *digests, int pin_fd,
    void (*done)(void *context, int err, const cJSON *content), void (*progress)(void *context, int done, int total), void *context,
    int *ret_err)
{
	struct devices_signing *signing = calloc(1, sizeof(*signing));
	unsigned deadline = SIGN_FIRST_MS + SIGN_EACH_MS * (unsigned)cJSON_GetArraySize(digests);
	cJSON *members = cJSON_CreateObject();

	cJSON_AddNumberToObject(members, "slot", key->slot);
	cJSON_AddStringToObject(members, "serial", key->serial);
	cJSON_AddStringToObject(members, "ckaId", key->cka_id);
	cJSON_AddStringToObject(members, "keyType", key->key_type);
	cJSON_AddStringToObject(members, "digestAlgorithm", digest_algorithm);
	cJSON_AddItemToObject(members, "digests", digests);
	*ret_err = ERR_INTERNAL;
	if (signing != NULL) {
		*signing = (struct devices_signing){ .devices = devices, .module = key->module, .done = done, .progress = progress,
			.context = context };
		signing->request = devices_request(devices, key->module, "sign", members, &pin_fd, pin_fd >= 0 ? 1 : 0, deadline,
		    (struct helper_callbacks){ signing_done, signing_event, signing }, ret_err);
	} else {
		cJSON_Delete(members);
	}
	if (signing == NULL || signing->request == NULL) {
		free(signing);
		return NULL;
	}
	return signing;
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
