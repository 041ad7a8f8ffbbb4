/* SPDX-License-Identifier: Apache-2.0 */
/* forms/attachments.h: the files that go along with a form, held against what its layout says of them. */
#ifndef FORMS_ATTACHMENTS_H
#define FORMS_ATTACHMENTS_H

#include "forms/forms.h"

#define FORM_ATTACHMENTS_MAX 8
#define FORM_ATTACHMENTS_BYTES (32u << 20)	/* of all of a form: what verifiers and portals still take as a whole */
#define ATTACHMENT_HEAD_BYTES 8

/* A file, as whoever sends it describes it, and how it begins. */
struct attachment_given {
	const char *id, *media_type;
	uint64_t size;
	unsigned char head[ATTACHMENT_HEAD_BYTES];	/* as many of its first bytes as there are, then zeros */
};

/*
 * Whether these are the files that the form takes with this data: known kinds that apply, of accepted media types by their first bytes, too,
 * not too large, none missing, and stated in the data where the form says so.  0, also for an unknown form; else ERR_FORM_INVALID, and what is wrong is added
 * to *errors (made when it is NULL) as form_validate() tells it, at "/attachments/ID".  ERR_INTERNAL: no memory.
 */
int form_attachments_check(const struct form_catalogue *catalogue, const char *id, int64_t version, const cJSON *data,
    const struct attachment_given *given, size_t count, cJSON **errors);

/* What the form calls an attachment in that language. Borrowed from the catalogue; the id itself when the form has no such one. */
const char *form_attachment_label(const struct form_catalogue *catalogue, const char *id, int64_t version, const char *attachment, const char *language);

#endif
