/* SPDX-License-Identifier: Apache-2.0 */
/* devices/signing.c: one login, what is done under it, one logout in a module's process; and what a death in the middle means. */
#include "devices/devices.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/json.h"

#define SIGN_FIRST_MS 60000	/* login and the first signature of a slow card, or the digits typed on a reader's keypad */
#define SIGN_EACH_MS 5000
#define PIN_MS 90000		/* two or three things typed on a keypad */
#define REMOVAL_LOOK_MS 100	/* a module that dies of a pulled reader does so before PC/SC tells of it, which takes it over a second */
#define REMOVAL_LOOKS 20
#define PATIENCE_LOOK_MS 500	/* OpenSC 0.23 may talk to a pulled card until its stack overflows, which takes half a minute on a busy machine: */
#define PATIENCE_LOOKS 6	/* a module that has not noticed after three seconds does not any more */

struct devices_signing {
	struct devices *devices;
	size_t module;
	struct helper_request *request;
	bool login_open;	/* C_Login was begun and has not returned */
	bool login_seen;	/* one has returned */
	char reader[PCSC_NAME_MAX];	/* "": the token is in none */
	uint16_t reader_count;
	struct loop_timer *look;
	int looks;
	void (*done)(void *context, int err, const cJSON *content);
	void (*progress)(void *context, const cJSON *signatures);
	void *context;
};

static void
signing_event(void *context, const char *name, const cJSON *event)
{
	struct devices_signing *signing = context;
	const char *state = json_string(event, "state");

	if (strcmp(name, "login") == 0 && state != NULL) {
		signing->login_open = strcmp(state, "started") == 0;
		signing->login_seen = signing->login_seen || !signing->login_open;
	} else if (strcmp(name, "progress") == 0 && signing->progress != NULL) {
		signing->progress(signing->context, json_member(event, "signatures"));
	}
}

static void
signing_end(struct devices_signing *signing, int err, const cJSON *content)
{
	signing->done(signing->context, err, content);
	free(signing);
}

static bool
card_is_gone(const struct devices_signing *signing)
{
	const struct pcsc_reader *now = devices_reader(signing->devices, signing->reader);

	return now == NULL || !now->present || now->count != signing->reader_count;
}

/* The module died: was it the card that went? */
static void
removal_look(void *context)
{
	struct devices_signing *signing = context;

	signing->look = NULL;
	if (card_is_gone(signing))
		signing_end(signing, ERR_CARD_REMOVED, NULL);
	else if (signing->looks++ == REMOVAL_LOOKS ||
	    (signing->look = loop_after(devices_loop(signing->devices), REMOVAL_LOOK_MS, removal_look, signing)) == NULL)
		signing_end(signing, ERR_MODULE_FAILED, NULL);
}

/* While the module works: ends it when its card has been gone for too long. */
static void
card_watch(void *context)
{
	struct devices_signing *signing = context;

	signing->looks = card_is_gone(signing) ? signing->looks + 1 : 0;
	if (signing->looks < PATIENCE_LOOKS) {
		signing->look = loop_after(devices_loop(signing->devices), PATIENCE_LOOK_MS, card_watch, signing);
		return;
	}
	signing->look = NULL;
	helper_abort(&signing->request);
	signing_end(signing, signing->login_open ? ERR_PIN_STATE_UNKNOWN : ERR_CARD_REMOVED, NULL);
}

static void
signing_done(void *context, int err, const cJSON *content)
{
	struct devices_signing *signing = context;

	signing->request = NULL;
	loop_cancel(&signing->look);
	signing->looks = 0;
	if (err == 0)
		devices_module_works(signing->devices, signing->module);
	/* No answer at all, and the PIN was on its way: a try may be spent. */
	if (err != 0 && content == NULL && signing->login_open)
		err = ERR_PIN_STATE_UNKNOWN;
	if (err == ERR_MODULE_FAILED && content == NULL && signing->reader[0] != '\0')
		removal_look(signing);
	else
		signing_end(signing, err, content);
}

/* Which card it is, so that its going shows; and how many digits the PIN of its kind has. */
static void
signing_reader(struct devices_signing *signing, const char *name, cJSON *members)
{
	const struct pcsc_reader *reader = name != NULL ? devices_reader(signing->devices, name) : NULL;
	struct pin_lengths lengths;
	cJSON *json;

	if (reader == NULL)
		return;
	lengths = kind_pin_lengths(kinds_find(devices_kinds(signing->devices), reader->atr));
	if (lengths.min > 0) {
		json = cJSON_AddObjectToObject(members, "pinLengths");
		cJSON_AddNumberToObject(json, "minLength", lengths.min);
		cJSON_AddNumberToObject(json, "maxLength", lengths.max);
	}
	snprintf(signing->reader, sizeof(signing->reader), "%s", reader->name);
	signing->reader_count = reader->count;
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
	signing_reader(signing, key->reader, members);
	cJSON_AddNumberToObject(members, "slot", key->slot);
	cJSON_AddStringToObject(members, "serial", key->serial);
	signing->request = devices_request(signing->devices, key->module, op, members, fds, fds_count, deadline_ms,
	    (struct helper_callbacks){ signing_done, signing_event, signing }, ret_err);
	if (signing->request == NULL) {
		free(signing);
		return NULL;
	}
	if (signing->reader[0] != '\0')
		signing->look = loop_after(devices_loop(signing->devices), PATIENCE_LOOK_MS, card_watch, signing);
	return signing;
}

struct devices_signing *
devices_sign(struct devices *devices, const struct devices_key *key, const char *digest_algorithm, cJSON *digests, int pin_fd,
    void (*done)(void *context, int err, const cJSON *content), void (*progress)(void *context, const cJSON *signatures), void *context,
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

bool
devices_sign_trying(const struct devices_signing *signing)
{
	return signing != NULL && !signing->login_seen;
}

void
devices_sign_cancel(struct devices_signing **signing)
{
	struct devices_signing *s = *signing;

	if (s == NULL)
		return;
	*signing = NULL;
	helper_abort(&s->request);
	loop_cancel(&s->look);
	free(s);
}

void
devices_key_clear(struct devices_key *key)
{
	free(key->serial);
	free(key->cka_id);
	free(key->reader);
	*key = (struct devices_key){ 0 };
}
