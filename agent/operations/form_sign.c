/* SPDX-License-Identifier: Apache-2.0 */
/* operations/form_sign.c: form.sign: data and signer fit each other, then the page is made, then document_signing.c goes on. */
#include "operations/methods.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/err.h"
#include "base/json.h"
#include "operations/document_signing.h"
#include "operations/form_page.h"
#include "operations/manifest.h"
#include "operations/results.h"
#include "operations/signer.h"

struct form_sign {
	struct call *call;
	struct form_page *page;
	struct signer_search *search;
	struct signer *signer;
	struct document_job *preparer;	/* starts while the page is made; never the renderer, which has read what the portal sent */
	struct document_signing *signing;
	char format[8], level[8];
};

static void
form_sign_cancel(void *context)
{
	struct form_sign *op = context;

	signer_find_cancel(&op->search);
	document_job_end(&op->preparer);
	document_signing_end(&op->signing);
	signer_free(op->signer);
	form_page_end(&op->page);
	free(op);
}

static void
form_sign_refuse(struct form_sign *op, int err, cJSON *problem)
{
	struct call *call = op->call;

	form_sign_cancel(op);
	form_page_refuse(call, err, problem);
}

static void
form_signed(void *context, int err, const cJSON *content, struct signed_output *outputs, size_t count)
{
	struct form_sign *op = context;
	struct call *call = op->call;
	cJSON *result = NULL;

	(void)count;
	if (err == 0) {
		err = signed_output_to_json(call, &outputs[0], document_signing_signer(op->signing)->certificate, false, &result);
		free(outputs);
	}
	if (err != 0) {
		form_sign_refuse(op, err, cJSON_Duplicate(content, true));
		return;
	}
	form_sign_cancel(op);
	call_finish(call, 0, result);
}

/* What is signed, and all that the signer is to see of it. 0 or ERR_INTERNAL. */
static int
signing_make(struct form_sign *op, const cJSON *rendered)
{
	const struct form_page *page = op->page;
	const struct services *services = page->call->services;
	const cJSON *place = json_member(rendered, "signature");
	/* In the box that the page has for it. */
	cJSON *appearance = place != NULL && strcmp(op->format, "pades") == 0 ? signing_appearance(op->call, place) : NULL;
	const struct signing_terms terms = { .format = op->format, .level = op->level, .packaging = "attached", .kind = "form",
		.appearance = appearance, .form = page->form, .form_version = page->version };
	const char *sha256 = json_string(rendered, "sha256");
	char name[80], *form_name = NULL;
	int r;

	op->signing = sha256 != NULL ? document_signing_new(op->call, &terms) : NULL;
	cJSON_Delete(appearance);
	if (op->signing == NULL)
		return ERR_INTERNAL;
	form_page_name(page, name);
	if ((r = document_signing_add(op->signing, page->fd, name, "application/pdf", (uint64_t)json_integer(rendered, "size", 0), sha256,
	    form_fields(services->forms, page->form, page->version, page->data, services->language))) != 0)
		return r;
	if (page->files.count > 0 &&
	    (r = document_signing_attach(op->signing, form_files_shown(&page->files, services, page->form, page->version,
	    json_member(rendered, "attachments")))) != 0)
		return r;
	/* After a change of name the number is the same: that may well be, but the signer shall see it. */
	if (!form_name_is(services->forms, page->form, page->version, page->data, certificate_owner(op->signer->certificate), &form_name))
		r = form_name == NULL ? ERR_INTERNAL : document_signing_warn(op->signing, "name_differs", form_name);
	free(form_name);
	return r;
}

static void
form_page_made(void *context, int err, const cJSON *content)
{
	struct form_sign *op = context;
	struct signer *signer = op->signer;

	if (err == 0)
		err = signing_make(op, content);
	document_job_end(&op->page->renderer);
	if (err == 0) {
		document_signing_take_job(op->signing, &op->preparer);
		op->signer = NULL;
		err = document_signing_start(op->signing, signer, form_signed, op);
	}
	if (err != 0)
		form_sign_refuse(op, err, NULL);
}

/* Whether the form is this signer's; number NULL: not known.  0, ERR_IDENTITY_MISMATCH, ERR_FORM_INVALID (*ret_errors is the caller's), ERR_INTERNAL. */
static int
form_signer_check(const struct form_page *page, const char *number, time_t ends, cJSON **ret_errors)
{
	const struct form_catalogue *forms = page->call->services->forms;
	const char *own = form_identity_number(forms, page->form, page->version, page->data);

	if (own != NULL && number != NULL && strcmp(own, number) != 0)
		return ERR_IDENTITY_MISMATCH;
	return form_certificate_check(forms, page->form, page->version, page->data, ends, time(NULL), ret_errors);
}

static void
form_signer_found(void *context, int err, struct signer *signer)
{
	struct form_sign *op = context;
	cJSON *errors = NULL, *content = NULL;

	op->search = NULL;
	op->signer = signer;
	/* Who signs is who applies: found out before a page is made or a PIN is asked. */
	if (err == 0)
		err = form_signer_check(op->page, certificate_identity_number(signer->certificate), certificate_ends(signer->certificate), &errors);
	else if (err == ERR_CERTIFICATE_EXPIRED && form_signer_check(op->page, NULL, 0, &errors) == ERR_FORM_INVALID)
		err = ERR_FORM_INVALID;
	if (err == 0)
		err = form_page_make(op->page, strcmp(op->format, "pades") == 0, form_page_made, op);
	if (err == 0)
		err = document_job_new(op->call->services, &op->preparer);
	if (errors != NULL) {
		content = cJSON_CreateObject();
		cJSON_AddItemToObject(content, "errors", errors);
	}
	if (err != 0)
		form_sign_refuse(op, err, content);
}

/* Whether the portal's server means this form, if it has to say so. 0, or an error and its data. */
static int
manifest_compare(const struct form_page *page, const cJSON *params, cJSON **ret_problem)
{
	struct call *call = page->call;
	char *sha256 = NULL;
	struct buf text;
	int r;

	if ((r = request_manifest_take(call, params, ret_problem)) != 0 || call->manifest == NULL)
		return r;
	r = form_canonical_make(page->data, &text, &sha256);
	if (r == 0 && !manifest_is_for_form(call->manifest, page->form, page->version, sha256, page->files.list))
		r = request_manifest_mismatch("it is for another form, another version of it, other data or other attachments", ret_problem);
	buf_clear(&text);
	free(sha256);
	return r;
}

static int
form_sign_run(struct call *call, const cJSON *params)
{
	const char *format = json_string(params, "format"), *level = json_string(params, "level");
	const struct signing_terms terms = { .format = format != NULL ? format : "pades", .level = level != NULL ? level : "B-B",
		.packaging = "attached", .kind = "form" };
	struct form_sign *op;
	cJSON *problem = NULL;
	int r;

	if ((r = signing_terms_check(&terms)) != 0)
		return r;
	if ((op = calloc(1, sizeof(*op))) == NULL)
		return ERR_INTERNAL;
	op->call = call;
	snprintf(op->format, sizeof(op->format), "%s", terms.format);
	snprintf(op->level, sizeof(op->level), "%s", terms.level);
	if ((r = form_page_new(call, params, &op->page, &problem)) == 0 && (r = manifest_compare(op->page, params, &problem)) == 0 &&
	    (r = form_page_check(op->page, true, &problem)) == 0 &&
	    (op->search = signer_find(call->services, json_string(params, "certificate"), form_signer_found, op)) == NULL)
		r = ERR_INTERNAL;
	if (r != 0) {
		form_sign_cancel(op);
		call_finish(call, r, problem);
	} else {
		call_on_cancel(call, form_sign_cancel, op);
	}
	return 0;
}

const struct method method_form_sign = { "form.sign", form_sign_run };
