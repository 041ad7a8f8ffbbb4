/* SPDX-License-Identifier: Apache-2.0 */
/* operations/signer.c: from a certificate's id to its key. */
#include "operations/signer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/err.h"
#include "base/json.h"
#include "operations/chain.h"
#include "operations/validation.h"

struct signer_search {
	struct services *services;
	struct devices_listing *listing;
	int (*may)(const struct certificate *certificate, time_t now);	/* whether it suits what is going to be done with it */
	struct signer *signer;		/* found, while it is being validated */
	struct validation *validation;
	char id[65];
	void (*done)(void *context, int err, struct signer *signer);
	void *context;
};

static char *
text_copy(const cJSON *object, const char *name)
{
	const char *text = json_string(object, name);

	return strdup(text != NULL ? text : "");
}

static int
signer_make(const cJSON *token, const cJSON *entry, struct certificate *certificate, struct signer **ret_signer)
{
	struct signer *signer = calloc(1, sizeof(*signer));
	unsigned bits;
	const char *type = certificate_key_type(certificate, &bits);

	if (signer == NULL)
		return ERR_INTERNAL;
	*signer = (struct signer){
		.key = { .module = (size_t)json_integer(token, "moduleIndex", 0), .slot = (double)json_integer(token, "slot", 0),
			.serial = text_copy(token, "serial"), .cka_id = text_copy(entry, "ckaId"), .reader = text_copy(token, "reader") },
		.card = text_copy(token, "label"), .reader = text_copy(token, "reader"),
		.pin = cJSON_Duplicate(json_member(token, "pin"), true),
	};
	snprintf(signer->key.key_type, sizeof(signer->key.key_type), "%s", type);
	if (signer->key.serial == NULL || signer->key.cka_id == NULL || signer->key.reader == NULL || signer->card == NULL ||
	    signer->reader == NULL || signer->pin == NULL) {
		signer_free(signer);
		return ERR_INTERNAL;
	}
	signer->certificate = certificate;
	*ret_signer = signer;
	return 0;
}

/* Why a certificate that was validated may not sign under setting require-valid-certificate; 0: it may. */
static int
policy_judge(const struct config *config, const cJSON *result)
{
	bool ask = strcmp(config->require_valid_certificate, "revocation") == 0;
	const cJSON *reason;
	int err = json_true(result, "anchored") ? 0 : ERR_CERTIFICATE_UNTRUSTED;

	cJSON_ArrayForEach(reason, json_member(result, "reasons")) {
		const char *code = json_string(reason, "code");

		if (strcmp(code, "REVOKED") == 0 || strcmp(code, "REVOKED_CA_NO_POE") == 0)
			return ERR_CERTIFICATE_REVOKED;
		if (strcmp(code, "SUSPENDED") == 0)
			return ERR_CERTIFICATE_SUSPENDED;
		if (strcmp(code, "OUT_OF_BOUNDS_NO_POE") == 0)
			err = ERR_CERTIFICATE_UNTRUSTED;
		if (strcmp(code, "TRY_LATER") == 0 && ask && err == 0)
			err = ERR_REVOCATION_UNAVAILABLE;
	}
	return err;
}

static void
signer_validated(void *context, int err, const cJSON *result)
{
	struct signer_search *search = context;
	struct signer *signer = search->signer;

	search->validation = NULL;
	if (err == 0)
		err = policy_judge(search->services->config, result);
	if (err != 0) {
		signer_free(signer);
		signer = NULL;
	}
	search->done(search->context, err, signer);
	free(search);
}

/* Has the found signer validated first, if the administrator wants that. 0: done comes later. */
static int
policy_ask(struct signer_search *search, const cJSON *token)
{
	const char *policy = search->services->config->require_valid_certificate;

	search->validation = validation_start(search->services, &(struct validation_terms){ search->signer->certificate, token, 0,
	    strcmp(policy, "chain") == 0 }, signer_validated, search);
	return search->validation != NULL ? 0 : ERR_INTERNAL;
}

/* The signer, when this entry is the certificate that is looked for: 0; ERR_NOT_FOUND: it is another; else why it can't sign. */
static int
entry_match(const struct signer_search *search, const cJSON *token, const cJSON *entry, struct signer **ret_signer)
{
	struct certificate *certificate = NULL;
	unsigned char *der = NULL;
	unsigned bits;
	size_t len;
	int r = ERR_NOT_FOUND;

	if (json_base64(entry, "der", &der, &len) != 0 || certificate_new(der, len, &certificate) != 0 ||
	    strcmp(certificate_id(certificate), search->id) != 0)
		goto out;
	if ((r = search->may(certificate, time(NULL))) != 0)
		goto out;
	/* The card is half personalised: a certificate without its key. */
	if (cJSON_IsFalse(json_member(entry, "hasKey"))) {
		r = ERR_CERTIFICATE_UNSUITABLE;
		goto out;
	}
	if (strcmp(certificate_key_type(certificate, &bits), "other") == 0) {
		r = ERR_ALGORITHM_UNSUPPORTED;
		goto out;
	}
	if ((r = signer_make(token, entry, certificate, ret_signer)) == 0)
		certificate = NULL;
out:
	certificate_free(certificate);
	free(der);
	return r;
}

static void
search_done(void *context, int err, const cJSON *tokens)
{
	struct signer_search *search = context;
	struct signer *signer = NULL;
	const cJSON *token, *entry, *from = NULL;

	if (err == 0)
		err = cJSON_GetArraySize(tokens) == 0 ? devices_no_token_err(search->services->devices) : ERR_NOT_FOUND;
	cJSON_ArrayForEach(token, tokens)
		cJSON_ArrayForEach(entry, json_member(token, "certificates")) {
			int r = signer == NULL ? entry_match(search, token, entry, &signer) : 0;

			from = signer != NULL && from == NULL ? token : from;
			/* A good one on another card beats the reason why one can't sign. */
			if (r != ERR_NOT_FOUND && (signer != NULL || err == ERR_NOT_FOUND))
				err = r;
		}
	/* A card that was pulled while it was read is not one without the certificate. */
	if (err == ERR_NOT_FOUND && devices_tokens_err(tokens) != 0)
		err = devices_tokens_err(tokens);
	if (signer != NULL && (signer->chain = chain_build(search->services, from, signer->certificate)) == NULL)
		err = ERR_INTERNAL;
	search->listing = NULL;
	search->signer = signer;
	/* Who is let in is the site's to say. */
	if (err == 0 && search->may == certificate_may_sign && strcmp(search->services->config->require_valid_certificate, "no") != 0 && (err = policy_ask(search, from)) == 0)
		return;
	if (err != 0) {
		signer_free(signer);
		signer = NULL;
	}
	search->done(search->context, err, signer);
	free(search);
}

static struct signer_search *
search_start(struct services *services, const char *certificate_id, int (*may)(const struct certificate *certificate, time_t now),
    void (*done)(void *context, int err, struct signer *signer), void *context)
{
	struct signer_search *search = calloc(1, sizeof(*search));

	if (search == NULL)
		return NULL;
	*search = (struct signer_search){ .services = services, .may = may, .done = done, .context = context };
	snprintf(search->id, sizeof(search->id), "%s", certificate_id);
	if ((search->listing = devices_list(services->devices, true, search_done, search)) == NULL) {
		free(search);
		return NULL;
	}
	return search;
}

struct signer_search *
signer_find(struct services *services, const char *certificate_id, void (*done)(void *context, int err, struct signer *signer), void *context)
{
	return search_start(services, certificate_id, certificate_may_sign, done, context);
}

struct signer_search *
login_find(struct services *services, const char *certificate_id, void (*done)(void *context, int err, struct signer *signer), void *context)
{
	return search_start(services, certificate_id, certificate_may_log_in, done, context);
}

void
signer_find_cancel(struct signer_search **search)
{
	if (*search == NULL)
		return;
	devices_list_cancel(&(*search)->listing);
	validation_cancel(&(*search)->validation);
	signer_free((*search)->signer);
	free(*search);
	*search = NULL;
}

void
signer_free(struct signer *signer)
{
	if (signer == NULL)
		return;
	certificate_free(signer->certificate);
	devices_key_clear(&signer->key);
	cJSON_Delete(signer->pin);
	cJSON_Delete(signer->chain);
	free(signer->card);
	free(signer->reader);
	free(signer);
}

const char *
signer_digest_algorithm(const struct signer *signer)
{
	unsigned bits;
	const char *type = certificate_key_type(signer->certificate, &bits);

	if (strcmp(type, "ec") == 0)
		return bits > 384 ? "sha512" : bits > 256 ? "sha384" : "sha256";
	return bits > 3072 ? "sha512" : "sha256";
}
