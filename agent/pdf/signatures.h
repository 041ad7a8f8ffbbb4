/* SPDX-License-Identifier: Apache-2.0 */
/* pdf/signatures.h: the signatures that an opened PDF's form holds, and what each says of itself (ISO 32000-1 12.8.1). */
#ifndef PDF_SIGNATURES_H
#define PDF_SIGNATURES_H

#include <time.h>

#include "pdf/pdf.h"

#define PDF_SIGNATURES_MAX 128

enum pdf_signature_kind {
	PDF_SIGNATURE_CADES,		/* ETSI.CAdES.detached */
	PDF_SIGNATURE_PKCS7,		/* adbe.pkcs7.detached */
	PDF_SIGNATURE_TIME_STAMP,	/* ETSI.RFC3161 */
	PDF_SIGNATURE_OTHER,
};

struct pdf_signature {
	char *name;			/* of the field, in full, UTF-8 */
	struct pdf_value dict;		/* the signature's dictionary */
	struct pdf_value contents;	/* /Contents as it stands: inside the file's bytes, or somewhere else */
	enum pdf_signature_kind kind;
	bool has_range;			/* /ByteRange is four numbers */
	uint64_t range[4];
};

struct pdf_signatures {
	struct pdf_signature *items;
	size_t count;
};

/* Walks the form's fields for signatures. 0, ERR_DOCUMENT_INVALID, ERR_TOO_LARGE, ERR_INTERNAL. Pair with pdf_signatures_free(). */
int pdf_signatures_read(struct pdf *pdf, struct pdf_signatures *ret_signatures);

/* Accepts a zeroed struct. */
void pdf_signatures_free(struct pdf_signatures *signatures);

/* The document's catalog. 0 or ERR_DOCUMENT_INVALID. */
int pdf_catalog_read(struct pdf *pdf, struct pdf_value *ret_reference, struct pdf_value *ret_catalog);

/* A text string (7.9.2.2) as UTF-8; the caller frees *ret_text. 0, ERR_DOCUMENT_INVALID (no string) or ERR_TOO_LARGE (beyond max bytes). */
int pdf_text_read(const struct pdf_value *value, size_t max, char **ret_text);

/* A date (7.9.4): "D:YYYYMMDDHHmmSSOHH'mm'". False when it is none, or lacks its time zone. */
bool pdf_date_read(const struct pdf_value *value, time_t *ret_time);

/*
 * What changes a signature permits: the /P of its DocMDP, or of the certifying signature of the document as it stands.  0: neither says
 * anything, or fields are locked by a FieldMDP; else 1 (none), 2 (forms and signatures), 3 (also annotations).
 */
int pdf_permission_read(struct pdf *pdf, const struct pdf_signature *signature, unsigned *ret_permission);

#endif
