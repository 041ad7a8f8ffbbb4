/* SPDX-License-Identifier: Apache-2.0 */
/* operations/form.c: form.catalog, form.describe, form.validate, form.render, form.sign. */
#include "operations/methods.h"

#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/encoding.h"
#include "base/err.h"
#include "base/json.h"
#include "base/wire.h"
#include "forms/canonical.h"
#include "operations/document_job.h"
#include "operations/document_signing.h"
#include "operations/form_attachments.h"
#include "operations/manifest.h"
#include "operations/results.h"
#include "operations/signer.h"

/* --- form.catalog, form.describe, form.validate --- */

static int
form_catalog_run(struct call *call, const cJSON *params)
{
	cJSON *result = cJSON_CreateObject();

	(void)params;
	cJSON_AddItemToObject(result, "forms", form_catalogue_list(call->services->forms));
	call_finish(call, 0, result);
	return 0;
}

const struct method method_form_catalog = { "form.catalog", form_catalog_run };

/* Answers that this form, or this version of it, is not known, by name. */
static int
form_not_found(struct call *call, const cJSON *params)
{
	int64_t version = json_integer(params, "version", 0);
	cJSON *content = cJSON_CreateObject();
	char detail[160];

	if (version == 0)
		snprintf(detail, sizeof(detail), "form %.64s is not known", json_string(params, "form"));
	else
		snprintf(detail, sizeof(detail), "form %.64s has no version %lld", json_string(params, "form"), (long long)version);
	cJSON_AddStringToObject(content, "detail", detail);
	call_finish(call, ERR_NOT_FOUND, content);
	return 0;
}

static int
form_describe_run(struct call *call, const cJSON *params)
{
	cJSON *result;
	int r = form_describe(call->services->forms, json_string(params, "form"), json_integer(params, "version", 0), &result);

	if (r != 0)
		return r == ERR_NOT_FOUND ? form_not_found(call, params) : r;
	if (cJSON_GetArraySize(call->services->institution) > 0)
		cJSON_AddItemToObject(result, "institution", cJSON_Duplicate(call->services->institution, true));
	call_finish(call, 0, result);
	return 0;
}

const struct method method_form_describe = { "form.describe", form_describe_run };

/* The data as the page carries it, appended to text, which is initialised here, and the SHA-256 of that. 0 or ERR_INTERNAL. */
static int
canonical_make(const cJSON *data, struct buf *text, char **ret_sha256)
{
	unsigned char digest[EVP_MAX_MD_SIZE];
	int r;

	buf_init(text, WIRE_MESSAGE_MAX * 2);
	if ((r = form_canonical(data, text)) == 0 && (EVP_Digest(text->data, text->len, digest, NULL, EVP_sha256(), NULL) != 1 ||
	    (*ret_sha256 = hex_encode(digest, 32)) == NULL))
		r = ERR_INTERNAL;
	return r;
}

/* What a way that does not sign here has approved instead. */
static int
canonical_add(cJSON *result, const cJSON *data)
{
	cJSON *canonical = cJSON_AddObjectToObject(result, "canonical");
	char *hex = NULL;
	struct buf text;
	int r = canonical_make(data, &text, &hex);

	buf_append(&text, "", 1);
	if (r == 0 && (text.failed || cJSON_AddStringToObject(canonical, "data", (const char *)text.data) == NULL ||
	    cJSON_AddStringToObject(canonical, "sha256", hex) == NULL))
		r = ERR_INTERNAL;
	free(hex);
	buf_clear(&text);
	return r;
}

static int
form_validate_run(struct call *call, const cJSON *params)
{
	const char *form = json_string(params, "form");
	const cJSON *data = json_member(params, "data");
	int64_t version = json_integer(params, "version", 0);
	cJSON *errors = NULL, *warnings, *result;
	int r = form_validate(call->services->forms, form, version, data, time(NULL), &errors);

	if (r != 0 && r != ERR_FORM_INVALID)
		return r == ERR_NOT_FOUND ? form_not_found(call, params) : r;
	result = cJSON_CreateObject();
	cJSON_AddBoolToObject(result, "valid", r == 0);
	cJSON_AddItemToObject(result, "errors", errors != NULL ? errors : cJSON_CreateArray());
	warnings = form_warnings(call->services->forms, form, version, data, call->services->institution, time(NULL));
	if (cJSON_GetArraySize(warnings) > 0)
		cJSON_AddItemToObject(result, "warnings", warnings);
	else
		cJSON_Delete(warnings);
	if (r == 0 && json_true(params, "canonical") && (r = canonical_add(result, data)) != 0) {
		cJSON_Delete(result);
		return r;
	}
	call_finish(call, 0, result);
	return 0;
}

const struct method method_form_validate = { "form.validate", form_validate_run };

/* --- the page --- */

/* A form on its way through rendering and, for form.sign, signing. */
struct form_call {
	struct call *call;
	char *form;
	int64_t version;		/* 0: the newest */
	cJSON *data;
	struct form_files files;	/* its attachments */
	int page;			/* the rendered PDF; -1 before */
	struct document_job *renderer;
	/* form.sign */
	struct signer_search *search;
	struct signer *signer;
	struct document_job *preparer;	/* starts while the page is made; never the renderer, which has read what the portal sent */
	struct document_signing *signing;
	char format[8], level[8];
};

static void
form_cancel(void *context)
{
	struct form_call *op = context;

	signer_find_cancel(&op->search);
	document_job_end(&op->renderer);
	document_job_end(&op->preparer);
	document_signing_end(&op->signing);
	signer_free(op->signer);
	cJSON_Delete(op->data);
	form_files_clear(&op->files);
	if (op->page >= 0)
		close(op->page);
	free(op->form);
	free(op);
}

static void
form_finish(struct form_call *op, int err, cJSON *content)
{
	struct call *call = op->call;

	/* The page is ours: what can't be made or read of it is not the portal's document. */
	if (err == ERR_DOCUMENT_INVALID)
		err = ERR_INTERNAL;
	/* A character that the page can't show is found out after the data was valid. */
	if (err == ERR_FORM_INVALID && content == NULL) {
		content = cJSON_CreateObject();
		cJSON_AddArrayToObject(content, "errors");
	}
	form_cancel(op);
	call_finish(call, err, content);
}

/*
 * Checks the data and the attachments (which it takes), and where it is to be signed that its way is a signature; a form that is wrong answers
 * with all its errors.  0: go on; else the call has been answered or r is to be returned.
 */
static int
form_open(struct call *call, const cJSON *params, bool sign, struct form_files *files, struct form_call **ret_op)
{
	const char *form = json_string(params, "form");
	const cJSON *data = json_member(params, "data");
	int64_t version = json_integer(params, "version", 0);
	struct form_call *op;
	cJSON *errors = NULL, *content;
	int r = form_validate(call->services->forms, form, version, data, time(NULL), &errors), also;

	if ((r == 0 || r == ERR_FORM_INVALID) && (also = form_files_check(files, call->services->forms, form, version, data, &errors)) != 0)
		r = also;
	if (r == 0 && sign)
		r = form_way_check(call->services->forms, form, version, data, &errors);
	op = r == 0 ? calloc(1, sizeof(*op)) : NULL;
	if (op == NULL)
		form_files_clear(files);
	if (r == ERR_FORM_INVALID) {
		content = cJSON_CreateObject();
		cJSON_AddItemToObject(content, "errors", errors);
		call_finish(call, ERR_FORM_INVALID, content);
	} else {
		cJSON_Delete(errors);
	}
	if (r == ERR_NOT_FOUND)
		form_not_found(call, params);
	if (r != 0)
		return r;
	if (op == NULL)
		return ERR_INTERNAL;
	*op = (struct form_call){ .call = call, .form = strdup(form), .version = version, .data = cJSON_Duplicate(data, true),
		.files = *files, .page = -1 };
	if (op->form == NULL || op->data == NULL) {
		form_cancel(op);
		return ERR_INTERNAL;
	}
	*ret_op = op;
	return 0;
}

static int
render_start(struct form_call *op, void (*done)(void *context, int err, const cJSON *content))
{
	struct services *services = op->call->services;
	int fds[1 + FORM_ATTACHMENTS_MAX];
	cJSON *members, *form;
	char now[32];
	time_t t = time(NULL);
	struct tm tm;
	int r;

	if ((r = form_describe(services->forms, op->form, op->version, &form)) != 0)
		return r;
	members = cJSON_CreateObject();
	cJSON_AddItemToObject(members, "form", form);
	cJSON_AddItemToObject(members, "data", cJSON_Duplicate(op->data, true));
	cJSON_AddItemToObject(members, "institution", cJSON_Duplicate(services->institution, true));
	cJSON_AddStringToObject(members, "language", services->language);
	gmtime_r(&t, &tm);
	strftime(now, sizeof(now), "%Y-%m-%dT%H:%M:%SZ", &tm);
	cJSON_AddStringToObject(members, "time", now);
	cJSON_AddBoolToObject(members, "electronic", strcmp(op->format, "pades") == 0);
	if (op->files.count > 0)
		cJSON_AddItemToObject(members, "attachments", cJSON_Duplicate(op->files.list, true));
	op->page = documents_spool(services->spool);
	if (op->page < 0 || document_job_new(services, &op->renderer) != 0) {
		cJSON_Delete(members);
		return ERR_INTERNAL;
	}
	fds[0] = op->page;
	memcpy(&fds[1], op->files.fds, op->files.count * sizeof(fds[0]));
	return document_job_ask(op->renderer, "render", members, fds, 1 + op->files.count, done, op);
}

static void
page_name(const struct form_call *op, char name[80])
{
	snprintf(name, 80, "%.64s.pdf", op->form);
}

/* Answers a request that was refused before its form was looked at. */
static int
form_refuse(struct call *call, struct form_files *files, int err, cJSON *problem)
{
	form_files_clear(files);
	call_finish(call, err, problem);
	return 0;
}

/* --- form.render --- */

static void
form_rendered(void *context, int err, const cJSON *content)
{
	struct form_call *op = context;
	const char *sha256 = json_string(content, "sha256");
	struct document *document = NULL;
	char name[80];
	int page = op->page;

	if (err == 0 && sha256 == NULL)
		err = ERR_INTERNAL;
	if (err == 0) {
		page_name(op, name);
		op->page = -1;
		err = documents_adopt(&op->call->session->documents, page, (uint64_t)json_integer(content, "size", 0), sha256, name,
		    "application/pdf", &document);
	}
	form_finish(op, err, err == 0 ? stored_document_to_json(document) : NULL);
}

static int
form_render_run(struct call *call, const cJSON *params)
{
	struct form_files files;
	struct form_call *op;
	cJSON *problem = NULL;
	int r = form_files_take(call, params, &files, &problem);

	if (r != 0)
		return form_refuse(call, &files, r, problem);
	if ((r = form_open(call, params, false, &files, &op)) != 0)
		return r == ERR_FORM_INVALID || r == ERR_NOT_FOUND ? 0 : r;
	if ((r = render_start(op, form_rendered)) != 0) {
		form_cancel(op);
		return r;
	}
	call_on_cancel(call, form_cancel, op);
	return 0;
}

const struct method method_form_render = { "form.render", form_render_run };

/* --- form.sign --- */

static void
form_signed(void *context, int err, const cJSON *content, struct signed_output *outputs, size_t count)
{
	struct form_call *op = context;
	cJSON *result = NULL;

	(void)count;
	if (err == 0) {
		err = signed_output_to_json(op->call, &outputs[0], document_signing_signer(op->signing)->certificate, false, &result);
		free(outputs);
	} else {
		result = cJSON_Duplicate(content, true);
	}
	form_finish(op, err, result);
}

static void
form_page_ready(void *context, int err, const cJSON *content)
{
	struct form_call *op = context;
	const cJSON *place = json_member(content, "signature");
	/* In the box that the page has for it. */
	cJSON *appearance = err == 0 && place != NULL && strcmp(op->format, "pades") == 0 ? signing_appearance(op->call, place) : NULL;
	const struct signing_terms terms = { .format = op->format, .level = op->level, .packaging = "attached", .kind = "form",
		.appearance = appearance, .form = op->form, .form_version = form_version(op->call->services->forms, op->form, op->version) };
	const char *sha256 = json_string(content, "sha256");
	struct signer *signer = op->signer;
	char name[80], *form_name = NULL;

	if (err == 0 && (sha256 == NULL || (op->signing = document_signing_new(op->call, &terms)) == NULL))
		err = ERR_INTERNAL;
	cJSON_Delete(appearance);
	if (err == 0) {
		page_name(op, name);
		err = document_signing_add(op->signing, op->page, name, "application/pdf", (uint64_t)json_integer(content, "size", 0), sha256,
		    form_fields(op->call->services->forms, op->form, op->version, op->data, op->call->services->language));
	}
	if (err == 0 && op->files.count > 0)
		err = document_signing_attach(op->signing, form_files_shown(&op->files, op->call->services, op->form, op->version));
	/* After a change of name the number is the same: that may well be, but the signer shall see it. */
	if (err == 0 && !form_name_is(op->call->services->forms, op->form, op->version, op->data, certificate_owner(signer->certificate), &form_name))
		err = form_name == NULL ? ERR_INTERNAL : document_signing_warn(op->signing, "name_differs", form_name);
	free(form_name);
	document_job_end(&op->renderer);
	if (err == 0) {
		document_signing_take_job(op->signing, &op->preparer);
		op->signer = NULL;
		err = document_signing_start(op->signing, signer, form_signed, op);
	}
	if (err != 0)
		form_finish(op, err, NULL);
}

/* Whether the form is this signer's; number NULL: not known.  0, ERR_IDENTITY_MISMATCH, ERR_FORM_INVALID (*ret_errors is the caller's), ERR_INTERNAL. */
static int
form_signer_check(const struct form_call *op, const char *number, time_t ends, cJSON **ret_errors)
{
	const struct form_catalogue *forms = op->call->services->forms;
	const char *own = form_identity_number(forms, op->form, op->version, op->data);

	if (own != NULL && number != NULL && strcmp(own, number) != 0)
		return ERR_IDENTITY_MISMATCH;
	return form_certificate_check(forms, op->form, op->version, op->data, ends, time(NULL), ret_errors);
}

static void
form_signer_found(void *context, int err, struct signer *signer)
{
	struct form_call *op = context;
	cJSON *errors = NULL, *content = NULL;

	op->search = NULL;
	op->signer = signer;
	/* Who signs is who applies: found out before a page is made or a PIN is asked. */
	if (err == 0)
		err = form_signer_check(op, certificate_identity_number(signer->certificate), certificate_ends(signer->certificate), &errors);
	else if (err == ERR_CERTIFICATE_EXPIRED && form_signer_check(op, NULL, 0, &errors) == ERR_FORM_INVALID)
		err = ERR_FORM_INVALID;
	if (err == 0)
		err = render_start(op, form_page_ready);
	if (err == 0)
		err = document_job_new(op->call->services, &op->preparer);
	if (errors != NULL) {
		content = cJSON_CreateObject();
		cJSON_AddItemToObject(content, "errors", errors);
	}
	if (err != 0)
		form_finish(op, err, content);
}

/* Whether the portal's server means this form, if it has to say so. 0, or an error and its data. */
static int
manifest_compare(struct call *call, const cJSON *params, const struct form_files *files, cJSON **ret_problem)
{
	const char *form = json_string(params, "form");
	int64_t version = form_version(call->services->forms, form, json_integer(params, "version", 0));
	char *sha256 = NULL;
	struct buf text;
	int r;

	/* A form that is not known is not known, whatever is said of it: form_open() answers, and nothing is signed. */
	if (version == 0)
		return 0;
	if ((r = request_manifest_take(call, params, ret_problem)) != 0 || call->manifest == NULL)
		return r;
	r = canonical_make(json_member(params, "data"), &text, &sha256);
	if (r == 0 && !manifest_is_for_form(call->manifest, form, version, sha256, files->list))
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
	struct form_files files;
	struct form_call *op;
	cJSON *problem = NULL;
	int r;

	if ((r = signing_terms_check(&terms)) != 0)
		return r;
	if ((r = form_files_take(call, params, &files, &problem)) != 0 || (r = manifest_compare(call, params, &files, &problem)) != 0)
		return form_refuse(call, &files, r, problem);
	if ((r = form_open(call, params, true, &files, &op)) != 0)
		return r == ERR_FORM_INVALID || r == ERR_NOT_FOUND ? 0 : r;
	snprintf(op->format, sizeof(op->format), "%s", terms.format);
	snprintf(op->level, sizeof(op->level), "%s", terms.level);
	if ((op->search = signer_find(call->services, json_string(params, "certificate"), form_signer_found, op)) == NULL) {
		form_cancel(op);
		return ERR_INTERNAL;
	}
	call_on_cancel(call, form_cancel, op);
	return 0;
}

const struct method method_form_sign = { "form.sign", form_sign_run };
