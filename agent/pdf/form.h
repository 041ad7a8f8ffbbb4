/* SPDX-License-Identifier: Apache-2.0 */
/* pdf/form.h: what an opened PDF says about signing it: its form, one of its pages, what earlier signatures permit. */
#ifndef PDF_FORM_H
#define PDF_FORM_H

#include "pdf/pdf.h"

/* Where a new signature field goes. An "entry" is the value as it stands in its dictionary: a reference, direct, or PDF_NULL. */
struct pdf_form {
	struct pdf_value catalog_reference, catalog;
	struct pdf_value form_entry, form;	/* /AcroForm; form is PDF_NULL when the document has none */
	struct pdf_value fields_entry, fields;	/* its /Fields */
	uint64_t flags;				/* its /SigFlags */
	struct pdf_value page_reference, page;	/* the one that was asked for */
	struct pdf_value annotations_entry, annotations;	/* its /Annots */
	uint64_t names_used;			/* the highest n of fields named SIGNATURE_NAME n */
};

#define SIGNATURE_NAME "Imza"

/*
 * Reads the form and a page (from 1) and walks all fields.  0, ERR_DOCUMENT_INVALID (also: no such page), ERR_DOCUMENT_DYNAMIC (an XFA form that is drawn by
 * program), ERR_DOCUMENT_LOCKED (a signature that is there permits no further one) or ERR_TOO_LARGE.
 */
int pdf_form_read(struct pdf *pdf, unsigned page, struct pdf_form *ret_form);

/* Of fields.c: walks form->fields, sets form->names_used. Results as above. */
int pdf_fields_walk(struct pdf *pdf, struct pdf_form *form);

/* Of fields.c: whether this signature dictionary permits further signatures: 0 or ERR_DOCUMENT_LOCKED. */
int pdf_signature_check(struct pdf *pdf, struct pdf_form *form, const struct pdf_value *signature);

#endif
