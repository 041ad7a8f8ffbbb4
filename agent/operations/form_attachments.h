/* SPDX-License-Identifier: Apache-2.0 */
/* operations/form_attachments.h: a form request's member attachments: documents of the page that go along with the form. */
#ifndef OPERATIONS_FORM_ATTACHMENTS_H
#define OPERATIONS_FORM_ATTACHMENTS_H

#include "forms/attachments.h"
#include "operations/call.h"

/* Held by descriptors of our own: the page may close its documents meanwhile. Zeroed: none. */
struct form_files {
	size_t count;
	int fds[FORM_ATTACHMENTS_MAX];	/* read only */
	cJSON *list;			/* id, name, mediaType, size, sha256 of each; NULL without any */
};

/*
 * Takes them.  0; ERR_NOT_FOUND, ERR_DOCUMENT_INVALID and other errors of an upload, ERR_INVALID_PARAMS (one twice), ERR_TOO_LARGE (together, or
 * for what this connection may hold), ERR_BUSY, ERR_INTERNAL, and *ret_problem: the error's data (may be NULL).  Pair with form_files_clear()
 * in every case.
 */
int form_files_take(struct call *call, const cJSON *params, struct form_files *ret_files, cJSON **ret_problem);

void form_files_clear(struct form_files *files);

/* form_attachments_check() of them. */
int form_files_check(const struct form_files *files, const struct form_catalogue *forms, const char *form, int64_t version, const cJSON *data,
    cJSON **errors);

/*
 * What the dialog shows of them: the list with the form's words for each as `label`, by the names that they have in the PDF (op render's
 * `attachments`).  The caller's; NULL: there are none, no memory, or not a name for each.
 */
cJSON *form_files_shown(const struct form_files *files, const struct services *services, const char *form, int64_t version, const cJSON *names);

#endif
