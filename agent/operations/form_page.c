/* SPDX-License-Identifier: Apache-2.0 */
/* operations/form_page.c: the catalogue checks the data, imza-document makes the page. */
#include "operations/form_page.h"

#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/encoding.h"
#include "base/err.h"
#include "base/json.h"
#include "base/wire.h"
#include "forms/canonical.h"

cJSON *
form_unknown_to_json(const cJSON *params)
{
	int64_t version = json_integer(params, "version", 0);
	cJSON *content = cJSON_CreateObject();
	char detail[160];

	if (version == 0)
		snprintf(detail, sizeof(detail), "form %.64s is not known", json_string(params, "form"));
	else
		snprintf(detail, sizeof(detail), "form %.64s has no version %lld", json_string(params, "form"), (long long)version);
	cJSON_AddStringToObject(content, "detail", detail);
	return content;
}

int
form_canonical_make(const cJSON *data, struct buf *text, char **ret_sha256)
{
	unsigned char digest[EVP_MAX_MD_SIZE];
	int r;

	buf_init(text, WIRE_MESSAGE_MAX * 2);
	if ((r = form_canonical(data, text)) == 0 && (EVP_Digest(text->data, text->len, digest, NULL, EVP_sha256(), NULL) != 1 ||
	    (*ret_sha256 = hex_encode(digest, 32)) == NULL))
		r = ERR_INTERNAL;
	return r;
}

int
form_page_new(struct call *call, const cJSON *params, struct form_page **ret_page, cJSON **ret_problem)
{
	const char *form = json_string(params, "form");
	int64_t version = form_version(call->services->forms, form, json_integer(params, "version", 0));
	struct form_page *page;
	int r;

	if (version == 0) {
		*ret_problem = form_unknown_to_json(params);
		return ERR_NOT_FOUND;
	}
	if ((page = calloc(1, sizeof(*page))) == NULL)
		return ERR_INTERNAL;
	*page = (struct form_page){ .call = call, .form = strdup(form), .version = version, .data = cJSON_Duplicate(json_member(params, "data"), true),
		.fd = -1 };
	r = page->form != NULL && page->data != NULL ? form_files_take(call, params, &page->files, ret_problem) : ERR_INTERNAL;
	if (r != 0)
		form_page_end(&page);
	*ret_page = page;
	return r;
}

int
form_page_check(const struct form_page *page, bool sign, cJSON **ret_problem)
{
	const struct form_catalogue *forms = page->call->services->forms;
	cJSON *errors = NULL;
	int r = form_validate(forms, page->form, page->version, page->data, time(NULL), &errors), also;

	if ((r == 0 || r == ERR_FORM_INVALID) && (also = form_files_check(&page->files, forms, page->form, page->version, page->data, &errors)) != 0)
		r = also;
	if (r == 0 && sign)
		r = form_way_check(forms, page->form, page->version, page->data, &errors);
	if (r != ERR_FORM_INVALID) {
		cJSON_Delete(errors);
		return r;
	}
	*ret_problem = cJSON_CreateObject();
	cJSON_AddItemToObject(*ret_problem, "errors", errors);
	return r;
}

int
form_page_make(struct form_page *page, bool electronic, void (*done)(void *context, int err, const cJSON *content), void *context)
{
	struct services *services = page->call->services;
	int fds[1 + FORM_ATTACHMENTS_MAX];
	cJSON *members, *form;
	char now[32];
	time_t t = time(NULL);
	struct tm tm;
	int r;

	if ((r = form_describe(services->forms, page->form, page->version, &form)) != 0)
		return r;
	members = cJSON_CreateObject();
	cJSON_AddItemToObject(members, "form", form);
	cJSON_AddItemToObject(members, "data", cJSON_Duplicate(page->data, true));
	cJSON_AddItemToObject(members, "institution", cJSON_Duplicate(services->institution, true));
	cJSON_AddStringToObject(members, "language", services->language);
	gmtime_r(&t, &tm);
	strftime(now, sizeof(now), "%Y-%m-%dT%H:%M:%SZ", &tm);
	cJSON_AddStringToObject(members, "time", now);
	cJSON_AddBoolToObject(members, "electronic", electronic);
	if (page->files.count > 0)
		cJSON_AddItemToObject(members, "attachments", cJSON_Duplicate(page->files.list, true));
	page->fd = documents_spool(services->spool);
	if (page->fd < 0 || document_job_new(services, &page->renderer) != 0) {
		cJSON_Delete(members);
		return ERR_INTERNAL;
	}
	fds[0] = page->fd;
	memcpy(&fds[1], page->files.fds, page->files.count * sizeof(fds[0]));
	return document_job_ask(page->renderer, "render", members, fds, 1 + page->files.count, done, context);
}

void
form_page_name(const struct form_page *page, char name[80])
{
	snprintf(name, 80, "%.64s.pdf", page->form);
}

void
form_page_end(struct form_page **page)
{
	struct form_page *p = *page;

	if (p == NULL)
		return;
	*page = NULL;
	document_job_end(&p->renderer);
	form_files_clear(&p->files);
	if (p->fd >= 0)
		close(p->fd);
	cJSON_Delete(p->data);
	free(p->form);
	free(p);
}

void
form_page_refuse(struct call *call, int err, cJSON *problem)
{
	/* The page is ours: what can't be made or read of it is not the portal's document. */
	if (err == ERR_DOCUMENT_INVALID)
		err = ERR_INTERNAL;
	/* A character that the page can't show is found out after the data was valid. */
	if (err == ERR_FORM_INVALID && problem == NULL) {
		problem = cJSON_CreateObject();
		cJSON_AddArrayToObject(problem, "errors");
	}
	call_finish(call, err, problem);
}
