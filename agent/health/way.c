/* SPDX-License-Identifier: Apache-2.0 */
/* health/way.c: what signing does before the PIN, with nothing to sign. */
#include "health/way.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/err.h"
#include "base/json.h"
#include "operations/document_job.h"

struct health_way {
	struct services *services;
	const struct health_certificate *certificate;
	struct document_job *job;
	struct devices_signing *signing;
	int in, out;
	struct timespec start;
	void (*done)(void *context, const char *outcome, const char *measured);
	void *context;
};

static void
way_end(struct health_way *way, const char *outcome, const char *what, int err)
{
	void (*done)(void *context, const char *outcome, const char *measured) = way->done;
	void *context = way->context;
	struct timespec now;
	char measured[120];

	clock_gettime(CLOCK_MONOTONIC, &now);
	snprintf(measured, sizeof(measured), "%s: %s after %.0f ms", what, err != 0 ? err_reason(err) : "ok",
	    (double)(now.tv_sec - way->start.tv_sec) * 1000 + (double)(now.tv_nsec - way->start.tv_nsec) / 1e6);
	health_way_cancel(&way);
	done(context, outcome, measured);
}

static void
sign_done(void *context, int err, const cJSON *content)
{
	struct health_way *way = context;

	(void)content;
	way->signing = NULL;
	/* No PIN came: that is how far the card was to go. */
	way_end(way, err == ERR_USER_CANCELLED ? "ok" : "card_fails", "sign without a PIN", err == ERR_USER_CANCELLED ? 0 : err);
}

static int
card_ask(struct health_way *way, const char *digest, const char *algorithm)
{
	const cJSON *token = way->certificate->token;
	const char *serial = json_string(token, "serial"), *id = json_string(way->certificate->entry, "ckaId");
	struct devices_key key = { .module = (size_t)json_integer(token, "moduleIndex", 0), .slot = (double)json_integer(token, "slot", 0),
		.serial = strdup(serial != NULL ? serial : ""), .cka_id = strdup(id != NULL ? id : "") };
	cJSON *digests = cJSON_CreateArray();
	int pipe_fds[2] = { -1, -1 }, err = ERR_INTERNAL;
	unsigned bits;

	cJSON_AddItemToArray(digests, cJSON_CreateString(digest));
	snprintf(key.key_type, sizeof(key.key_type), "%s", certificate_key_type(way->certificate->certificate, &bits));
	if (key.serial == NULL || key.cka_id == NULL || pipe2(pipe_fds, O_CLOEXEC) != 0) {
		cJSON_Delete(digests);
	} else {
		close(pipe_fds[1]);
		way->signing = devices_sign(way->services->devices, &key, algorithm, digests, pipe_fds[0], sign_done, NULL, way, &err);
	}
	devices_key_clear(&key);
	return way->signing != NULL ? 0 : err;
}

static void
prepared(void *context, int err, const cJSON *content)
{
	struct health_way *way = context;
	const char *digest = json_string(content, "digest"), *algorithm = json_string(content, "digestAlgorithm");

	if (err == 0 && (digest == NULL || algorithm == NULL))
		err = ERR_INTERNAL;
	if (err != 0)
		way_end(way, "document_fails", "prepare", err);
	else if ((err = card_ask(way, digest, algorithm)) != 0)
		way_end(way, "card_fails", "sign without a PIN", err);
}

static int
document_ask(struct health_way *way)
{
	const struct certificate *certificate = way->certificate->certificate;
	cJSON *members = cJSON_CreateObject();
	size_t len;
	const unsigned char *der = certificate_der(certificate, &len);
	unsigned bits;
	const char *type = certificate_key_type(certificate, &bits);

	cJSON_AddNumberToObject(members, "job", 1);
	cJSON_AddStringToObject(members, "format", "cades");
	cJSON_AddStringToObject(members, "level", "B-B");
	cJSON_AddStringToObject(members, "packaging", "detached");
	cJSON_AddStringToObject(members, "name", "health");
	cJSON_AddStringToObject(members, "mediaType", "application/octet-stream");
	json_add_base64(members, "certificate", der, len);
	cJSON_AddArrayToObject(members, "chain");
	cJSON_AddStringToObject(members, "digestAlgorithm", strcmp(type, "ec") == 0 && bits > 256 ? "sha384" : "sha256");
	return document_job_ask(way->job, "prepare", members, (int[]){ way->in, way->out }, 2, prepared, way);
}

struct health_way *
health_way_start(struct services *services, const struct health_certificate *certificate,
    void (*done)(void *context, const char *outcome, const char *measured), void *context)
{
	struct health_way *way;

	if (json_true(json_member(certificate->token, "pin"), "keypad") || (way = calloc(1, sizeof(*way))) == NULL)
		return NULL;
	*way = (struct health_way){ .services = services, .certificate = certificate, .done = done, .context = context,
		.in = documents_spool(services->spool), .out = documents_spool(services->spool) };
	clock_gettime(CLOCK_MONOTONIC, &way->start);
	if (way->in < 0 || way->out < 0 || document_job_new(services, &way->job) != 0 || document_ask(way) != 0)
		health_way_cancel(&way);
	return way;
}

void
health_way_cancel(struct health_way **way)
{
	struct health_way *w = *way;

	if (w == NULL)
		return;
	*way = NULL;
	devices_sign_cancel(&w->signing);
	document_job_end(&w->job);
	if (w->in >= 0)
		close(w->in);
	if (w->out >= 0)
		close(w->out);
	free(w);
}
