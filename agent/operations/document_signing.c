/* SPDX-License-Identifier: Apache-2.0 */
/* operations/document_signing.c: a document that can't be signed is found out before any dialog; then one consent, one login. */
#include "operations/document_signing.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/json.h"
#include "operations/document_job.h"
#include "operations/signature.h"

struct item {
	int in;
	uint64_t size;
	char sha256[65];
	char *name, *media_type;
	cJSON *fields;
	struct signed_output out;
};

struct document_signing {
	struct call *call;
	struct signing_terms terms;	/* its strings are ours */
	char *texts[6];
	struct item *items;
	size_t count, capacity, at;	/* at: the item being prepared or finished */
	struct signer *signer;
	struct document_job *job;
	struct signature *signature;
	cJSON *digests, *signatures, *warnings;
	void (*done)(void *context, int err, const cJSON *content, struct signed_output *outputs, size_t count);
	void *context;
};

int
signing_terms_check(const struct signing_terms *terms)
{
	bool known = strcmp(terms->format, "pades") == 0 || strcmp(terms->format, "cades") == 0;

	return known && strcmp(terms->level, "B-B") == 0 ? 0 : ERR_ALGORITHM_UNSUPPORTED;
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
	signing->digests = cJSON_CreateArray();
	signing->terms = (struct signing_terms){
		.format = text_keep(signing, 0, terms->format, &failed), .level = text_keep(signing, 1, terms->level, &failed),
		.packaging = text_keep(signing, 2, terms->packaging, &failed), .reason = text_keep(signing, 3, terms->reason, &failed),
		.location = text_keep(signing, 4, terms->location, &failed), .kind = text_keep(signing, 5, terms->kind, &failed),
	};
	if (failed || signing->digests == NULL)
		document_signing_end(&signing);
	return signing;
}

static int
items_grow(struct document_signing *signing)
{
	size_t capacity = signing->capacity == 0 ? 1 : signing->capacity * 2;
	struct item *items;

	if (signing->count < signing->capacity)
		return 0;
	if ((items = realloc(signing->items, capacity * sizeof(*items))) == NULL)
		return ERR_INTERNAL;
	signing->items = items;
	signing->capacity = capacity;
	return 0;
}

/* The name of what comes out: "form.pdf" gives "form-signed.pdf" (PAdES) or "form.pdf.p7m" and ".p7s" (CAdES; RFC 5751 section 3.2.1). */
static void
output_name(const struct signing_terms *terms, const char *name, const char *media_type, struct signed_output *out)
{
	const char *dot = strrchr(name, '.');
	int stem = dot != NULL && dot != name ? (int)(dot - name) : (int)strlen(name);
	bool detached = strcmp(terms->packaging, "detached") == 0;

	if (strcmp(terms->format, "pades") == 0) {
		snprintf(out->name, sizeof(out->name), "%.*s-signed%s", stem > 240 ? 240 : stem, name, dot != NULL ? ".pdf" : "");
		snprintf(out->media_type, sizeof(out->media_type), "%s", media_type);
	} else {
		snprintf(out->name, sizeof(out->name), "%.250s.%s", name, detached ? "p7s" : "p7m");
		snprintf(out->media_type, sizeof(out->media_type), "application/pkcs7-%s", detached ? "signature" : "mime");
	}
}

/* imza-document gets no way to write to what it reads. */
static int
reopen_read_only(int fd)
{
	char path[32];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	return open(path, O_RDONLY | O_CLOEXEC);
}

int
document_signing_add(struct document_signing *signing, int fd, const char *name, const char *media_type, uint64_t size, const char *sha256,
    cJSON *fields)
{
	struct item item = { .in = reopen_read_only(fd), .size = size, .name = strdup(name), .media_type = strdup(media_type),
		.fields = fields, .out = { .fd = documents_spool(signing->call->services->spool) } };

	snprintf(item.sha256, sizeof(item.sha256), "%s", sha256);
	output_name(&signing->terms, name, media_type, &item.out);
	if (item.in < 0 || item.out.fd < 0 || item.name == NULL || item.media_type == NULL || items_grow(signing) != 0) {
		if (item.in >= 0)
			close(item.in);
		if (item.out.fd >= 0)
			close(item.out.fd);
		free(item.name);
		free(item.media_type);
		cJSON_Delete(fields);
		return ERR_INTERNAL;
	}
	signing->items[signing->count++] = item;
	return 0;
}

static void
signing_fail(struct document_signing *signing, int err, const cJSON *content)
{
	document_job_end(&signing->job);
	signing->done(signing->context, err, content, NULL, 0);
}

/* --- finish --- */

static int finish_next(struct document_signing *signing);

static void
finished(void *context, int err, const cJSON *content)
{
	struct document_signing *signing = context;
	struct signed_output *out = &signing->items[signing->at].out;
	const char *sha256 = json_string(content, "sha256");

	if (err == 0 && sha256 == NULL) {
		err = ERR_INTERNAL;
		content = NULL;
	}
	if (err != 0) {
		signing_fail(signing, err, content);
		return;
	}
	snprintf(out->sha256, sizeof(out->sha256), "%s", sha256);
	out->size = (uint64_t)json_integer(content, "size", 0);
	signing->at++;
	if ((err = finish_next(signing)) != 0)
		signing_fail(signing, err, NULL);
}

static int
finish_next(struct document_signing *signing)
{
	cJSON *members;
	struct signed_output *outputs;

	call_progress(signing->call, "finishing", (int)signing->at, (int)signing->count);
	if (signing->at < signing->count) {
		members = cJSON_CreateObject();
		cJSON_AddNumberToObject(members, "job", (double)(signing->at + 1));
		cJSON_AddStringToObject(members, "signature", cJSON_GetStringValue(cJSON_GetArrayItem(signing->signatures, (int)signing->at)));
		return document_job_ask(signing->job, "finish", members, NULL, 0, finished, signing);
	}
	document_job_end(&signing->job);
	if ((outputs = calloc(signing->count, sizeof(*outputs))) == NULL)
		return ERR_INTERNAL;
	for (size_t i = 0; i < signing->count; i++) {
		outputs[i] = signing->items[i].out;
		signing->items[i].out.fd = -1;
	}
	signing->done(signing->context, 0, NULL, outputs, signing->count);
	return 0;
}

static void
signed_by_card(void *context, int err, const cJSON *content)
{
	struct document_signing *signing = context;

	signing->signature = NULL;
	if (err != 0) {
		signing_fail(signing, err, content);
		return;
	}
	signing->signatures = cJSON_Duplicate(content, true);
	signing->at = 0;
	call_extend(signing->call, DOCUMENT_JOB_SECONDS + (unsigned)signing->count);
	if ((err = finish_next(signing)) != 0)
		signing_fail(signing, err, NULL);
}

/* --- prepare --- */

static cJSON *
summary_make(struct document_signing *signing)
{
	cJSON *summary = cJSON_CreateObject(), *documents = cJSON_AddArrayToObject(summary, "documents");

	cJSON_AddStringToObject(summary, "kind", signing->terms.kind);
	for (size_t i = 0; i < signing->count; i++) {
		struct item *item = &signing->items[i];
		cJSON *document = cJSON_CreateObject();

		cJSON_AddStringToObject(document, "name", item->name);
		cJSON_AddNumberToObject(document, "size", (double)item->size);
		cJSON_AddStringToObject(document, "sha256", item->sha256);
		if (item->fields != NULL)
			cJSON_AddItemToObject(document, "fields", cJSON_Duplicate(item->fields, true));
		cJSON_AddItemToArray(documents, document);
	}
	if (signing->warnings != NULL)
		cJSON_AddItemToObject(summary, "warnings", cJSON_Duplicate(signing->warnings, true));
	return summary;
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

static int prepare_next(struct document_signing *signing);

static void
prepared(void *context, int err, const cJSON *content)
{
	struct document_signing *signing = context;
	const char *digest = json_string(content, "digest"), *time = json_string(content, "time");

	if (err == 0 && (digest == NULL || time == NULL)) {
		err = ERR_INTERNAL;
		content = NULL;
	}
	if (err != 0) {
		signing_fail(signing, err, content);
		return;
	}
	snprintf(signing->items[signing->at].out.time, sizeof(signing->items[0].out.time), "%s", time);
	cJSON_AddItemToArray(signing->digests, cJSON_CreateString(digest));
	signing->at++;
	/* Not with this content: a result is no error's data. */
	if ((err = prepare_next(signing)) != 0)
		signing_fail(signing, err, NULL);
}

static int
prepare_next(struct document_signing *signing)
{
	const struct signing_terms *terms = &signing->terms;
	struct item *item = &signing->items[signing->at];
	cJSON *members, *digests;
	size_t len;
	const unsigned char *der = certificate_der(signing->signer->certificate, &len);

	if (signing->at == signing->count) {
		digests = signing->digests;
		signing->digests = NULL;
		return signature_start(signing->call, signing->signer, summary_make(signing), signer_digest_algorithm(signing->signer), digests,
		    signed_by_card, signing, &signing->signature);
	}
	call_progress(signing->call, "preparing", (int)signing->at, (int)signing->count);
	members = cJSON_CreateObject();
	cJSON_AddNumberToObject(members, "job", (double)(signing->at + 1));
	cJSON_AddStringToObject(members, "format", terms->format);
	cJSON_AddStringToObject(members, "level", terms->level);
	cJSON_AddStringToObject(members, "packaging", terms->packaging);
	cJSON_AddStringToObject(members, "name", item->name);
	cJSON_AddStringToObject(members, "mediaType", item->media_type);
	json_add_base64(members, "certificate", der, len);
	cJSON_AddArrayToObject(members, "chain");
	cJSON_AddStringToObject(members, "digestAlgorithm", signer_digest_algorithm(signing->signer));
	if (terms->reason != NULL)
		cJSON_AddStringToObject(members, "reason", terms->reason);
	if (terms->location != NULL)
		cJSON_AddStringToObject(members, "location", terms->location);
	return document_job_ask(signing->job, "prepare", members, (int[]){ item->in, item->out.fd }, 2, prepared, signing);
}

int
document_signing_start(struct document_signing *signing, struct signer *signer,
    void (*done)(void *context, int err, const cJSON *content, struct signed_output *outputs, size_t count), void *context)
{
	int r;

	signing->signer = signer;
	signing->done = done;
	signing->context = context;
	call_extend(signing->call, DOCUMENT_JOB_SECONDS + (unsigned)signing->count);
	if ((r = document_job_new(signing->call->services, &signing->job)) != 0)
		return r;
	return prepare_next(signing);
}

const struct signer *
document_signing_signer(const struct document_signing *signing)
{
	return signing->signer;
}

void
document_signing_end(struct document_signing **signing)
{
	struct document_signing *s = *signing;

	if (s == NULL)
		return;
	*signing = NULL;
	signature_cancel(&s->signature);
	document_job_end(&s->job);
	for (size_t i = 0; i < s->count; i++) {
		struct item *item = &s->items[i];

		close(item->in);
		if (item->out.fd >= 0)
			close(item->out.fd);
		free(item->name);
		free(item->media_type);
		cJSON_Delete(item->fields);
	}
	free(s->items);
	signer_free(s->signer);
	cJSON_Delete(s->digests);
	cJSON_Delete(s->signatures);
	cJSON_Delete(s->warnings);
	for (size_t i = 0; i < sizeof(s->texts) / sizeof(s->texts[0]); i++)
		free(s->texts[i]);
	free(s);
}
