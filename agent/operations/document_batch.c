/* SPDX-License-Identifier: Apache-2.0 */
/* operations/document_batch.c: shares the items among processes; one that a document kills costs that document only. */
#include "operations/document_batch.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/json.h"
#include "operations/document_job.h"

#define SHARED_FROM 8	/* items; below, starting a second process costs more than it brings */
#define DEATHS_MAX 8	/* so many documents may kill their process before the batch is given up: each makes the others be prepared again */

static int
items_grow(struct batch *batch)
{
	size_t capacity = batch->capacity == 0 ? 1 : batch->capacity * 2;
	struct batch_item *items;

	if (batch->count < batch->capacity)
		return 0;
	if ((items = realloc(batch->items, capacity * sizeof(*items))) == NULL)
		return ERR_INTERNAL;
	batch->items = items;
	batch->capacity = capacity;
	return 0;
}

/* How many bytes its first characters have. */
static int
bytes_of(const char *text, size_t characters)
{
	const char *p = text;

	while (*p != '\0' && ((*p & 0xc0) == 0x80 || characters-- > 0))
		p++;
	return (int)(p - text);
}

/* The name of what comes out: "form.pdf" gives "form-signed.pdf" (PAdES) or "form.pdf.p7m" and ".p7s" (CAdES; RFC 5751 section 3.2.1). */
static void
output_name(const struct signing_terms *terms, const char *name, const char *media_type, struct signed_output *out)
{
	const char *dot = strrchr(name, '.');
	int stem = dot != NULL && dot != name ? (int)(dot - name) : (int)strlen(name), most = bytes_of(name, 240);
	bool detached = strcmp(terms->packaging, "detached") == 0;

	if (strcmp(terms->format, "pades") == 0) {
		snprintf(out->name, sizeof(out->name), "%.*s-signed%s", stem > most ? most : stem, name, dot != NULL ? ".pdf" : "");
		snprintf(out->media_type, sizeof(out->media_type), "%s", media_type);
	} else {
		snprintf(out->name, sizeof(out->name), "%.*s.%s", bytes_of(name, 250), name, detached ? "p7s" : "p7m");
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
batch_add(struct batch *batch, int fd, const char *name, const char *media_type, uint64_t size, const char *sha256, cJSON *fields)
{
	struct batch_item item = { .in = reopen_read_only(fd), .size = size, .name = strdup(name), .media_type = strdup(media_type),
		.fields = fields, .out = { .fd = documents_spool(batch->services->spool) } };

	snprintf(item.sha256, sizeof(item.sha256), "%s", sha256);
	output_name(batch->terms, name, media_type, &item.out);
	if (item.in < 0 || item.out.fd < 0 || item.name == NULL || item.media_type == NULL || items_grow(batch) != 0) {
		if (item.in >= 0)
			close(item.in);
		if (item.out.fd >= 0)
			close(item.out.fd);
		free(item.name);
		free(item.media_type);
		cJSON_Delete(fields);
		return ERR_INTERNAL;
	}
	batch->items[batch->count++] = item;
	return 0;
}

static void
item_fail(struct batch_item *item, int err, const cJSON *content)
{
	const char *detail = json_string(content, "detail");

	item->err = err;
	if (item->detail == NULL && detail != NULL)
		item->detail = strdup(detail);
}

static bool
workers_are_idle(const struct batch *batch)
{
	for (size_t i = 0; i < batch->workers_count; i++)
		if (batch->workers[i].busy)
			return false;
	return true;
}

/* A new process, which knows of no job: what the old one had prepared is prepared again. */
static int
worker_restart(struct batch_worker *worker)
{
	struct batch *batch = worker->batch;

	document_job_end(&worker->job);
	for (size_t i = worker->first; i < batch->count; i += batch->workers_count) {
		struct batch_item *item = &batch->items[i];

		if (item->digest != NULL)
			batch->done--;
		free(item->digest);
		item->digest = NULL;
		if (ftruncate(item->out.fd, 0) != 0)
			return ERR_INTERNAL;
	}
	worker->at = worker->first;
	worker->knows_signer = false;
	return document_job_new(batch->services, &worker->job);
}

/* --- prepare --- */

static int prepare_next(struct batch_worker *worker);

static void
prepared(void *context, int err, const cJSON *content)
{
	struct batch_worker *worker = context;
	struct batch *batch = worker->batch;
	struct batch_item *item = &batch->items[worker->at];
	const char *digest = json_string(content, "digest"), *time = json_string(content, "time"), *sha256 = json_string(content, "sha256");
	const cJSON *members = err != 0 ? content : NULL;
	bool died = err != 0 && content == NULL;

	worker->busy = false;
	worker->knows_signer = worker->knows_signer || err == 0;
	/* What was read must be what the user is going to be shown. */
	if (err == 0 && (digest == NULL || time == NULL || sha256 == NULL || strcmp(sha256, item->sha256) != 0))
		err = ERR_INTERNAL;
	if (err == 0 && (item->digest = strdup(digest)) == NULL)
		err = ERR_INTERNAL;
	if (err == 0) {
		snprintf(item->out.time, sizeof(item->out.time), "%s", time);
		worker->at += batch->workers_count;
		batch->done++;
	} else if (batch->terms->partial && (!died || batch->deaths++ < DEATHS_MAX)) {
		item_fail(item, err, members);
		worker->at += batch->workers_count;
		err = died ? worker_restart(worker) : 0;
		members = NULL;
	}
	if (err != 0)
		batch->callbacks.prepared(batch->callbacks.context, err, members);
	else if ((err = prepare_next(worker)) != 0 || workers_are_idle(batch))
		batch->callbacks.prepared(batch->callbacks.context, err, NULL);
}

static void
signer_add(const struct signer *signer, cJSON *members)
{
	size_t len;
	const unsigned char *der = certificate_der(signer->certificate, &len);

	json_add_base64(members, "certificate", der, len);
	cJSON_AddItemToObject(members, "chain", cJSON_Duplicate(signer->chain, true));
	cJSON_AddStringToObject(members, "digestAlgorithm", signer_digest_algorithm(signer));
}

/* Asks for the worker's next item; not busy afterwards: it has none left. */
static int
prepare_next(struct batch_worker *worker)
{
	struct batch *batch = worker->batch;
	const struct signing_terms *terms = batch->terms;
	const struct batch_item *item;
	cJSON *members;
	int r;

	while (worker->at < batch->count && batch->items[worker->at].err != 0)
		worker->at += batch->workers_count;
	if (worker->at >= batch->count)
		return 0;
	item = &batch->items[worker->at];
	batch->callbacks.progress(batch->callbacks.context, "preparing", batch->done);
	members = cJSON_CreateObject();
	cJSON_AddNumberToObject(members, "job", (double)(worker->at + 1));
	cJSON_AddStringToObject(members, "format", terms->format);
	cJSON_AddStringToObject(members, "level", terms->level);
	cJSON_AddStringToObject(members, "packaging", terms->packaging);
	cJSON_AddStringToObject(members, "name", item->name);
	cJSON_AddStringToObject(members, "mediaType", item->media_type);
	if (!worker->knows_signer)
		signer_add(batch->signer, members);
	if (terms->reason != NULL)
		cJSON_AddStringToObject(members, "reason", terms->reason);
	if (terms->location != NULL)
		cJSON_AddStringToObject(members, "location", terms->location);
	if (terms->appearance != NULL)
		cJSON_AddItemToObject(members, "appearance", cJSON_Duplicate(terms->appearance, true));
	if ((r = document_job_ask(worker->job, "prepare", members, (int[]){ item->in, item->out.fd }, 2, prepared, worker)) == 0)
		worker->busy = true;
	return r;
}

int
batch_prepare(struct batch *batch, const struct signer *signer, const struct batch_callbacks *callbacks)
{
	int r = 0;

	batch->signer = signer;
	batch->callbacks = *callbacks;
	batch->workers_count = batch->count < SHARED_FROM ? 1 : BATCH_WORKERS_MAX;
	for (size_t i = 0; r == 0 && i < batch->workers_count; i++) {
		struct batch_worker *worker = &batch->workers[i];

		*worker = (struct batch_worker){ .batch = batch, .first = i, .at = i };
		worker->job = batch->ready;
		batch->ready = NULL;
		if (worker->job != NULL || (r = document_job_new(batch->services, &worker->job)) == 0)
			r = prepare_next(worker);
	}
	return r;
}

/* --- finish --- */

static void finish_next(struct batch_worker *worker);

/* When the last signature has come and every worker is through. */
static void
finish_settle(struct batch *batch)
{
	if (batch->closed && workers_are_idle(batch))
		batch->callbacks.finished(batch->callbacks.context, batch->err, batch->content);
}

/* A document that can't be finished: in a batch of all or none that is the end of all, told once the card is through. */
static void
finish_failed(struct batch *batch, struct batch_item *item, int err, const cJSON *content)
{
	item_fail(item, err, content);
	if (batch->terms->partial || batch->err != 0)
		return;
	batch->err = err;
	batch->content = cJSON_Duplicate(content, true);
}

/* The process is gone, and with it what it had prepared. */
static void
worker_lost(struct batch_worker *worker)
{
	struct batch *batch = worker->batch;

	document_job_end(&worker->job);
	for (size_t i = worker->at; i < batch->count; i += batch->workers_count)
		if (batch->items[i].err == 0)
			finish_failed(batch, &batch->items[i], ERR_INTERNAL, NULL);
}

static void
finished(void *context, int err, const cJSON *content)
{
	struct batch_worker *worker = context;
	struct batch *batch = worker->batch;
	struct batch_item *item = &batch->items[worker->at];
	const char *sha256 = json_string(content, "sha256");
	bool died = err != 0 && content == NULL;

	worker->busy = false;
	if (err == 0 && sha256 == NULL) {
		err = ERR_INTERNAL;
		content = NULL;
	}
	if (err == 0) {
		snprintf(item->out.sha256, sizeof(item->out.sha256), "%s", sha256);
		item->out.size = (uint64_t)json_integer(content, "size", 0);
		item->finished = true;
	} else {
		finish_failed(batch, item, err, content);
	}
	batch->done++;
	worker->at += batch->workers_count;
	if (died)
		worker_lost(worker);
	finish_next(worker);
	finish_settle(batch);
}

/* Finishes the worker's next item, if its signature is there. */
static void
finish_next(struct batch_worker *worker)
{
	struct batch *batch = worker->batch;
	struct batch_item *item;
	cJSON *members;

	while (worker->at < batch->count && batch->items[worker->at].err != 0)
		worker->at += batch->workers_count;
	if (worker->busy || worker->at >= batch->count || batch->err != 0)
		return;
	item = &batch->items[worker->at];
	if (item->signature == NULL)
		return;
	if (batch->closed)
		batch->callbacks.progress(batch->callbacks.context, "finishing", batch->done);
	members = cJSON_CreateObject();
	cJSON_AddNumberToObject(members, "job", (double)(worker->at + 1));
	cJSON_AddStringToObject(members, "signature", item->signature);
	worker->busy = document_job_ask(worker->job, "finish", members, NULL, 0, finished, worker) == 0;
	if (!worker->busy)
		worker_lost(worker);
}

int
batch_sign(struct batch *batch, size_t item, const char *signature)
{
	if (!batch->finishing) {
		batch->finishing = true;
		batch->done = 0;
		for (size_t i = 0; i < batch->workers_count; i++)
			batch->workers[i].at = batch->workers[i].first;
	}
	if ((batch->items[item].signature = strdup(signature)) == NULL)
		return ERR_INTERNAL;
	finish_next(&batch->workers[item % batch->workers_count]);
	return 0;
}

void
batch_close(struct batch *batch, int err)
{
	batch->closed = true;
	for (size_t i = 0; i < batch->count; i++)
		if (batch->items[i].err == 0 && batch->items[i].signature == NULL)
			item_fail(&batch->items[i], err, NULL);
	for (size_t i = 0; i < batch->workers_count; i++)
		finish_next(&batch->workers[i]);
	batch->callbacks.progress(batch->callbacks.context, "finishing", batch->done);
	finish_settle(batch);
}

void
batch_clear(struct batch *batch)
{
	document_job_end(&batch->ready);
	for (size_t i = 0; i < batch->workers_count; i++)
		document_job_end(&batch->workers[i].job);
	for (size_t i = 0; i < batch->count; i++) {
		struct batch_item *item = &batch->items[i];

		close(item->in);
		if (item->out.fd >= 0)
			close(item->out.fd);
		free(item->name);
		free(item->media_type);
		free(item->detail);
		free(item->digest);
		free(item->signature);
		cJSON_Delete(item->fields);
		cJSON_Delete(item->attachments);
	}
	free(batch->items);
	cJSON_Delete(batch->content);
	*batch = (struct batch){ .items = NULL };
}
