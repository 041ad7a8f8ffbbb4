/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fuzz_files.c: the files that people and programs leave for the agent. The first byte says which: a settings file, a kind of card, an
 * institution's profile, a form's file, the store of origins, used manifests, an answer to reset.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "base/json.h"
#include "base/log.h"
#include "config.h"
#include "config/sources.h"
#include "devices/atr.h"
#include "devices/kinds.h"
#include "forms/forms.h"
#include "forms/institution.h"
#include "fuzz.h"
#include "session/nonces.h"
#include "session/origin.h"

static char cards[64], forms[64];

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc, (void)argv;
	log_init("fuzz", LOG_NONE);
	snprintf(cards, sizeof(cards), "%s/cards", fuzz_folder());
	snprintf(forms, sizeof(forms), "%s/forms", fuzz_folder());
	fuzz_require(mkdir(cards, 0700) == 0 && mkdir(forms, 0700) == 0, "no folders");
	return 0;
}

static void
settings_take(const void *data, size_t size)
{
	struct config_places places = { .file = fuzz_file("agent.conf", data, size), .file_named = true };
	struct config_sources *sources = NULL;
	const struct config_value *values;
	char text[CONFIG_UNREAD_BYTES];
	size_t count;

	if (config_sources_read(&places, &sources) != 0) {
		fuzz_require(fuzz_memory_failed(), "no settings");
		return;
	}
	values = config_sources_values(sources, &count);
	while (count > 0)
		if (values[--count].unread) {
			fuzz_require(values[count].key->strictest != NULL, "what does not narrow is strict");
			config_unread_text(&values[count], "tr", text);
		}
	(void)config_sources_usable(sources);
	for (const struct config_problem *problem = config_sources_problems(sources, &count); count > 0; count--, problem++)
		fuzz_require(problem->what != NULL && config_problem_text(problem->kind, "tr") != NULL, "half a problem");
	config_sources_free(sources);
}

/* The card is in, and its ATR is the line behind the description. */
static void
kind_take(const void *data, size_t size)
{
	static const char atr[] = "3B9F968131FE45806755454B41451252318073B3A180AA";
	struct kinds *kinds = NULL;
	const cJSON *kind;

	fuzz_file("cards/a.json", data, size);
	if (kinds_new(cards, &kinds) != 0) {
		fuzz_require(fuzz_memory_failed(), "no kinds");
		return;
	}
	kind = kinds_find(kinds, atr);
	fuzz_require(kind_module_rank(kind, "libakisp11.so") >= -1, "no rank");
	fuzz_require(kind_pin_lengths(kind).min <= kind_pin_lengths(kind).max, "lengths that make no sense");
	kinds_free(kinds);
}

static void
institution_take(const void *data, size_t size)
{
	cJSON *profile = NULL;
	char *problem = NULL;
	int r = institution_parse(data, size, &profile, &problem);

	fuzz_require((r == 0) == (profile != NULL) && (r == 0 || r == ERR_INVALID_PARAMS || fuzz_memory_failed()), "half a profile");
	cJSON_Delete(profile);
	free(problem);
}

/* One of a form's four files is the input, the others are good. */
static void
form_take(const void *data, size_t size, unsigned which)
{
	static const char *const names[] = { "form.json", "schema.json", "layout.json", "texts.json" };
	static const char *const good[] = {
		"{\"version\":1,\"title\":{\"tr\":\"A\",\"en\":\"A\"},\"sections\":[]}", "{\"type\":\"object\",\"properties\":{},\"additionalProperties\":false}",
		"{\"sections\":[]}", "{}" };
	const char *folder = forms;
	struct form_catalogue *catalogue = NULL;
	char name[64], path[128];
	cJSON *list;

	snprintf(path, sizeof(path), "%s/own", forms);
	mkdir(path, 0700);
	for (size_t i = 0; i < 4; i++) {
		snprintf(name, sizeof(name), "forms/own/%s", names[i]);
		fuzz_file(name, i == which ? data : good[i], i == which ? size : strlen(good[i]));
	}
	if (form_catalogue_new(&folder, 1, &catalogue) != 0) {
		fuzz_require(fuzz_memory_failed(), "no catalogue");
		return;
	}
	list = form_catalogue_list(catalogue);
	fuzz_require(list != NULL || fuzz_memory_failed(), "no list");
	cJSON_Delete(list);
	form_catalogue_free(catalogue);
}

static void
store_take(const void *data, size_t size)
{
	static const struct config none;
	struct origins *origins = NULL;
	const cJSON *item;

	if (origins_new(&none, fuzz_file("origins.json", data, size), &origins) != 0) {
		fuzz_require(fuzz_memory_failed(), "no origins");
		return;
	}
	/* Whatever the file says: what may be used is an origin. */
	cJSON_ArrayForEach(item, origins_remembered(origins))
		fuzz_require(origins_may_connect(origins, item->string) || origins_grant(origins, item->string) == GRANT_NONE ||
		    origins_grant(origins, item->string) == GRANT_ALWAYS, "another grant");
	fuzz_require(origins_grant(origins, "https://other.example") != GRANT_LISTED, "listed by nobody");
	origins_free(origins);
}

static void
nonces_take(const void *data, size_t size)
{
	const char *path = fuzz_file("manifests.json", data, size);
	struct nonces *nonces = NULL;
	int r;

	if (nonces_new(path, 1764000000, &nonces) != 0) {
		fuzz_require(fuzz_memory_failed(), "no names");
		return;
	}
	r = nonces_use(nonces, "https://portal.example", "a", 1764000600, 1764000000);
	fuzz_require(r == 0 || r == ERR_MANIFEST_REPLAYED || r == ERR_BUSY || fuzz_memory_failed(), "another reason");
	fuzz_require(r != 0 || nonces_check(nonces, "https://portal.example", "a", 1764000000) == ERR_MANIFEST_REPLAYED || fuzz_memory_failed(), "forgotten");
	nonces_free(nonces);
}

static void
atr_take(const void *data, size_t size)
{
	char text[200], historical[ATR_TEXT_MAX];

	if (size >= sizeof(text))
		return;
	memcpy(text, data, size);
	text[size] = '\0';
	if (atr_historical(text, historical))
		fuzz_require(strlen(historical) <= 30 && strlen(historical) % 2 == 0, "more historical bytes than there can be");
	(void)atr_pattern_matches(text, "3B9F968131FE45", size % 2 != 0);
}

void
fuzz_run(const uint8_t *data, size_t size)
{
	uint8_t which;

	if (size < 1)
		return;
	which = data[0];
	data++;
	size--;
	switch (which) {
	case 's':
		settings_take(data, size);
		break;
	case 'k':
		kind_take(data, size);
		break;
	case 'i':
		institution_take(data, size);
		break;
	case 'o':
		store_take(data, size);
		break;
	case 'n':
		nonces_take(data, size);
		break;
	case 'a':
		atr_take(data, size);
		break;
	case '0' ... '3':
		form_take(data, size, (unsigned)(which - '0'));
		break;
	default:
		break;
	}
}
