/* SPDX-License-Identifier: Apache-2.0 */
/* operations/signature.c: consent, PIN, card. The digests are fixed before the dialog opens, so that one consent is for one set. */
#include "operations/signature.h"

#include <fcntl.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/err.h"
#include "base/json.h"
#include "base/log.h"
#include "operations/pin.h"

struct signature {
	struct call *call;
	const struct signer *signer;
	cJSON *summary, *digests, *pin;	/* pin: what the card last told */
	cJSON *made;			/* the signatures so far, of the first digests */
	int made_before;		/* of them, by earlier tries of this PIN dialog */
	const char *digest_algorithm;
	int digests_count;
	unsigned char consented[EVP_MAX_MD_SIZE];	/* to what: a digest of what was shown and what is signed */
	struct prompt *prompt;
	int pin_pipe;			/* read end, between "entered" and the card; never read here. -1: none */
	bool wrong_pin;			/* the last try was one */
	struct devices_signing *signing;
	struct signature_callbacks callbacks;
};

static void
signature_free(struct signature *signature)
{
	prompt_close(&signature->prompt);
	if (signature->pin_pipe >= 0)
		close(signature->pin_pipe);
	cJSON_Delete(signature->summary);
	cJSON_Delete(signature->digests);
	cJSON_Delete(signature->made);
	cJSON_Delete(signature->pin);
	free(signature);
}

/* Who asked, for what, with which certificate, and how it ended; hashes and a form's name instead of names, no person's number. */
static cJSON *
audit_entry(const struct signature *signature, int err)
{
	const struct manifest *manifest = signature->call->manifest;
	const cJSON *form = json_member(signature->summary, "form");
	cJSON *entry = cJSON_CreateObject(), *hashes = cJSON_AddArrayToObject(entry, "sha256"), *attached = cJSON_CreateArray();
	const cJSON *document, *attachment;

	cJSON_AddStringToObject(entry, "origin", signature->call->session->origin);
	cJSON_AddStringToObject(entry, "kind", json_string(signature->summary, "kind"));
	cJSON_ArrayForEach(document, json_member(signature->summary, "documents")) {
		if (json_string(document, "sha256") != NULL)
			cJSON_AddItemToArray(hashes, cJSON_CreateString(json_string(document, "sha256")));
		cJSON_ArrayForEach(attachment, json_member(document, "attachments"))
			cJSON_AddItemToArray(attached, cJSON_CreateString(json_string(attachment, "sha256")));
	}
	if (cJSON_GetArraySize(attached) > 0)
		cJSON_AddItemToObject(entry, "attachments", attached);
	else
		cJSON_Delete(attached);
	if (form != NULL)
		cJSON_AddItemToObject(entry, "form", cJSON_Duplicate(form, true));
	if (manifest != NULL)
		cJSON_AddStringToObject(entry, "manifest", manifest_nonce(manifest));
	cJSON_AddItemToObject(entry, "signed", cJSON_Duplicate(signature->digests, true));
	cJSON_AddStringToObject(entry, "digestAlgorithm", signature->digest_algorithm);
	cJSON_AddStringToObject(entry, "certificate", certificate_id(signature->signer->certificate));
	/* Where it ended before its end: how many of the digests, from the first on, came to be signed. */
	if (err != 0 && cJSON_GetArraySize(signature->made) > 0)
		cJSON_AddNumberToObject(entry, "made", cJSON_GetArraySize(signature->made));
	cJSON_AddStringToObject(entry, "result", err == 0 ? "signed" : err_reason(err));
	return entry;
}

/* 0, or ERR_AUDIT_UNAVAILABLE where an administrator wants no signature that is not in the log. */
static int
audit_write(const struct signature *signature, int err)
{
	int r = audit_add(signature->call->services->audit, audit_entry(signature, err));

	return signature->call->services->config->require_audit_log ? r : 0;
}

/* Before anybody is asked anything: whether there will be room for the entry, where there has to be. */
static int
audit_prepare(const struct signature *signature)
{
	const struct services *services = signature->call->services;
	char *text;
	cJSON *entry;
	int r = ERR_INTERNAL;

	if (!services->config->require_audit_log)
		return 0;
	entry = audit_entry(signature, 0);
	if ((text = cJSON_PrintUnformatted(entry)) != NULL)
		r = audit_reserve(services->audit, strlen(text));
	cJSON_free(text);
	cJSON_Delete(entry);
	return r;
}

static void
signature_end(struct signature *signature, int err, const cJSON *content)
{
	int r;

	/* The dialog goes before the page hears of it. */
	prompt_close(&signature->prompt);
	/* What the card has made stays here when it can't be logged. */
	if ((r = audit_write(signature, err)) != 0 && (err == 0 || cJSON_GetArraySize(signature->made) > 0)) {
		err = r;
		content = NULL;
	}
	signature->callbacks.done(signature->callbacks.context, err, err == 0 ? signature->made : content);
	signature_free(signature);
}

/* What the user agrees to and what goes to the card, in 32 bytes: they must be the same at both times. */
static int
consent_digest(const struct signature *signature, unsigned char digest[EVP_MAX_MD_SIZE])
{
	char *shown = cJSON_PrintUnformatted(signature->summary), *signing = cJSON_PrintUnformatted(signature->digests);
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	int ok = shown != NULL && signing != NULL && ctx != NULL && EVP_DigestInit_ex(ctx, EVP_sha256(), NULL) == 1 &&
	    EVP_DigestUpdate(ctx, shown, strlen(shown) + 1) == 1 && EVP_DigestUpdate(ctx, signing, strlen(signing) + 1) == 1 &&
	    EVP_DigestUpdate(ctx, signature->digest_algorithm, strlen(signature->digest_algorithm)) == 1 &&
	    EVP_DigestFinal_ex(ctx, digest, NULL) == 1;

	EVP_MD_CTX_free(ctx);
	cJSON_free(shown);
	cJSON_free(signing);
	return ok ? 0 : ERR_INTERNAL;
}

static bool
has_keypad(const struct signature *signature)
{
	return json_true(signature->pin, "keypad");
}

static void pin_ask(struct signature *signature, const char *error);

/* Takes over what the card has made beyond `from`; a module that makes more than it was asked for is found out at the end. */
static void
signatures_take(struct signature *signature, const cJSON *signatures, int from)
{
	const cJSON *item = cJSON_GetArrayItem(signatures, from);

	for (; item != NULL && cJSON_GetArraySize(signature->made) < signature->digests_count; item = item->next) {
		const char *text = cJSON_GetStringValue(item);

		cJSON_AddItemToArray(signature->made, cJSON_CreateString(text != NULL ? text : ""));
		if (signature->callbacks.made != NULL)
			signature->callbacks.made(signature->callbacks.context, text != NULL ? text : "");
	}
}

static void
card_signed(void *context, int err, const cJSON *content)
{
	struct signature *signature = context;
	const cJSON *pin = json_member(content, "pin"), *signatures = json_member(content, "signatures");

	signature->signing = NULL;
	if (pin != NULL) {
		cJSON_Delete(signature->pin);
		signature->pin = cJSON_Duplicate(pin, true);
	}
	if (err == 0) {
		if (cJSON_GetArraySize(signatures) != signature->digests_count - signature->made_before)
			err = ERR_MODULE_FAILED;
		else
			signatures_take(signature, signatures, cJSON_GetArraySize(signature->made) - signature->made_before);
	}
	if (err == ERR_PIN_INCORRECT || err == ERR_PIN_LOCKED || err == ERR_PIN_STATE_UNKNOWN)
		call_pin_refused(signature->call);
	/* Whether another try is spent is the user's decision, in the dialog. */
	if (err == ERR_PIN_INCORRECT || err == ERR_PIN_POLICY) {
		signature->wrong_pin = err == ERR_PIN_INCORRECT;
		pin_ask(signature, err_reason(err));
		return;
	}
	signature_end(signature, err, content);
}

static void
card_progress(void *context, const cJSON *signatures)
{
	struct signature *signature = context;

	signatures_take(signature, signatures, 0);
	call_progress(signature->call, "signing", cJSON_GetArraySize(signature->made), signature->digests_count);
}

/* The digests that are not signed yet: all of them, but for a key that asked for its PIN in the middle. NULL: they are not what the user saw. */
static cJSON *
digests_left(struct signature *signature)
{
	unsigned char now[EVP_MAX_MD_SIZE];
	cJSON *left;

	if (consent_digest(signature, now) != 0 || memcmp(now, signature->consented, 32) != 0) {
		log_error("what is to be signed is not what was consented to");
		return NULL;
	}
	left = cJSON_Duplicate(signature->digests, true);
	signature->made_before = cJSON_GetArraySize(signature->made);
	for (int i = 0; i < signature->made_before; i++)
		cJSON_DeleteItemFromArray(left, 0);
	return left;
}

static void
pin_entered(void *context, int err, const char *answer)
{
	struct signature *signature = context;
	int pin_pipe = signature->pin_pipe;
	cJSON *digests;

	(void)answer;
	if (err == 0 && (digests = digests_left(signature)) == NULL)
		err = ERR_INTERNAL;
	if (err != 0) {
		/* Giving up after a wrong PIN is that: a wrong PIN. */
		cJSON *members = cJSON_CreateObject();

		if (err == ERR_USER_CANCELLED && signature->wrong_pin) {
			err = ERR_PIN_INCORRECT;
			cJSON_AddItemToObject(members, "pin", cJSON_Duplicate(signature->pin, true));
		}
		signature_end(signature, err, members);
		cJSON_Delete(members);
		return;
	}
	call_progress(signature->call, "signing", signature->made_before, signature->digests_count);
	/* The card's process has a deadline of its own; this one only must not be sooner. */
	call_extend(signature->call, 90 + 6 * (unsigned)signature->digests_count);
	signature->pin_pipe = -1;
	signature->signing = devices_sign(signature->call->services->devices, &signature->signer->key, signature->digest_algorithm,
	    digests, pin_pipe, card_signed, card_progress, signature, &err);
	if (signature->signing == NULL)
		signature_end(signature, err, NULL);
}

static void
pin_ask(struct signature *signature, const char *error)
{
	cJSON *members = cJSON_CreateObject();
	int ends[2] = { -1, -1 };

	call_extend(signature->call, signature->call->services->config->dialog_seconds + 30);
	call_progress(signature->call, "pin", 0, signature->digests_count);
	cJSON_AddItemToObject(members, "summary", cJSON_Duplicate(signature->summary, true));
	cJSON_AddItemToObject(members, "pin", cJSON_Duplicate(signature->pin, true));
	if (error != NULL)
		cJSON_AddStringToObject(members, "error", error);
	if (!has_keypad(signature) && pipe2(ends, O_CLOEXEC) != 0) {
		cJSON_Delete(members);
		signature_end(signature, ERR_INTERNAL, NULL);
		return;
	}
	signature->pin_pipe = ends[0];
	if (prompt_ask(signature->prompt, "pin", members, &ends[1], ends[1] >= 0 ? 1 : 0, pin_entered, signature) != 0)
		signature_end(signature, ERR_INTERNAL, NULL);
}

static void
consented(void *context, int err, const char *answer)
{
	struct signature *signature = context;

	if (err == 0 && strcmp(answer, "consented") != 0)
		err = ERR_USER_DENIED;
	if (err != 0)
		signature_end(signature, err, NULL);
	else
		pin_ask(signature, NULL);
}

static void
prompt_event(void *context, const char *name, const cJSON *event)
{
	struct signature *signature = context;

	if (strcmp(name, "page") == 0 && signature->callbacks.page != NULL)
		signature->callbacks.page(signature->callbacks.context, event);
}

void
signature_show(struct signature *signature, cJSON *page, int picture)
{
	cJSON *members = cJSON_CreateObject();

	cJSON_AddItemToObject(members, "page", page);
	prompt_tell(signature->prompt, members, picture);
}

static void
summary_complete(cJSON *summary, const struct signer *signer)
{
	cJSON *certificate = cJSON_AddObjectToObject(summary, "certificate");

	cJSON_AddStringToObject(certificate, "owner", certificate_owner(signer->certificate));
	cJSON_AddStringToObject(certificate, "issuer", certificate_issuer(signer->certificate));
	cJSON_AddStringToObject(certificate, "notAfter", certificate_not_after(signer->certificate));
	cJSON_AddStringToObject(summary, "card", signer->card);
	cJSON_AddStringToObject(summary, "reader", signer->reader);
}

/* One manifest opens one dialog, whatever comes of it. A log-in signs nothing that one could name. */
static int
manifest_use(const struct signature *signature)
{
	const struct call *call = signature->call;

	if (strcmp(json_string(signature->summary, "kind"), "login") == 0)
		return 0;
	return manifests_use(call->services->manifests, call->session->origin, call->manifest, time(NULL));
}

int
signature_start(struct call *call, const struct signer *signer, cJSON *summary, const char *digest_algorithm, cJSON *digests,
    const struct signature_callbacks *callbacks, struct signature **ret_signature)
{
	struct signature *signature = calloc(1, sizeof(*signature));
	cJSON *members = cJSON_CreateObject(), *made = cJSON_CreateArray();
	int r = ERR_INTERNAL;

	if (signature == NULL || members == NULL || made == NULL) {
		cJSON_Delete(made);
		free(signature);
		cJSON_Delete(summary);
		cJSON_Delete(digests);
		goto out;
	}
	*signature = (struct signature){ .call = call, .signer = signer, .summary = summary, .digests = digests, .made = made,
		.pin = cJSON_Duplicate(signer->pin, true), .digest_algorithm = digest_algorithm,
		.digests_count = cJSON_GetArraySize(digests), .pin_pipe = -1, .callbacks = *callbacks };
	summary_complete(summary, signer);
	if (call->manifest != NULL)
		cJSON_AddStringToObject(summary, "purpose", manifest_purpose(call->manifest, call->services->language));
	if ((r = pin_may_be_asked(signature->pin)) == 0 && (r = consent_digest(signature, signature->consented)) == 0 &&
	    (r = audit_prepare(signature)) == 0 &&
	    (r = call_dialogs_open(call, true, &signature->prompt)) == 0 && (r = manifest_use(signature)) == 0) {
		call_extend(call, call->services->config->dialog_seconds + 30);
		call_progress(call, "consent", 0, signature->digests_count);
		cJSON_AddItemToObject(members, "summary", cJSON_Duplicate(summary, true));
		prompt_on_event(signature->prompt, prompt_event, signature);
		r = prompt_ask(signature->prompt, "consent", members, NULL, 0, consented, signature);
		members = NULL;
	}
	if (r != 0) {
		signature_free(signature);
		goto out;
	}
	*ret_signature = signature;
out:
	cJSON_Delete(members);
	return r;
}

int
signature_cancel(struct signature **signature)
{
	int r;

	if (*signature == NULL)
		return 0;
	/* Whether the card had begun can't be told from here: the log says that it was stopped. */
	r = audit_write(*signature, ERR_USER_CANCELLED);
	/* A page that takes its request back while the card looks at the PIN does not get away with the try. */
	if (devices_sign_trying((*signature)->signing))
		call_pin_refused((*signature)->call);
	devices_sign_cancel(&(*signature)->signing);
	signature_free(*signature);
	*signature = NULL;
	return r;
}
