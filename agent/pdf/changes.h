/* SPDX-License-Identifier: Apache-2.0 */
/* pdf/changes.h: what later revisions did to a signed one, and whether that is allowed (ISO 32000-1 12.8.2.2, EN 319 142-1 5.5). */
#ifndef PDF_CHANGES_H
#define PDF_CHANGES_H

#include "pdf/pdf.h"

/* Kinds of changes that may be allowed, as a set. */
enum {
	PDF_CHANGE_SIGNATURE = 1,	/* a further signature, or a field for one */
	PDF_CHANGE_APPEARANCE = 2,	/* a further signature is seen on a page */
	PDF_CHANGE_TIME_STAMP = 4,	/* a document time-stamp */
	PDF_CHANGE_VALIDATION = 8,	/* certificates and revocation data (DSS) */
	PDF_CHANGE_METADATA = 16,	/* when and by which program it was changed, XMP */
	PDF_CHANGE_FORM = 32,		/* form fields were filled in */
};

/*
 * Compares the document as it was at the end of a signed revision with the document as it is, object by object: whatever is not on the list
 * above is refused, and so is what permission (pdf_permission_read()) forbids: 1 allows time-stamps, validation data and metadata; 0 all but
 * form filling; 2 and 3 that too.  0 and *ret_changes; ERR_DOCUMENT_INVALID (changed in another way), ERR_DOCUMENT_LOCKED (forbidden),
 * ERR_TOO_LARGE, ERR_INTERNAL; after->detail says why.
 */
int pdf_changes_find(struct pdf *before, struct pdf *after, unsigned permission, unsigned *ret_changes);

#endif
