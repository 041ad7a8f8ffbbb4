/* SPDX-License-Identifier: Apache-2.0 */
/* commands/pin.c: imza-agent pin: the state of a card's PIN; and checking, changing, unblocking it, typed in the same dialogs as for a page. */
#include "commands/command.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "base/json.h"
#include "commands/local.h"

static const char *
card_id(const cJSON *card)
{
	return json_string(card, "id");
}

static const char *
state_of(const cJSON *pin)
{
	return json_string(pin, "state");
}

/* Whether this PIN can be used as it is. */
static bool
is_usable(const cJSON *pin)
{
	static const char *const usable[] = { "ok", "low", "final" };

	for (size_t i = 0; i < sizeof(usable) / sizeof(usable[0]); i++)
		if (strcmp(state_of(pin), usable[i]) == 0)
			return true;
	return false;
}

static const char *
state_text(const struct local *local, const cJSON *pin)
{
	static const struct { const char *state, *tr, *en; } texts[] = {
		{ "ok", "kullanılabilir", "can be used" },
		{ "low", "kullanılabilir; son doğru PIN'den sonra yanlış girilmiş", "can be used; it was wrong since it was last right" },
		{ "final", "son deneme hakkı kalmış", "one try is left" },
		{ "locked", "kilitli; PUK ile açılır (imza-agent pin unblock)", "locked; the PUK opens it (imza-agent pin unblock)" },
		{ "not_set", "henüz oluşturulmamış", "has not been set yet" },
	};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		if (strcmp(texts[i].state, state_of(pin)) == 0)
			return local_text(local, texts[i].tr, texts[i].en);
	return local_text(local, "durumu okunamıyor", "its state can't be read");
}

static void
card_print(const struct local *local, const cJSON *card, const cJSON *pin)
{
	int64_t min = json_integer(pin, "minLength", 0), max = json_integer(pin, "maxLength", 0);

	printf("%s, %s: PIN %s", json_string(card, "label"), json_string(card, "reader"), state_text(local, pin));
	if (min > 0 && max >= min)
		printf(" (%d–%d %s)", (int)min, (int)max, local_text(local, "rakam", "digits"));
	printf("\n    %s\n", card_id(card));
}

/* --- pin status --- */

static int
status_print(const struct local *local, const cJSON *cards, const char *id, bool json)
{
	cJSON *result = cJSON_CreateObject(), *list = cJSON_AddArrayToObject(result, "cards");
	int status = COMMAND_OK;
	const cJSON *card;

	cJSON_ArrayForEach(card, cards) {
		const cJSON *pin = json_member(card, "pin");
		cJSON *item;

		if (id != NULL && strcmp(id, card_id(card)) != 0)
			continue;
		if (!json)
			card_print(local, card, pin);
		item = cJSON_CreateObject();
		cJSON_AddStringToObject(item, "card", card_id(card));
		cJSON_AddStringToObject(item, "reader", json_string(card, "reader"));
		cJSON_AddItemToObject(item, "pin", cJSON_Duplicate(pin, true));
		cJSON_AddItemToArray(list, item);
		if (!is_usable(pin))
			status = COMMAND_FAILED;
	}
	if (json && command_print_json(result) != COMMAND_OK)
		status = COMMAND_FAILED;
	cJSON_Delete(result);
	return status;
}

/* --- pin verify, change, unblock --- */

/* The card with this id; NULL: the only one that a module reads. NULL after it was told why there is none. */
static const cJSON *
card_choose(const struct local *local, const cJSON *cards, const char *id)
{
	const cJSON *card, *found = NULL;
	size_t count = 0;

	cJSON_ArrayForEach(card, cards)
		if (id != NULL ? strcmp(id, card_id(card)) == 0 : json_member(card, "problem") == NULL) {
			found = card;
			count++;
		}
	if (count == 1)
		return found;
	if (count == 0) {
		fprintf(stderr, "imza-agent: %s\n", id != NULL ? local_text(local, "Bu kimlikte bir kart takılı değil.", "No card with this id is in.") :
		    local_text(local, "Okunabilen bir kart takılı değil.", "No card that can be read is in."));
		return NULL;
	}
	fprintf(stderr, "imza-agent: %s\n", local_text(local, "Birden fazla kart takılı; hangisi olduğunu --card ile söyleyin:",
	    "More than one card is in; say which with --card:"));
	cJSON_ArrayForEach(card, cards)
		fprintf(stderr, "  %s (%s, %s)\n", card_id(card), json_string(card, "label"), json_string(card, "reader"));
	return NULL;
}

static int
card_work(struct local *local, const cJSON *card, const char *method, bool json)
{
	cJSON *params = cJSON_CreateObject(), *result = NULL;
	int status = COMMAND_OK;

	cJSON_AddStringToObject(params, "card", card_id(card));
	if (local_call(local, method, params, false, &result) != 0)
		return COMMAND_FAILED;
	if (json)
		status = command_print_json(result);
	else
		card_print(local, card, json_member(result, "pin"));
	cJSON_Delete(result);
	return status;
}

/* method NULL: pin status. */
static int
cards_work(struct local *local, const char *method, const char *id, bool json)
{
	cJSON *list = NULL;
	const cJSON *cards, *card;
	int status;

	if (local_call(local, "card.list", NULL, false, &list) != 0)
		return COMMAND_FAILED;
	cards = json_member(list, "cards");
	/* Of nothing there is no state to tell. */
	if (method == NULL && (id != NULL || cJSON_GetArraySize(cards) == 0) && card_choose(local, cards, id) == NULL)
		status = COMMAND_FAILED;
	else if (method == NULL)
		status = status_print(local, cards, id, json);
	else
		status = (card = card_choose(local, cards, id)) != NULL ? card_work(local, card, method, json) : COMMAND_FAILED;
	cJSON_Delete(list);
	return status;
}

static int
pin_run(const char *config, int argc, char **argv)
{
	static const struct option options[] = { { "card", required_argument, NULL, 'c' }, { "json", no_argument, NULL, 'j' }, { NULL, 0, NULL, 0 } };
	static const struct { const char *word, *method; } words[] = {
		{ "status", NULL }, { "verify", "pin.verify" }, { "change", "pin.change" }, { "unblock", "pin.unblock" },
	};
	const char *card = NULL, *word;
	struct local *local = NULL;
	bool json = false;
	size_t i = 0;
	int c, status;

	while ((c = getopt_long(argc, argv, "", options, NULL)) != -1)
		switch (c) {
		case 'c':
			card = optarg;
			break;
		case 'j':
			json = true;
			break;
		default:
			return command_usage(&command_pin);
		}
	word = optind < argc ? argv[optind] : words[0].word;
	while (i < sizeof(words) / sizeof(words[0]) && strcmp(words[i].word, word) != 0)
		i++;
	if (i == sizeof(words) / sizeof(words[0]) || argc - optind > 1)
		return command_usage(&command_pin);
	if (local_new(config, &local) != 0)
		return COMMAND_FAILED;
	status = cards_work(local, words[i].method, card, json);
	local_free(local);
	return status;
}

const struct command command_pin = { "pin", "[status | verify | change | unblock] [--card ID] [--json]",
	"Tells a card's PIN state, or checks, changes or unblocks the PIN, which is typed in a dialog.", pin_run };
