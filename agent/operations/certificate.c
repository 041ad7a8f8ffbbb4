/* SPDX-License-Identifier: Apache-2.0 */
/* operations/certificate.c: certificate.list and certificate.select: the certificates on the cards, the best one first, or the user's choice. */
#include "operations/methods.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/err.h"
#include "base/json.h"

#define CERTIFICATES_MAX 256

struct entry {
	struct certificate *certificate;
	const cJSON *token;	/* borrowed from the listing */
	size_t place;		/* in the order of the cards */
	time_t now;
};

struct certificate_call {
	struct call *call;
	struct devices_listing *listing;
	cJSON *filter;		/* may be NULL */
	cJSON *certificates;	/* as they go to the page */
	struct prompt *prompt;	/* certificate.select */
};

static void
certificate_call_cancel(void *context)
{
	struct certificate_call *op = context;

	devices_list_cancel(&op->listing);
	prompt_close(&op->prompt);
	cJSON_Delete(op->filter);
	cJSON_Delete(op->certificates);
	free(op);
}

/* result is taken. */
static void
certificate_call_finish(struct certificate_call *op, int err, cJSON *result)
{
	struct call *call = op->call;

	/* The dialog goes before the page hears of it. */
	certificate_call_cancel(op);
	call_finish(call, err, result);
}

static bool
json_array_has(const cJSON *array, const char *text)
{
	const cJSON *item;

	cJSON_ArrayForEach(item, array)
		if (strcmp(cJSON_GetStringValue(item), text) == 0)
			return true;
	return false;
}

/* Whether the wire's object of a certificate passes the page's filter (types.json certificateFilter). */
static bool
filter_passes(const cJSON *filter, const cJSON *certificate)
{
	const char *purpose = json_string(filter, "purpose"), *issuer = json_string(filter, "issuer");
	const char *number = json_string(filter, "identityNumber"), *own = json_string(json_member(certificate, "subject"), "serialNumber");
	const char *status = json_string(certificate, "status");
	const cJSON *qualified = json_member(filter, "qualified");

	if (purpose != NULL && !json_array_has(json_member(certificate, "purposes"), purpose))
		return false;
	if (qualified != NULL && cJSON_IsTrue(qualified) != json_true(certificate, "qualified"))
		return false;
	if (json_true(filter, "valid") && strcmp(status, "valid") != 0 && strcmp(status, "expiring") != 0)
		return false;
	if (issuer != NULL && strcmp(json_string(json_member(certificate, "issuer"), "commonName"), issuer) != 0)
		return false;
	return number == NULL || (own != NULL && strcmp(own, number) == 0);
}

/* May it sign now, is it qualified, does it end last, does its card list it first: in that order. */
static int
entry_compare(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;
	int may_x = certificate_may_sign(x->certificate, x->now) == 0, may_y = certificate_may_sign(y->certificate, y->now) == 0;
	int qualified_x = certificate_is_qualified(x->certificate), qualified_y = certificate_is_qualified(y->certificate);
	int later;

	if (may_x != may_y)
		return may_y - may_x;
	if (qualified_x != qualified_y)
		return qualified_y - qualified_x;
	if ((later = strcmp(certificate_not_after(y->certificate), certificate_not_after(x->certificate))) != 0)
		return later;
	return x->place < y->place ? -1 : 1;
}

static bool
entries_have(const struct entry *entries, size_t count, const struct certificate *certificate)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(certificate_id(entries[i].certificate), certificate_id(certificate)) == 0)
			return true;
	return false;
}

/* Every certificate once, even when two modules read the same card; what is no certificate is left out. */
static size_t
entries_read(const cJSON *tokens, struct entry *entries)
{
	const cJSON *token, *item;
	size_t count = 0;

	cJSON_ArrayForEach(token, tokens)
		cJSON_ArrayForEach(item, json_member(token, "certificates")) {
			struct certificate *certificate = NULL;
			unsigned char *der = NULL;
			size_t len;

			if (count < CERTIFICATES_MAX && json_base64(item, "der", &der, &len) == 0 &&
			    certificate_new(der, len, &certificate) == 0 && !entries_have(entries, count, certificate)) {
				entries[count] = (struct entry){ certificate, token, count, time(NULL) };
				count++;
				certificate = NULL;
			}
			certificate_free(certificate);
			free(der);
		}
	return count;
}

/* What the dialog shows of one (agent/HELPERS.md). */
static cJSON *
entry_to_shown(const struct entry *entry)
{
	cJSON *shown = cJSON_CreateObject();
	const char *label = json_string(entry->token, "label"), *reader = json_string(entry->token, "reader");

	cJSON_AddStringToObject(shown, "id", certificate_id(entry->certificate));
	cJSON_AddStringToObject(shown, "owner", certificate_owner(entry->certificate));
	cJSON_AddStringToObject(shown, "issuer", certificate_issuer(entry->certificate));
	cJSON_AddStringToObject(shown, "notAfter", certificate_not_after(entry->certificate));
	cJSON_AddStringToObject(shown, "card", label != NULL ? label : "");
	cJSON_AddStringToObject(shown, "reader", reader != NULL ? reader : "");
	return shown;
}

/* The certificates of a listing that pass the call's filter: into op->certificates, and as the dialog shows them into *ret_shown. */
static int
certificates_collect(struct certificate_call *op, int err, const cJSON *tokens, cJSON **ret_shown)
{
	struct entry *entries = calloc(CERTIFICATES_MAX, sizeof(*entries));
	size_t count = 0;

	op->listing = NULL;
	if (err == 0 && cJSON_GetArraySize(tokens) == 0)
		err = devices_no_token_err(op->call->services->devices);
	if (err == 0 && entries == NULL)
		err = ERR_INTERNAL;
	if (err == 0 && (count = entries_read(tokens, entries)) == 0)
		err = devices_tokens_err(tokens);
	if (err != 0) {
		free(entries);
		return err;
	}
	op->certificates = cJSON_CreateArray();
	*ret_shown = cJSON_CreateArray();
	qsort(entries, count, sizeof(*entries), entry_compare);
	for (size_t i = 0; i < count; i++) {
		cJSON *json = certificate_to_json(entries[i].certificate, entries[i].now);

		cJSON_AddStringToObject(json, "card", json_string(entries[i].token, "card"));
		cJSON_AddBoolToObject(json, "recommended", i == 0 && certificate_may_sign(entries[i].certificate, entries[i].now) == 0);
		if (op->filter == NULL || filter_passes(op->filter, json)) {
			cJSON_AddItemToArray(op->certificates, json);
			cJSON_AddItemToArray(*ret_shown, entry_to_shown(&entries[i]));
		} else {
			cJSON_Delete(json);
		}
		certificate_free(entries[i].certificate);
	}
	free(entries);
	return 0;
}

static int
certificate_call_start(struct call *call, const cJSON *params, void (*done)(void *context, int err, const cJSON *tokens))
{
	struct certificate_call *op = calloc(1, sizeof(*op));

	if (op == NULL)
		return ERR_INTERNAL;
	*op = (struct certificate_call){ .call = call, .filter = cJSON_Duplicate(json_member(params, "filter"), true) };
	if ((op->listing = devices_list_seen(call->services->devices, done, op)) == NULL) {
		certificate_call_cancel(op);
		return ERR_INTERNAL;
	}
	call_on_cancel(call, certificate_call_cancel, op);
	return 0;
}

/* --- certificate.list --- */

static void
certificate_list_done(void *context, int err, const cJSON *tokens)
{
	struct certificate_call *op = context;
	cJSON *shown = NULL, *result = NULL;

	if ((err = certificates_collect(op, err, tokens, &shown)) == 0) {
		result = cJSON_CreateObject();
		cJSON_AddItemToObject(result, "certificates", op->certificates);
		op->certificates = NULL;
	}
	cJSON_Delete(shown);
	certificate_call_finish(op, err, result);
}

static int
certificate_list_run(struct call *call, const cJSON *params)
{
	return certificate_call_start(call, params, certificate_list_done);
}

const struct method method_certificate_list = { "certificate.list", certificate_list_run };

/* --- certificate.select --- */

static void
certificate_chosen(void *context, int err, const char *answer)
{
	struct certificate_call *op = context;
	cJSON *result = NULL, *certificate;

	if (err != 0) {
		certificate_call_finish(op, err, NULL);
		return;
	}
	cJSON_ArrayForEach(certificate, op->certificates)
		if (result == NULL && strcmp(json_string(certificate, "id"), answer) == 0) {
			result = cJSON_CreateObject();
			cJSON_AddItemToObject(result, "certificate", cJSON_Duplicate(certificate, true));
		}
	certificate_call_finish(op, result != NULL ? 0 : ERR_INTERNAL, result);
}

static void
certificate_select_done(void *context, int err, const cJSON *tokens)
{
	struct certificate_call *op = context;
	cJSON *shown = NULL, *members;

	err = certificates_collect(op, err, tokens, &shown);
	if (err == 0 && cJSON_GetArraySize(shown) == 0)
		err = ERR_NOT_FOUND;
	if (err == 0)
		err = call_dialogs_open(op->call, false, &op->prompt);
	if (err == 0) {
		call_extend(op->call, op->call->services->config->dialog_seconds + 30);
		members = cJSON_CreateObject();
		cJSON_AddItemToObject(members, "certificates", shown);
		shown = NULL;
		err = prompt_ask(op->prompt, "select", members, NULL, 0, certificate_chosen, op);
	}
	cJSON_Delete(shown);
	if (err != 0)
		certificate_call_finish(op, err, NULL);
}

static int
certificate_select_run(struct call *call, const cJSON *params)
{
	return certificate_call_start(call, params, certificate_select_done);
}

const struct method method_certificate_select = { "certificate.select", certificate_select_run };
