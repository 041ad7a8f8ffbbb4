/* SPDX-License-Identifier: Apache-2.0 */
/* document/pdf_attach.h: a file inside a PDF that belongs to the whole document (ISO 32000-2 14.13, as PDF/A-3 has it). */
#ifndef DOCUMENT_PDF_ATTACH_H
#define DOCUMENT_PDF_ATTACH_H

#include "base/buf.h"

/*
 * Appends an update to a PDF that we made ourselves: data as the embedded file form.json, application/json, AFRelationship Data.
 * time: types.json time, its date.  The same input gives the same bytes.  0, ERR_TOO_LARGE, or ERR_INTERNAL: the PDF has attachments already
 * or is not what it should be.
 */
int pdf_attach_data(struct buf *pdf, const struct buf *data, const char *time);

#endif
