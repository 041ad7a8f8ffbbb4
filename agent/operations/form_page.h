/* SPDX-License-Identifier: Apache-2.0 */
/* operations/form_page.h: a filled-in form of a request: taken, checked, made into a page. For form.render and form.sign. */
#ifndef OPERATIONS_FORM_PAGE_H
#define OPERATIONS_FORM_PAGE_H

#include "base/buf.h"
#include "operations/call.h"
#include "operations/document_job.h"
#include "operations/form_attachments.h"

struct form_page {
	struct call *call;
	char *form;
	int64_t version;		/* as the catalogue has it: never 0 */
	cJSON *data;
	struct form_files files;	/* its attachments */
	int fd;				/* the PDF; -1 before */
	struct document_job *renderer;
};

/* Says by name that the request's form, or this version of it, is not known: an error's data, the caller's. */
cJSON *form_unknown_to_json(const cJSON *params);

/* The data as the page carries it (RFC 8785), appended to text, which is initialised here, and the SHA-256 of that in hex, the caller's. 0 or ERR_INTERNAL. */
int form_canonical_make(const cJSON *data, struct buf *text, char **ret_sha256);

/*
 * What the request brings; form_page_end() it.  0, ERR_NOT_FOUND (the form, or an attachment), an error of form_files_take(), ERR_INTERNAL, and
 * *ret_problem: the error's data, the caller's, may be NULL.
 */
int form_page_new(struct call *call, const cJSON *params, struct form_page **ret_page, cJSON **ret_problem);

/* Whether data and attachments are valid and, if it is to be signed, its way is a signature.  0, ERR_FORM_INVALID with all its errors in *ret_problem, ERR_INTERNAL. */
int form_page_check(const struct form_page *page, bool sign, cJSON **ret_problem);

/*
 * Has it made; electronic: for a signature that is seen in it.  done comes once, later: 0 and op render's result (agent/HELPERS.md), or an error.
 * 0 or ERR_INTERNAL; then done does not come.
 */
int form_page_make(struct form_page *page, bool electronic, void (*done)(void *context, int err, const cJSON *content), void *context);

/* The PDF's name: FORM.pdf. */
void form_page_name(const struct form_page *page, char name[80]);

/* Stops at any step and frees it. Leaves NULL behind; accepts NULL. */
void form_page_end(struct form_page **page);

/* Answers call with what came of a page that could not be made or signed; problem (taken) may be NULL. */
void form_page_refuse(struct call *call, int err, cJSON *problem);

#endif
