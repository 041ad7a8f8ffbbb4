/* SPDX-License-Identifier: Apache-2.0 */
/* devices/listing.c: asks all modules at once for their tokens and certificates and gathers the answers; the same token twice is told once. */
#include "devices/devices.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/json.h"

#define LIST_MS 10000	/* a slow card answers its certificates in seconds */

struct query {
	struct devices_listing *listing;
	size_t module;
	cJSON *token;			/* borrowed from the listing; NULL: the query is for the tokens themselves */
	unsigned changes;		/* at the readers, when it was asked */
	struct helper_request *request;
	struct query *next;
};

struct devices_listing {
	struct devices *devices;
	bool certificates, seen;
	bool stale;			/* what was kept of the tokens does not hold any more */
	cJSON *tokens;
	struct query *queries;		/* still open */
	size_t open;
	int err;			/* of the first module that failed */
	struct loop_timer *nothing;
	void (*done)(void *context, int err, const cJSON *tokens);
	void *context;
};

static void
listing_free(struct devices_listing *listing)
{
	while (listing->queries != NULL) {
		struct query *query = listing->queries;

		listing->queries = query->next;
		helper_cancel(&query->request);
		free(query);
	}
	loop_cancel(&listing->nothing);
	cJSON_Delete(listing->tokens);
	free(listing);
}

/* How well a token's module suits its card, less is better: as cards.d has it, then by the order of the modules. */
static int
module_order(const struct devices_listing *listing, const cJSON *token)
{
	int rank = kind_module_rank(kinds_find(devices_kinds(listing->devices), json_string(token, "atr")), json_string(token, "module"));

	return (rank >= 0 ? rank : 1000) * 1000 + (int)json_integer(token, "moduleIndex", 0);
}

/* Whether a better module reads the same card: two that read it would show it twice. */
static bool
is_duplicate(const struct devices_listing *listing, const cJSON *token)
{
	const cJSON *other;

	if (json_true(token, "software"))
		return false;
	cJSON_ArrayForEach(other, listing->tokens)
		if (!json_true(other, "software") && strcmp(json_string(other, "reader"), json_string(token, "reader")) == 0 &&
		    module_order(listing, other) < module_order(listing, token))
			return true;
	return false;
}

static void
duplicates_drop(struct devices_listing *listing)
{
	cJSON *token = listing->tokens->child;

	while (token != NULL) {
		cJSON *next = token->next;

		if (is_duplicate(listing, token))
			cJSON_Delete(cJSON_DetachItemViaPointer(listing->tokens, token));
		token = next;
	}
}

static void listing_ask(struct devices_listing *listing);

/* What a card's certificates could not be read by is no news of the card: everything is asked anew. */
static void
listing_again(struct devices_listing *listing)
{
	listing->stale = listing->seen = false;
	listing->err = 0;
	while (listing->tokens->child != NULL)
		cJSON_Delete(cJSON_DetachItemViaPointer(listing->tokens, listing->tokens->child));
	listing_ask(listing);
}

static void
listing_end(struct devices_listing *listing)
{
	bool empty;

	if (listing->stale)
		listing_again(listing);
	if (listing->open > 0)
		return;
	empty = cJSON_GetArraySize(listing->tokens) == 0;
	duplicates_drop(listing);
	listing->done(listing->context, empty ? listing->err : 0, listing->tokens);
	listing_free(listing);
}

static void
listing_end_later(void *context)
{
	struct devices_listing *listing = context;

	listing->nothing = NULL;
	listing_end(listing);
}

static void query_done(void *context, int err, const cJSON *content);

static void
query_start(struct devices_listing *listing, size_t module, cJSON *token)
{
	struct query *query = calloc(1, sizeof(*query));
	cJSON *members = cJSON_CreateObject();
	int err = ERR_INTERNAL;

	if (query != NULL) {
		*query = (struct query){ .listing = listing, .module = module, .token = token, .changes = devices_changes(listing->devices) };
		if (token != NULL)
			cJSON_AddNumberToObject(members, "slot", (double)json_integer(token, "slot", 0));
		query->request = devices_request(listing->devices, module, token != NULL ? "certificates" : "tokens", members, NULL, 0,
		    LIST_MS, (struct helper_callbacks){ query_done, NULL, query }, &err);
	} else {
		cJSON_Delete(members);
	}
	if (query == NULL || query->request == NULL) {
		free(query);
		if (listing->err == 0)
			listing->err = err;
		return;
	}
	query->next = listing->queries;
	listing->queries = query;
	listing->open++;
}

/* The card's name on the wire: steady while the card stays in use with this module. */
static void
card_name(cJSON *token, const char *module)
{
	const char *serial = json_string(token, "serial"), *label = json_string(token, "label");
	char name[200];

	snprintf(name, sizeof(name), "%s:%s", module, serial != NULL && *serial != '\0' ? serial : label != NULL ? label : "");
	cJSON_AddStringToObject(token, "card", name);
}

/* What is known of the kind of card, next to the token's own limits. */
static void
pin_narrow(cJSON *pin, const cJSON *kind)
{
	struct pin_lengths lengths = pin_lengths_narrow(pin_lengths_read(pin), kind_pin_lengths(kind));

	if (pin == NULL)
		return;
	cJSON_ReplaceItemInObjectCaseSensitive(pin, "minLength", cJSON_CreateNumber(lengths.min));
	cJSON_ReplaceItemInObjectCaseSensitive(pin, "maxLength", cJSON_CreateNumber(lengths.max));
}

static void
token_add(struct devices_listing *listing, size_t module, const cJSON *token)
{
	const char *description = json_string(token, "slotDescription");
	const struct pcsc_reader *reader = description != NULL ? devices_reader_of(listing->devices, description) : NULL;
	const cJSON *kind = reader != NULL ? kinds_find(devices_kinds(listing->devices), reader->atr) : NULL;
	cJSON *copy = cJSON_Duplicate(token, true);
	const char *name = devices_module_name(listing->devices, module);

	if (copy == NULL)
		return;
	card_name(copy, name);
	cJSON_AddNumberToObject(copy, "moduleIndex", (double)module);
	cJSON_AddStringToObject(copy, "module", name);
	cJSON_AddBoolToObject(copy, "software", reader == NULL);
	cJSON_AddStringToObject(copy, "reader", reader != NULL ? reader->name : description != NULL ? description : "");
	cJSON_AddStringToObject(copy, "atr", reader != NULL ? reader->atr : "");
	if (kind != NULL)
		cJSON_AddStringToObject(copy, "kind", json_string(kind, "kind"));
	pin_narrow(json_member(copy, "pin"), kind);
	cJSON_AddItemToArray(listing->tokens, copy);
	if (listing->certificates && json_member(copy, "certificates") == NULL)
		query_start(listing, module, copy);
}

/* What a list may fail with. A module that answers it with something else, a locked PIN for one, has failed. */
static int
listing_error(int err)
{
	switch (err) {
	case ERR_INTERNAL:
	case ERR_CARD_REMOVED:
	case ERR_CARD_UNSUPPORTED:
	case ERR_MODULE_TIMEOUT:
		return err;
	default:
		return ERR_MODULE_FAILED;
	}
}

static void
query_done(void *context, int err, const cJSON *content)
{
	struct query *query = context, **place;
	struct devices_listing *listing = query->listing;
	const cJSON *token;

	for (place = &listing->queries; *place != query; place = &(*place)->next)
		;
	*place = query->next;
	if (err == 0)
		devices_module_works(listing->devices, query->module);
	else if (listing->err == 0)
		listing->err = listing_error(err);
	if (err == 0 && query->token == NULL) {
		devices_tokens_keep(listing->devices, query->module, query->changes, json_member(content, "tokens"));
		cJSON_ArrayForEach(token, json_member(content, "tokens"))
			token_add(listing, query->module, token);
	} else if (err != 0 && query->token != NULL) {
		cJSON_AddStringToObject(query->token, "failed", err_reason(err));
		listing->stale = listing->stale || listing->seen;
	}
	if (err == 0 && query->token != NULL) {
		cJSON_AddItemToObject(query->token, "certificates", cJSON_Duplicate(json_member(content, "certificates"), true));
		devices_certificates_keep(listing->devices, query->module, query->changes, json_member(query->token, "slot")->valuedouble,
		    json_member(content, "certificates"));
	}
	free(query);
	if (--listing->open == 0)
		listing_end(listing);
}

static void
listing_ask(struct devices_listing *listing)
{
	for (size_t i = 0; listing->tokens != NULL && i < devices_modules_count(listing->devices); i++) {
		const cJSON *kept = listing->seen ? devices_tokens_kept(listing->devices, i) : NULL, *token;

		cJSON_ArrayForEach(token, kept)
			token_add(listing, i, token);
		if (kept == NULL)
			query_start(listing, i, NULL);
	}
}

static struct devices_listing *
listing_start(const struct devices_listing *wanted)
{
	struct devices_listing *listing = malloc(sizeof(*listing));

	if (listing == NULL)
		return NULL;
	*listing = *wanted;
	listing->tokens = cJSON_CreateArray();
	listing_ask(listing);
	/* Nothing to wait for: the answer still comes later, as promised. */
	if (listing->open == 0 && (listing->nothing = loop_after(devices_loop(listing->devices), 0, listing_end_later, listing)) == NULL) {
		listing_free(listing);
		return NULL;
	}
	return listing;
}

struct devices_listing *
devices_list(struct devices *devices, bool certificates, void (*done)(void *context, int err, const cJSON *tokens), void *context)
{
	return listing_start(&(struct devices_listing){ .devices = devices, .certificates = certificates, .done = done, .context = context });
}

struct devices_listing *
devices_list_seen(struct devices *devices, void (*done)(void *context, int err, const cJSON *tokens), void *context)
{
	return listing_start(&(struct devices_listing){ .devices = devices, .certificates = true, .seen = true, .done = done, .context = context });
}

void
devices_list_cancel(struct devices_listing **listing)
{
	if (*listing != NULL)
		listing_free(*listing);
	*listing = NULL;
}

int
devices_tokens_err(const cJSON *tokens)
{
	const cJSON *token;

	cJSON_ArrayForEach(token, tokens)
		if (json_string(token, "failed") != NULL)
			return err_from_reason(json_string(token, "failed"));
	return 0;
}
