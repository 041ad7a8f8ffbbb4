/* SPDX-License-Identifier: Apache-2.0 */
/* operations/document_pages.c: an imza-document that draws, started for the first page and again after it died of one. */
#include "operations/document_pages.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/err.h"
#include "base/json.h"
#include "operations/document_job.h"

struct document_pages {
	struct services *services;
	struct document_job *job;
	int64_t document, page;	/* being drawn; page 0: none */
	int picture;
	void (*drawn)(void *context, cJSON *page, int picture);
	void *context;
};

struct document_pages *
document_pages_new(struct services *services, void (*drawn)(void *context, cJSON *page, int picture), void *context)
{
	struct document_pages *pages = calloc(1, sizeof(*pages));

	if (pages != NULL)
		*pages = (struct document_pages){ .services = services, .picture = -1, .drawn = drawn, .context = context };
	return pages;
}

/* Tells the owner, who may end us. */
static void
page_give(struct document_pages *pages, int err, const cJSON *content)
{
	cJSON *page = err == 0 ? cJSON_Duplicate(content, true) : cJSON_CreateObject();
	int picture = pages->picture;

	cJSON_AddNumberToObject(page, "document", (double)pages->document);
	cJSON_AddNumberToObject(page, "page", (double)pages->page);
	if (err != 0)
		cJSON_AddStringToObject(page, "error", err_reason(err));
	pages->page = 0;
	pages->picture = -1;
	pages->drawn(pages->context, page, err == 0 ? picture : -1);
	if (picture >= 0)
		close(picture);
}

static void
page_done(void *context, int err, const cJSON *content)
{
	struct document_pages *pages = context;

	if (err != 0 && content == NULL)
		document_job_end(&pages->job);
	page_give(pages, err, content);
}

static int
page_send(struct document_pages *pages, int in, int64_t width)
{
	cJSON *members = cJSON_CreateObject();

	cJSON_AddNumberToObject(members, "page", (double)pages->page);
	cJSON_AddNumberToObject(members, "width", (double)width);
	return document_job_ask(pages->job, "page", members, (int[]){ in, pages->picture }, 2, page_done, pages);
}

/* The file once more, with a position of its own: whoever reads it by another descriptor is not disturbed. */
static int
page_start(struct document_pages *pages, int file, int64_t width)
{
	char path[32];
	int in, r;

	if (file < 0)
		return ERR_NOT_FOUND;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", file);
	in = open(path, O_RDONLY | O_CLOEXEC);
	pages->picture = memfd_create("page", MFD_CLOEXEC);
	r = in >= 0 && pages->picture >= 0 ? 0 : ERR_INTERNAL;
	if (r == 0 && (pages->job == NULL || (r = page_send(pages, in, width)) != 0)) {
		/* The first page, or the process ended since the last one. */
		document_job_end(&pages->job);
		r = document_job_new_mode(pages->services, "pages", &pages->job);
		if (r == 0)
			r = page_send(pages, in, width);
	}
	if (in >= 0)
		close(in);
	return r;
}

void
document_pages_ask(struct document_pages *pages, int file, const cJSON *wanted)
{
	int r;

	/* The window asks again once it has its answer. */
	if (pages->page != 0)
		return;
	pages->document = json_integer(wanted, "document", -1);
	pages->page = json_integer(wanted, "page", 1);
	if ((r = page_start(pages, file, json_integer(wanted, "width", 0))) != 0)
		page_give(pages, r, NULL);
}

void
document_pages_end(struct document_pages **pages)
{
	if (*pages == NULL)
		return;
	document_job_end(&(*pages)->job);
	if ((*pages)->picture >= 0)
		close((*pages)->picture);
	free(*pages);
	*pages = NULL;
}
