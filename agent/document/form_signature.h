/* SPDX-License-Identifier: Apache-2.0 */
/* document/form_signature.h: the foot of a form: its code, what to know about signing, and a box for each who signs. */
#ifndef DOCUMENT_FORM_SIGNATURE_H
#define DOCUMENT_FORM_SIGNATURE_H

#include "document/form_paint.h"

#define FORM_SIGNERS_MAX 2	/* who applies, and who approves for the institution */

struct form_foot {
	const char *id, *digest;	/* of the code */
	int version;
	const char *labels[FORM_SIGNERS_MAX];	/* the second NULL: one box */
	const char *note;
	const char *date;		/* stands in the boxes, for a pen; NULL: nothing does */
	double left, width, box_height;
};

/* Where a signature goes: the inside of the box for it, points from the page's top left corner. page 0: there is none. */
struct form_place {
	int page;		/* from 1 */
	double x, y, width, height;
};

/* How high it is. */
double form_foot_height(struct paper *paper, const struct form_foot *foot);

/* Draws it at y, empty but for the date's label; gives the boxes' insides, all on that page. */
void form_foot_draw(struct paper *paper, const struct form_foot *foot, int page, double y, struct form_place ret_places[FORM_SIGNERS_MAX]);

#endif
