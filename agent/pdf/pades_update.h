/* SPDX-License-Identifier: Apache-2.0 */
/* pdf/pades_update.h: the part of PAdES that works on bytes alone, so that a fuzzer can reach it. */
#ifndef PDF_PADES_UPDATE_H
#define PDF_PADES_UPDATE_H

#include <time.h>

#include "pdf/update.h"

/* Where a signature is seen, and how. */
struct pades_appearance {
	struct pdf *picture;		/* its first page is shown */
	unsigned page;			/* of the document, from 1 */
	double left, bottom, right, top;	/* points, as /Rect */
	bool kept;			/* the file keeps that place for it: what else stands on the page does not matter */
};

struct pades_request {
	time_t time;
	const char *reason, *location;	/* UTF-8, or NULL */
	size_t contents_room;		/* bytes of CMS that must fit */
	const struct pades_appearance *appearance;	/* NULL: invisible */
};

struct pades_update {
	struct pdf_update update;
	size_t contents;		/* where the hex digits of /Contents begin in update.out */
};

/*
 * The update that adds an empty signature to an opened PDF, its /ByteRange already right.  On a page that has annotations, a
 * signature is invisible unless its place was kept for it: it shall cover nothing.  The caller clears ret_update->update.
 * 0, the errors of pdf_form_read() and pdf_import_page(), or ERR_INTERNAL.
 */
int pades_update_build(struct pdf *pdf, const struct pades_request *request, struct pades_update *ret_update);

#endif
