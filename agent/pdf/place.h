/* SPDX-License-Identifier: Apache-2.0 */
/* pdf/place.h: the place that a form's page keeps for a countersignature, as our own entry of the catalog (ISO 32000-1 14.5). */
#ifndef PDF_PLACE_H
#define PDF_PLACE_H

#include "pdf/pdf.h"

struct pdf_place {
	unsigned page;			/* from 1; 0: none */
	unsigned left, bottom, right, top;	/* points */
};

/* The catalog's /PieceInfo with that place; date: "(D:20261124083000Z)". */
void pdf_place_append(struct buf *out, const struct pdf_place *place, const char *date);

/*
 * The place of an opened PDF, if nothing stands there yet: its first signature is there and its second is not, which alone is ever drawn
 * there.  *ret_place with page 0: none.  0, or the errors of pdf_form_read().
 */
int pdf_place_read(struct pdf *pdf, struct pdf_place *ret_place);

#endif
