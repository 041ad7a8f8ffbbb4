/* SPDX-License-Identifier: Apache-2.0 */
/* document/form_layout.h: a form and its data laid out on pages. */
#ifndef DOCUMENT_FORM_LAYOUT_H
#define DOCUMENT_FORM_LAYOUT_H

#include <cjson/cJSON.h>

#include "document/form_attachment.h"
#include "document/form_signature.h"
#include "forms/day.h"

#define FORM_PAGES_MAX 40

struct form_content {
	const char *id, *title;
	int version;
	const cJSON *layout, *texts;	/* the form's files */
	const cJSON *data;
	const char *language;		/* "tr" or "en" */
	const char *institution, *unit;	/* "" where there is none */
	const cJSON *profile;		/* the institution's; may be NULL */
	struct day today;
	const char *digest;		/* of the data, hex */
	const struct form_attachments *attachments;
	bool electronic;		/* the boxes are filled in by a program, not by hand */
};

enum form_density { FORM_ROOMY, FORM_MIDDLE, FORM_DENSE };

/*
 * Draws every page and returns their number, and the signatures' places.  pages stands in the footers as the total: 0 in the first,
 * measuring run (paper->cr is NULL), then what that run returned.  paper->err: ERR_TOO_LARGE beyond FORM_PAGES_MAX, ERR_FORM_INVALID,
 * ERR_INTERNAL.
 */
int form_draw(struct paper *paper, const struct form_content *form, enum form_density density, int pages, struct form_place ret_places[FORM_SIGNERS_MAX]);

#endif
