/* SPDX-License-Identifier: Apache-2.0 */
/* operations/card.c: reader.list, card.list: what is plugged in and put in. */
#include "operations/methods.h"

#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/json.h"

/* A listing under way for one call. */
struct listing_call {
	struct call *call;
	struct devices_listing *listing;
};

static void
listing_cancel(void *context)
{
	struct listing_call *op = context;

	devices_list_cancel(&op->listing);
	free(op);
}

static int
listing_start(struct call *call, void (*done)(void *context, int err, const cJSON *tokens))
{
	struct listing_call *op = calloc(1, sizeof(*op));

	if (op == NULL)
		return ERR_INTERNAL;
	op->call = call;
	if ((op->listing = devices_list(call->services->devices, false, done, op)) == NULL) {
		free(op);
		return ERR_INTERNAL;
	}
	call_on_cancel(call, listing_cancel, op);
	return 0;
}

static void
listing_finish(struct listing_call *op, int err, cJSON *result)
{
	struct call *call = op->call;

	free(op);
	call_finish(call, err, result);
}

/* --- reader.list --- */

static cJSON *
software_reader_to_json(const cJSON *token)
{
	cJSON *json = cJSON_CreateObject();

	cJSON_AddStringToObject(json, "id", json_string(token, "reader"));
	cJSON_AddStringToObject(json, "name", json_string(token, "reader"));
	cJSON_AddStringToObject(json, "kind", "software");
	cJSON_AddBoolToObject(json, "pinpad", false);
	cJSON_AddBoolToObject(json, "cardPresent", true);
	cJSON_AddStringToObject(json, "state", "present");
	return json;
}

static bool
reader_has_keypad(const cJSON *tokens, const char *reader)
{
	const cJSON *token;

	cJSON_ArrayForEach(token, tokens)
		if (strcmp(json_string(token, "reader"), reader) == 0 && json_true(json_member(token, "pin"), "keypad"))
			return true;
	return false;
}

static void
reader_list_done(void *context, int err, const cJSON *tokens)
{
	struct listing_call *op = context;
	const struct pcsc_snapshot *pcsc = devices_pcsc(op->call->services->devices);
	cJSON *result = cJSON_CreateObject(), *readers = cJSON_AddArrayToObject(result, "readers");
	const cJSON *token;

	(void)err;	/* a module that fails leaves the readers as they are */
	for (size_t i = 0; i < pcsc->count; i++) {
		cJSON_AddItemToArray(readers, devices_reader_to_json(&pcsc->readers[i], reader_has_keypad(tokens, pcsc->readers[i].name)));
	}
	cJSON_ArrayForEach(token, tokens)
		if (json_true(token, "software"))
			cJSON_AddItemToArray(readers, software_reader_to_json(token));
	cJSON_AddStringToObject(result, "service", pcsc->running ? "running" : "unavailable");
	listing_finish(op, 0, result);
}

static int
reader_list_run(struct call *call, const cJSON *params)
{
	(void)params;
	return listing_start(call, reader_list_done);
}

const struct method method_reader_list = { "reader.list", reader_list_run };

/* --- card.list --- */

static cJSON *
card_to_json(const cJSON *token)
{
	static const char *const same[] = { "label", "manufacturer", "model", "serial", "module", "reader" };
	const char *atr = json_string(token, "atr");
	cJSON *card = cJSON_CreateObject();

	cJSON_AddStringToObject(card, "id", json_string(token, "card"));
	for (size_t i = 0; i < sizeof(same) / sizeof(same[0]); i++)
		cJSON_AddItemToObject(card, same[i], cJSON_Duplicate(json_member(token, same[i]), true));
	if (atr != NULL && *atr != '\0')
		cJSON_AddStringToObject(card, "atr", atr);
	if (json_string(token, "kind") != NULL)
		cJSON_AddStringToObject(card, "kind", json_string(token, "kind"));
	cJSON_AddItemToObject(card, "pin", cJSON_Duplicate(json_member(token, "pin"), true));
	return card;
}

static void
card_list_done(void *context, int err, const cJSON *tokens)
{
	struct listing_call *op = context;
	cJSON *result = NULL, *cards;
	const cJSON *token;

	if (err == 0) {
		result = cJSON_CreateObject();
		cards = cJSON_AddArrayToObject(result, "cards");
		cJSON_ArrayForEach(token, tokens)
			cJSON_AddItemToArray(cards, card_to_json(token));
		devices_unread_add(op->call->services->devices, tokens, cards);
	}
	listing_finish(op, err, result);
}

static int
card_list_run(struct call *call, const cJSON *params)
{
	(void)params;
	return listing_start(call, card_list_done);
}

const struct method method_card_list = { "card.list", card_list_run };
