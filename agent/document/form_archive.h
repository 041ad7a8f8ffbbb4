/* SPDX-License-Identifier: Apache-2.0 */
/* document/form_archive.h: makes a PDF of ours one for archives (PDF/A-3b, ISO 19005-3), with its data and more files inside it (ISO 32000-2 14.13). */
#ifndef DOCUMENT_FORM_ARCHIVE_H
#define DOCUMENT_FORM_ARCHIVE_H

#include "base/buf.h"
#include "document/form_attachment.h"
#include "pdf/place.h"

/* What stands in the metadata, as in the document information; author may be "". */
struct form_archive {
	const struct buf *data;			/* the embedded file form.json, application/json */
	const struct form_attachments *attachments;	/* the others */
	const char *time;			/* types.json time: when all of it was made */
	const char *language;			/* "tr", "en" */
	const char *title, *author, *subject;
	struct pdf_place countersignature;	/* that is kept for who signs second; page 0: none */
};

/* The file specification's own entry for what the form calls an attachment (ISO 32000-1 Annex E: XX is for private use). */
#define PDF_ATTACHMENT_ID "XXImzaAttachment"

/*
 * Writes a PDF that Cairo made to output (borrowed, empty) and behind it an update: the data (AFRelationship Data), the attachments (Supplement),
 * XMP metadata, an sRGB output intent, the language, and what Cairo leaves out of its fonts.  The attachments go from file to file, never into
 * memory.  Gives the whole's size and SHA-256.  The same input gives the same bytes.  0, ERR_TOO_LARGE, ERR_STORAGE_FULL, or ERR_INTERNAL: the
 * PDF has attachments already or is not what it should be.
 */
int form_archive(const struct buf *pdf, const struct form_archive *archive, int output, uint64_t *ret_size, unsigned char sha256[32]);

#endif
