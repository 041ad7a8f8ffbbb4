/* SPDX-License-Identifier: Apache-2.0 */
/* devices/unread.c: cards that are in a reader and that no module reads: what they are, and what to do. */
#include "devices/devices.h"

#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "base/json.h"
#include "devices/kinds.h"

static bool
reader_is_read(const cJSON *tokens, const char *reader)
{
	const cJSON *token;

	cJSON_ArrayForEach(token, tokens)
		if (strcmp(json_string(token, "reader"), reader) == 0)
			return true;
	return false;
}

/* Whether one of the modules that read this kind is there. */
static bool
kind_has_module(const struct devices *devices, const cJSON *kind)
{
	for (size_t i = 0; i < devices_modules_count(devices); i++)
		if (kind_module_rank(kind, devices_module_name(devices, i)) >= 0)
			return true;
	return false;
}

static void
text_add(cJSON *object, const char *member, const char *tr, const char *en)
{
	cJSON *text = cJSON_AddObjectToObject(object, member);

	cJSON_AddStringToObject(text, "tr", tr);
	cJSON_AddStringToObject(text, "en", en);
}

/* "AKIS card seen, driver missing: install X". */
static void
driver_missing_add(cJSON *problem, const cJSON *kind)
{
	const cJSON *name = json_member(kind, "name");
	const char *page = json_string(kind, "page"), *provider = json_string(kind, "provider");
	char tr[400], en[400];

	snprintf(tr, sizeof(tr), "%s görüldü, ama sürücüsü bu bilgisayarda yok.", json_string(name, "tr"));
	snprintf(en, sizeof(en), "This is an %s, but its driver is not on this computer.", json_string(name, "en"));
	text_add(problem, "message", tr, en);
	snprintf(tr, sizeof(tr), "%s sürücüsünü kurun%s%s.", provider, page != NULL ? ": " : "", page != NULL ? page : "");
	snprintf(en, sizeof(en), "Install the driver of %s%s%s.", provider, page != NULL ? ": " : "", page != NULL ? page : "");
	text_add(problem, "remedy", tr, en);
	if (page != NULL)
		cJSON_AddStringToObject(problem, "page", page);
}

static cJSON *
problem_to_json(const struct devices *devices, const cJSON *kind)
{
	int err = kind != NULL && kind_has_module(devices, kind) ? ERR_MODULE_FAILED : ERR_CARD_UNSUPPORTED;
	const struct err_text *text = err_text(err);
	cJSON *problem = cJSON_CreateObject();

	cJSON_AddStringToObject(problem, "reason", text->reason);
	if (kind != NULL && err == ERR_CARD_UNSUPPORTED) {
		driver_missing_add(problem, kind);
		return problem;
	}
	text_add(problem, "message", text->message_tr, text->message_en);
	text_add(problem, "remedy", text->remedy_tr, text->remedy_en);
	return problem;
}

static cJSON *
card_to_json(const struct devices *devices, const struct pcsc_reader *reader)
{
	static const char *const empty[] = { "manufacturer", "model", "serial" };
	const cJSON *kind = kinds_find(devices_kinds(devices), reader->atr);
	cJSON *card = cJSON_CreateObject(), *pin;
	char id[PCSC_NAME_MAX + 80];

	snprintf(id, sizeof(id), "%s/%s", reader->name, reader->atr);
	cJSON_AddStringToObject(card, "id", id);
	cJSON_AddStringToObject(card, "reader", reader->name);
	cJSON_AddStringToObject(card, "atr", reader->atr);
	cJSON_AddStringToObject(card, "label", kind != NULL ? json_string(json_member(kind, "name"), "tr") : "");
	for (size_t i = 0; i < sizeof(empty) / sizeof(empty[0]); i++)
		cJSON_AddStringToObject(card, empty[i], "");
	if (kind != NULL)
		cJSON_AddStringToObject(card, "kind", json_string(kind, "kind"));
	pin = cJSON_AddObjectToObject(card, "pin");
	cJSON_AddStringToObject(pin, "state", "unknown");
	cJSON_AddNumberToObject(pin, "minLength", 0);
	cJSON_AddNumberToObject(pin, "maxLength", 0);
	cJSON_AddBoolToObject(pin, "keypad", false);
	cJSON_AddItemToObject(card, "problem", problem_to_json(devices, kind));
	return card;
}

static bool
is_unread(const struct pcsc_reader *reader, const cJSON *tokens)
{
	return reader->present && !reader->mute && reader->atr[0] != '\0' && !reader_is_read(tokens, reader->name);
}

void
devices_unread_add(const struct devices *devices, const cJSON *tokens, cJSON *cards)
{
	const struct pcsc_snapshot *pcsc = devices_pcsc(devices);

	for (size_t i = 0; i < pcsc->count; i++)
		if (is_unread(&pcsc->readers[i], tokens))
			cJSON_AddItemToArray(cards, card_to_json(devices, &pcsc->readers[i]));
}

int
devices_no_token_err(const struct devices *devices)
{
	const struct pcsc_snapshot *pcsc = devices_pcsc(devices);

	for (size_t i = 0; i < pcsc->count; i++)
		if (is_unread(&pcsc->readers[i], NULL))
			return ERR_CARD_UNSUPPORTED;
	return ERR_NO_CARD;
}
