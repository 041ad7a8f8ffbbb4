/* SPDX-License-Identifier: Apache-2.0 */
/* document/form_attachment.h: a file that goes along with a form: named and hashed for the page, never looked into. */
#ifndef DOCUMENT_FORM_ATTACHMENT_H
#define DOCUMENT_FORM_ATTACHMENT_H

#include <stddef.h>
#include <stdint.h>
#include <cjson/cJSON.h>

#include "forms/attachments.h"

struct form_attachment {
	const char *id, *media_type;	/* of the request */
	const char *label;		/* what the form calls it, in the page's language */
	char *name;			/* attachment_name(), each once; ours */
	int file;			/* borrowed */
	uint64_t size;
	unsigned char md5[16];		/* PDF wants this one */
	char sha256[65];
};

struct form_attachments {
	struct form_attachment items[FORM_ATTACHMENTS_MAX];
	size_t count;
};

/*
 * Reads the member attachments of op render (agent/HELPERS.md) and hashes the files, which are its descriptors in the same order, borrowed.
 * layout and texts are the form's.  0; ERR_INVALID_PARAMS: they do not fit together, or a file is not the one of that SHA-256; ERR_INTERNAL.
 * Pair with form_attachments_clear() in every case.
 */
int form_attachments_read(const cJSON *list, const int *files, size_t files_count, const cJSON *layout, const cJSON *texts, const char *language,
    struct form_attachments *ret_attachments);

void form_attachments_clear(struct form_attachments *attachments);

#endif
