/* SPDX-License-Identifier: Apache-2.0 */
/* health/card.c: the cards: there, alive, known, driven; and what they tell of their PIN. */
#include "health/checks.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/json.h"

static bool
reader_has_token(const struct health *h, const char *reader)
{
	const cJSON *token;

	cJSON_ArrayForEach(token, h->tokens)
		if (!json_true(token, "software") && strcmp(json_string(token, "reader"), reader) == 0)
			return true;
	return false;
}

/* A kind's module in the folders where vendors put them; the caller frees it. NULL: none. */
static char *
module_find(const struct health *h, const char *name)
{
	const cJSON *folder;

	cJSON_ArrayForEach(folder, report_folders(h->report)) {
		char place[512], *path;

		snprintf(place, sizeof(place), "%s/%s", cJSON_GetStringValue(folder), name);
		if ((path = health_path(h, place)) != NULL && access(path, R_OK) == 0)
			return path;
		free(path);
	}
	return NULL;
}

static void
driver_check(struct health *h, const struct pcsc_reader *reader, const cJSON *kind)
{
	const char *first = cJSON_GetStringValue(cJSON_GetArrayItem(json_member(kind, "modules"), 0));
	const cJSON *name;
	char *found = NULL;

	for (size_t i = 0; i < h->modules_count; i++)
		if (kind_module_rank(kind, h->modules[i].name) >= 0) {
			report_tell(h->report, "card_driver", "ok", "%s: %s", reader->name, h->modules[i].name);
			return;
		}
	cJSON_ArrayForEach(name, json_member(kind, "modules"))
		if (found == NULL)
			found = module_find(h, cJSON_GetStringValue(name));
	report_tell(h->report, "card_driver", found != NULL ? "not_configured" : "missing", "%s: %s: %s", reader->name,
	    json_string(kind, "kind"), found != NULL ? found : first != NULL ? first : "");
	free(found);
}

static void
card_check(struct health *h, const struct pcsc_reader *reader)
{
	const cJSON *kind = kinds_find(devices_kinds(h->services->devices), reader->atr);

	report_tell(h->report, "card_mute", reader->mute ? "mute" : "ok", "%s", reader->name);
	if (reader->mute)
		return;
	/* A module that reads it knows it, whatever its ATR. */
	if (reader_has_token(h, reader->name)) {
		report_tell(h->report, "card_known", "ok", "%s: ATR %s", reader->name, reader->atr);
		report_tell(h->report, "card_driver", "ok", "%s: read by a driver", reader->name);
	} else if (reader->in_use) {
		/* Nobody else can ask it anything now: reader_shared tells of that. */
		report_skip(h->report, "card_known", "in_use", "%s", reader->name);
		report_skip(h->report, "card_driver", "in_use", "%s", reader->name);
	} else if (kind != NULL) {
		report_tell(h->report, "card_known", "ok", "%s: %s, ATR %s", reader->name, json_string(kind, "kind"), reader->atr);
		driver_check(h, reader, kind);
	} else {
		report_tell(h->report, "card_known", "unknown", "%s: ATR %s", reader->name, reader->atr);
	}
}

static void
pin_check(struct health *h, const cJSON *token)
{
	const char *reader = json_string(token, "reader"), *state = json_string(json_member(token, "pin"), "state");
	bool locked = strcmp(state, "locked") == 0, unset = strcmp(state, "not_set") == 0, puk_locked = json_true(token, "pukLocked");

	if (strcmp(state, "unknown") == 0)
		return;
	report_tell(h->report, "puk_locked", !puk_locked ? "ok" : locked ? "lost" : "spent", "%s", reader);
	if (locked && puk_locked)	/* its remedy would be the PUK */
		report_skip(h->report, "pin_locked", "puk_locked", "%s", reader);
	else
		report_tell(h->report, "pin_locked", locked ? "locked" : "ok", "%s: %s", reader, state);
	report_tell(h->report, "pin_set", unset ? "not_set" : "ok", "%s: %s", reader, state);
	/* The flags of a locked PIN say nothing more about tries. */
	if (!locked && !unset)
		report_tell(h->report, "pin_tries", strcmp(state, "low") == 0 || strcmp(state, "final") == 0 ? state : "ok", "%s: %s", reader, state);
}

void
check_cards(struct health *h)
{
	static const char *const need_card[] = { "card_mute", "card_known", "card_driver" };
	static const char *const need_token[] = { "pin_tries", "pin_locked", "puk_locked", "pin_set" };
	size_t in = 0, tokens = (size_t)cJSON_GetArraySize(h->tokens);
	const cJSON *token;

	for (size_t i = 0; i < h->pcsc.count; i++)
		if (h->pcsc.readers[i].present) {
			in++;
			card_check(h, &h->pcsc.readers[i]);
		}
	if (in == 0 && tokens == 0 && (!h->pcsc.running || h->pcsc.count == 0))
		report_skip(h->report, "card_present", h->pcsc.running ? "no_reader" : "no_service", "%s", "");
	else if (in == 0 && tokens == 0)
		report_tell(h->report, "card_present", "none", "no card in %zu readers", h->pcsc.count);
	else
		report_tell(h->report, "card_present", "ok", "%zu cards in readers, %zu tokens", in, tokens);
	report_tell(h->report, "cards_several", in > 1 ? "several" : "ok", "%zu cards in readers", in);
	for (size_t i = 0; i < sizeof(need_card) / sizeof(need_card[0]); i++)
		report_skip(h->report, need_card[i], "no_card", "%s", "");
	cJSON_ArrayForEach(token, h->tokens)
		pin_check(h, token);
	for (size_t i = 0; i < sizeof(need_token) / sizeof(need_token[0]); i++)
		report_skip(h->report, need_token[i], tokens > 0 ? "unknown" : "no_card", "%s", "");
}
