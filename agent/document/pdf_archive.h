/* SPDX-License-Identifier: Apache-2.0 */
/* document/pdf_archive.h: makes a PDF of ours one for archives (PDF/A-3b, ISO 19005-3), with its data as a file inside it (ISO 32000-2 14.13). */
#ifndef DOCUMENT_PDF_ARCHIVE_H
#define DOCUMENT_PDF_ARCHIVE_H

#include "base/buf.h"
#include "document/pdf_place.h"

/* What stands in the metadata, as in the document information; author may be "". */
struct pdf_archive {
	const struct buf *data;			/* the embedded file form.json, application/json */
	const char *time;			/* types.json time: when all of it was made */
	const char *language;			/* "tr", "en" */
	const char *title, *author, *subject;
	struct pdf_place countersignature;	/* that is kept for who signs second; page 0: none */
};

/*
 * Appends an update to a PDF that Cairo made: the data (AFRelationship Data), XMP metadata, an sRGB output intent, the language, and what Cairo
 * leaves out of its fonts.  The same input gives the same bytes.  0, ERR_TOO_LARGE, or ERR_INTERNAL: the PDF has attachments already or is not
 * what it should be.
 */
int pdf_archive(struct buf *pdf, const struct pdf_archive *archive);

#endif
