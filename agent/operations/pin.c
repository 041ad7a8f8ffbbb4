/* SPDX-License-Identifier: Apache-2.0 */
/* operations/pin.c: pin.status, and pin.verify, pin.change, pin.unblock: typed in the prompt, checked by the card; no PIN comes by here. */
#include "operations/pin.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/json.h"
#include "operations/methods.h"

#define PIPES_MAX 2

struct pin_call {
	struct call *call;
	const char *op;			/* of the prompt and of the card's process; NULL: pin.status */
	size_t pipes_count;		/* the PIN's or PUK's, and the new PIN's */
	char card[201];			/* the card's id */
	struct devices_listing *listing;
	struct devices_key key;
	char *label, *reader;
	cJSON *pin;			/* what the card last told */
	struct prompt *prompt;
	int pipes[PIPES_MAX];		/* read ends, between "entered" and the card; never read here. -1: none */
	int refused;			/* the error of the card's last no to what was typed; 0: none yet */
	struct devices_signing *trying;
};

int
pin_may_be_asked(const cJSON *pin)
{
	const char *state = json_string(pin, "state");

	if (state != NULL && strcmp(state, "locked") == 0)
		return ERR_PIN_LOCKED;
	return state != NULL && strcmp(state, "not_set") == 0 ? ERR_PIN_NOT_SET : 0;
}

static void
pipes_close(struct pin_call *op)
{
	for (size_t i = 0; i < PIPES_MAX; i++) {
		if (op->pipes[i] >= 0)
			close(op->pipes[i]);
		op->pipes[i] = -1;
	}
}

static void
pin_call_cancel(void *context)
{
	struct pin_call *op = context;

	devices_list_cancel(&op->listing);
	/* A page that takes its request back while the card looks at the PIN does not get away with the try. */
	if (devices_sign_trying(op->trying))
		call_pin_refused(op->call);
	devices_sign_cancel(&op->trying);
	prompt_close(&op->prompt);
	pipes_close(op);
	devices_key_clear(&op->key);
	free(op->label);
	free(op->reader);
	cJSON_Delete(op->pin);
	free(op);
}

static cJSON *
with_pin(const cJSON *pin)
{
	cJSON *content = cJSON_CreateObject();

	if (pin != NULL)
		cJSON_AddItemToObject(content, "pin", cJSON_Duplicate(pin, true));
	return content;
}

/* content is taken; may be NULL. */
static void
pin_call_finish(struct pin_call *op, int err, cJSON *content)
{
	struct call *call = op->call;

	/* The dialog goes before the page hears of it. */
	pin_call_cancel(op);
	call_finish(call, err, content);
}

static int pin_ask(struct pin_call *op);

static void
card_answered(void *context, int err, const cJSON *content)
{
	struct pin_call *op = context;
	const cJSON *pin = json_member(content, "pin");

	op->trying = NULL;
	if (pin != NULL) {
		cJSON_Delete(op->pin);
		op->pin = cJSON_Duplicate(pin, true);
	}
	if (err == ERR_PIN_INCORRECT || err == ERR_PIN_LOCKED || err == ERR_PUK_INCORRECT || err == ERR_PUK_LOCKED || err == ERR_PIN_STATE_UNKNOWN)
		call_pin_refused(op->call);
	/* Whether another try is spent is the user's decision, in the dialog. */
	if (err == ERR_PIN_INCORRECT || err == ERR_PIN_POLICY || err == ERR_PUK_INCORRECT) {
		op->refused = err;
		if ((err = pin_ask(op)) == 0)
			return;
		content = NULL;
	}
	pin_call_finish(op, err, err == 0 ? with_pin(op->pin) : cJSON_Duplicate(content, true));
}

static void
entered(void *context, int err, const char *answer)
{
	struct pin_call *op = context;
	int fds[PIPES_MAX];
	size_t count = op->pipes[0] >= 0 ? op->pipes_count : 0;

	(void)answer;
	if (err != 0) {
		/* Giving up after a wrong PIN is that: a wrong PIN. */
		bool gave_up = err == ERR_USER_CANCELLED && op->refused != 0;

		pin_call_finish(op, gave_up ? op->refused : err, gave_up ? with_pin(op->pin) : NULL);
		return;
	}
	/* The card's process has a deadline of its own; this one only must not be sooner. */
	call_extend(op->call, 120);
	memcpy(fds, op->pipes, sizeof(fds));
	op->pipes[0] = op->pipes[1] = -1;
	op->trying = devices_pin(op->call->services->devices, &op->key, op->op, fds, count, card_answered, op, &err);
	if (op->trying == NULL)
		pin_call_finish(op, err, NULL);
}

/* 0, or ERR_INTERNAL. */
static int
pin_ask(struct pin_call *op)
{
	cJSON *members = cJSON_CreateObject();
	int writers[PIPES_MAX] = { -1, -1 };
	size_t count = json_true(op->pin, "keypad") ? 0 : op->pipes_count;

	call_extend(op->call, op->call->services->config->dialog_seconds + 30);
	cJSON_AddStringToObject(members, "card", op->label);
	cJSON_AddStringToObject(members, "reader", op->reader);
	cJSON_AddItemToObject(members, "pin", cJSON_Duplicate(op->pin, true));
	if (op->refused != 0)
		cJSON_AddStringToObject(members, "error", err_reason(op->refused));
	for (size_t i = 0; i < count; i++) {
		int ends[2];

		if (pipe2(ends, O_CLOEXEC) != 0) {
			while (i-- > 0)
				close(writers[i]);
			cJSON_Delete(members);
			return ERR_INTERNAL;
		}
		op->pipes[i] = ends[0];
		writers[i] = ends[1];
	}
	return prompt_ask(op->prompt, op->op, members, writers, count, entered, op);
}

/* Takes what is needed of the card and opens the dialog. 0, or an error before anything is shown. */
static int
card_found(struct pin_call *op, const cJSON *token)
{
	const char *serial = json_string(token, "serial"), *label = json_string(token, "label"), *reader = json_string(token, "reader");
	int r;

	op->key = (struct devices_key){ .module = (size_t)json_integer(token, "moduleIndex", 0),
		.slot = (double)json_integer(token, "slot", 0), .serial = strdup(serial != NULL ? serial : ""),
		.reader = strdup(reader != NULL ? reader : "") };
	op->label = strdup(label != NULL ? label : "");
	op->reader = strdup(reader != NULL ? reader : "");
	op->pin = cJSON_Duplicate(json_member(token, "pin"), true);
	if (op->key.serial == NULL || op->key.reader == NULL || op->label == NULL || op->reader == NULL || op->pin == NULL)
		return ERR_INTERNAL;
	r = pin_may_be_asked(op->pin);
	/* To a locked card the PUK is the key. */
	if (r != 0 && !(r == ERR_PIN_LOCKED && strcmp(op->op, "pin_unblock") == 0))
		return r;
	if ((r = call_dialogs_open(op->call, true, &op->prompt)) != 0)
		return r;
	return pin_ask(op);
}

/* Why this card has no token: it is in a reader, but nothing reads it; else it is not there. */
static int
card_missing_err(const struct pin_call *op, const cJSON *tokens)
{
	cJSON *unread = cJSON_CreateArray();
	const cJSON *card;
	int err = ERR_NOT_FOUND;

	devices_unread_add(op->call->services->devices, tokens, unread);
	cJSON_ArrayForEach(card, unread)
		if (strcmp(json_string(card, "id"), op->card) == 0)
			err = err_from_reason(json_string(json_member(card, "problem"), "reason"));
	cJSON_Delete(unread);
	return err;
}

static void
listed(void *context, int err, const cJSON *tokens)
{
	struct pin_call *op = context;
	const cJSON *token, *found = NULL;

	op->listing = NULL;
	cJSON_ArrayForEach(token, tokens)
		if (found == NULL && strcmp(json_string(token, "card"), op->card) == 0)
			found = token;
	if (found == NULL) {
		pin_call_finish(op, err != 0 ? err : card_missing_err(op, tokens), NULL);
	} else if (op->op == NULL) {
		pin_call_finish(op, 0, with_pin(json_member(found, "pin")));
	} else if ((err = card_found(op, found)) != 0) {
		pin_call_finish(op, err, err == ERR_PIN_LOCKED ? with_pin(op->pin) : NULL);
	}
}

static int
pin_call_start(struct call *call, const cJSON *params, const char *op_name, size_t pipes_count)
{
	struct pin_call *op = calloc(1, sizeof(*op));

	if (op == NULL)
		return ERR_INTERNAL;
	*op = (struct pin_call){ .call = call, .op = op_name, .pipes_count = pipes_count, .pipes = { -1, -1 } };
	snprintf(op->card, sizeof(op->card), "%s", json_string(params, "card"));
	if ((op->listing = devices_list(call->services->devices, false, listed, op)) == NULL) {
		pin_call_cancel(op);
		return ERR_INTERNAL;
	}
	call_on_cancel(call, pin_call_cancel, op);
	return 0;
}

static int
pin_status_run(struct call *call, const cJSON *params)
{
	return pin_call_start(call, params, NULL, 0);
}

static int
pin_verify_run(struct call *call, const cJSON *params)
{
	return pin_call_start(call, params, "pin_verify", 1);
}

static int
pin_change_run(struct call *call, const cJSON *params)
{
	return pin_call_start(call, params, "pin_change", 2);
}

static int
pin_unblock_run(struct call *call, const cJSON *params)
{
	return pin_call_start(call, params, "pin_unblock", 2);
}

const struct method method_pin_status = { "pin.status", pin_status_run };
const struct method method_pin_verify = { "pin.verify", pin_verify_run };
const struct method method_pin_change = { "pin.change", pin_change_run };
const struct method method_pin_unblock = { "pin.unblock", pin_unblock_run };
