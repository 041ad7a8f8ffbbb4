/* SPDX-License-Identifier: Apache-2.0 */
/* operations/document_signing.c: a document that can't be signed is found out before any dialog; then one consent, one login. */
#include "operations/document_signing.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/err.h"
#include "base/json.h"
#include "operations/document_batch.h"
#include "operations/document_job.h"
#include "operations/document_pages.h"
#include "operations/signature.h"

struct document_signing {
	struct call *call;
	struct signing_terms terms;	/* its strings are ours */
	char *texts[7];
	cJSON *appearance;
	struct batch batch;
	struct signer *signer;
	struct signature *signature;
	size_t signed_count, at;	/* at: the item whose signature comes next, or one before it that has none coming */
	cJSON *warnings;
	size_t left_out;	/* documents of the request that were not added */
	struct document_pages *pages;	/* NULL until the consent window wants one */
	void (*done)(void *context, int err, const cJSON *content, struct signed_output *outputs, size_t count);
	void *context;
};

int
signing_terms_check(const struct signing_terms *terms)
{
	bool known = strcmp(terms->format, "pades") == 0 || strcmp(terms->format, "cades") == 0;

	return known && strcmp(terms->level, "B-B") == 0 ? 0 : ERR_ALGORITHM_UNSUPPORTED;
}

cJSON *
signing_appearance(const struct call *call, const cJSON *place)
{
	time_t now = time(NULL);
	cJSON *appearance;
	struct tm tm;

	if (localtime_r(&now, &tm) == NULL || (appearance = place != NULL ? cJSON_Duplicate(place, true) : cJSON_CreateObject()) == NULL)
		return NULL;
	cJSON_AddStringToObject(appearance, "language", call->services->language);
	cJSON_AddStringToObject(appearance, "origin", call->session->origin);
	cJSON_AddNumberToObject(appearance, "offset", (double)tm.tm_gmtoff);
	return appearance;
}

/* A copy of text that lives as long as the signing; NULL stays NULL. */
static const char *
text_keep(struct document_signing *signing, size_t i, const char *text, bool *failed)
{
	signing->texts[i] = text != NULL ? strdup(text) : NULL;
	*failed = *failed || (text != NULL && signing->texts[i] == NULL);
	return signing->texts[i];
}

struct document_signing *
document_signing_new(struct call *call, const struct signing_terms *terms)
{
	struct document_signing *signing = calloc(1, sizeof(*signing));
	bool failed = false;

	if (signing == NULL)
		return NULL;
	signing->call = call;
	signing->batch = (struct batch){ .services = call->services, .terms = &signing->terms };
	signing->terms = (struct signing_terms){
		.format = text_keep(signing, 0, terms->format, &failed), .level = text_keep(signing, 1, terms->level, &failed),
		.packaging = text_keep(signing, 2, terms->packaging, &failed), .reason = text_keep(signing, 3, terms->reason, &failed),
		.location = text_keep(signing, 4, terms->location, &failed), .kind = text_keep(signing, 5, terms->kind, &failed),
		.form = text_keep(signing, 6, terms->form, &failed), .form_version = terms->form_version,
		.partial = terms->partial, .appearance = signing->appearance = cJSON_Duplicate(terms->appearance, true),
	};
	if (failed || (terms->appearance != NULL && signing->appearance == NULL))
		document_signing_end(&signing);
	return signing;
}

int
document_signing_add(struct document_signing *signing, int fd, const char *name, const char *media_type, uint64_t size, const char *sha256,
    cJSON *fields)
{
	return batch_add(&signing->batch, fd, name, media_type, size, sha256, fields);
}

int
document_signing_attach(struct document_signing *signing, cJSON *attachments)
{
	signing->batch.items[signing->batch.count - 1].attachments = attachments;
	return attachments != NULL ? 0 : ERR_INTERNAL;
}

size_t
document_signing_count(const struct document_signing *signing)
{
	return signing->batch.count;
}

void
document_signing_leave_out(struct document_signing *signing)
{
	signing->left_out++;
}

int
document_signing_warn(struct document_signing *signing, const char *code, const char *value)
{
	cJSON *warning = cJSON_CreateObject();

	if (signing->warnings == NULL)
		signing->warnings = cJSON_CreateArray();
	if (cJSON_AddStringToObject(warning, "code", code) != NULL && cJSON_AddStringToObject(warning, "value", value) != NULL &&
	    cJSON_AddItemToArray(signing->warnings, warning))
		return 0;
	cJSON_Delete(warning);
	return ERR_INTERNAL;
}

/* So that nobody takes what is signed for all that was asked for. */
static int
left_out_warn(struct document_signing *signing)
{
	size_t count = signing->left_out;
	char number[24];

	for (size_t i = 0; i < signing->batch.count; i++)
		count += signing->batch.items[i].err != 0;
	snprintf(number, sizeof(number), "%zu", count);
	return count == 0 ? 0 : document_signing_warn(signing, "left_out", number);
}

static void
batch_progress(void *context, const char *step, size_t done)
{
	struct document_signing *signing = context;

	call_progress(signing->call, step, (int)done, (int)signing->batch.count);
}

static void
signing_fail(struct document_signing *signing, int err, const cJSON *content)
{
	signing->done(signing->context, err, content, NULL, 0);
}

static void
outputs_give(struct document_signing *signing)
{
	struct batch *batch = &signing->batch;
	struct signed_output *outputs = calloc(batch->count, sizeof(*outputs));

	if (outputs == NULL) {
		signing_fail(signing, ERR_INTERNAL, NULL);
		return;
	}
	for (size_t i = 0; i < batch->count; i++) {
		struct batch_item *item = &batch->items[i];

		item->out.err = item->err;
		item->out.detail = item->detail;
		outputs[i] = item->out;
		if (item->err == 0)
			item->out.fd = -1;
		else
			outputs[i].fd = -1;
	}
	signing->done(signing->context, 0, NULL, outputs, batch->count);
}

static void
batch_finished(void *context, int err, const cJSON *content)
{
	struct document_signing *signing = context;

	if (err != 0)
		signing_fail(signing, err, content);
	else
		outputs_give(signing);
}

/* --- the card --- */

static void
signature_made(void *context, const char *text)
{
	struct document_signing *signing = context;
	struct batch *batch = &signing->batch;

	/* Digests were asked for in the list's order, of those that could be prepared. */
	while (batch->items[signing->at].digest == NULL)
		signing->at++;
	if (batch_sign(batch, signing->at++, text) == 0)
		signing->signed_count++;
}

static void
card_done(void *context, int err, const cJSON *content)
{
	struct document_signing *signing = context;

	signing->signature = NULL;
	document_pages_end(&signing->pages);
	if (err != 0 && (!signing->terms.partial || signing->signed_count == 0 || err == ERR_AUDIT_UNAVAILABLE)) {
		signing_fail(signing, err, content);
		return;
	}
	call_extend(signing->call, DOCUMENT_JOB_SECONDS + (unsigned)signing->batch.count);
	batch_close(&signing->batch, err != 0 ? err : ERR_INTERNAL);
}

/* --- what is seen of it before --- */

static void
page_drawn(void *context, cJSON *page, int picture)
{
	struct document_signing *signing = context;

	if (signing->signature != NULL)
		signature_show(signing->signature, page, picture);
	else
		cJSON_Delete(page);
}

/* Of the documents that are in the summary. The file is the one that the digest was made from. */
static void
page_wanted(void *context, const cJSON *wanted)
{
	struct document_signing *signing = context;
	int64_t number = json_integer(wanted, "document", -1);
	int in = -1;

	for (size_t i = 0; i < signing->batch.count && in < 0; i++)
		if (signing->batch.items[i].err == 0 && number-- == 0)
			in = signing->batch.items[i].in;
	if (signing->pages == NULL)
		signing->pages = document_pages_new(signing->call->services, page_drawn, signing);
	if (signing->pages != NULL)
		document_pages_ask(signing->pages, in, wanted);
}

static cJSON *
summary_make(struct document_signing *signing)
{
	cJSON *summary = cJSON_CreateObject(), *documents = cJSON_AddArrayToObject(summary, "documents");

	cJSON_AddStringToObject(summary, "kind", signing->terms.kind);
	if (signing->terms.form != NULL) {
		cJSON *form = cJSON_AddObjectToObject(summary, "form");

		cJSON_AddStringToObject(form, "id", signing->terms.form);
		cJSON_AddNumberToObject(form, "version", (double)signing->terms.form_version);
	}
	for (size_t i = 0; i < signing->batch.count; i++) {
		struct batch_item *item = &signing->batch.items[i];
		cJSON *document;

		if (item->err != 0)
			continue;
		document = cJSON_CreateObject();
		cJSON_AddStringToObject(document, "name", item->name);
		cJSON_AddNumberToObject(document, "size", (double)item->size);
		cJSON_AddStringToObject(document, "sha256", item->sha256);
		if (strcmp(item->media_type, "application/pdf") == 0)
			cJSON_AddTrueToObject(document, "picture");
		if (item->fields != NULL)
			cJSON_AddItemToObject(document, "fields", cJSON_Duplicate(item->fields, true));
		if (item->attachments != NULL)
			cJSON_AddItemToObject(document, "attachments", cJSON_Duplicate(item->attachments, true));
		cJSON_AddItemToArray(documents, document);
	}
	if (signing->warnings != NULL)
		cJSON_AddItemToObject(summary, "warnings", cJSON_Duplicate(signing->warnings, true));
	return summary;
}

static void
batch_prepared(void *context, int err, const cJSON *content)
{
	struct document_signing *signing = context;
	cJSON *digests = err == 0 ? cJSON_CreateArray() : NULL;

	for (size_t i = 0; err == 0 && i < signing->batch.count; i++)
		if (signing->batch.items[i].err == 0)
			cJSON_AddItemToArray(digests, cJSON_CreateString(signing->batch.items[i].digest));
	if (err != 0) {
		signing_fail(signing, err, content);
	} else if (cJSON_GetArraySize(digests) == 0) {
		cJSON_Delete(digests);
		outputs_give(signing);
	} else if ((err = left_out_warn(signing)) != 0) {
		cJSON_Delete(digests);
		signing_fail(signing, err, NULL);
	} else if ((err = signature_start(signing->call, signing->signer, summary_make(signing), signer_digest_algorithm(signing->signer), digests,
	    &(struct signature_callbacks){ signature_made, page_wanted, card_done, signing }, &signing->signature)) != 0) {
		signing_fail(signing, err, NULL);
	}
}

void
document_signing_take_job(struct document_signing *signing, struct document_job **job)
{
	signing->batch.ready = *job;
	*job = NULL;
}

int
document_signing_start(struct document_signing *signing, struct signer *signer,
    void (*done)(void *context, int err, const cJSON *content, struct signed_output *outputs, size_t count), void *context)
{
	signing->signer = signer;
	signing->done = done;
	signing->context = context;
	call_extend(signing->call, DOCUMENT_JOB_SECONDS + (unsigned)signing->batch.count);
	return batch_prepare(&signing->batch, signer, &(struct batch_callbacks){ batch_progress, batch_prepared, batch_finished, signing });
}

const struct signer *
document_signing_signer(const struct document_signing *signing)
{
	return signing->signer;
}

bool
document_signing_stop(struct document_signing *signing)
{
	int r;

	if (!signing->terms.partial || signing->signed_count == 0)
		return false;
	/* Once the card is through it comes to its end soon, and with all of it. */
	if (signing->signature != NULL) {
		if ((r = signature_cancel(&signing->signature)) != 0) {
			signing_fail(signing, r, NULL);
			return true;
		}
		call_extend(signing->call, DOCUMENT_JOB_SECONDS + (unsigned)signing->batch.count);
		batch_close(&signing->batch, ERR_USER_CANCELLED);
	}
	return true;
}

void
document_signing_end(struct document_signing **signing)
{
	struct document_signing *s = *signing;

	if (s == NULL)
		return;
	*signing = NULL;
	signature_cancel(&s->signature);
	document_pages_end(&s->pages);
	batch_clear(&s->batch);
	signer_free(s->signer);
	cJSON_Delete(s->warnings);
	cJSON_Delete(s->appearance);
	for (size_t i = 0; i < sizeof(s->texts) / sizeof(s->texts[0]); i++)
		free(s->texts[i]);
	free(s);
}
