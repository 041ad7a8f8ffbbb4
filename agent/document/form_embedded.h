/* SPDX-License-Identifier: Apache-2.0 */
/* document/form_embedded.h: the form's data and attachments that a page of ours carries (document/form_archive.h), read back from one revision. */
#ifndef DOCUMENT_FORM_EMBEDDED_H
#define DOCUMENT_FORM_EMBEDDED_H

#include <cjson/cJSON.h>

#include "pdf/pdf.h"

#define PDF_FORM_DATA_MAX ((size_t)512 << 10)	/* bytes of form.json; more is told without the data */

/*
 * *ret_form: {id, version, data, attachments} when the document has form.json as its associated file and its subject names the form ("renewal
 * 1"), as form_page.c writes them; data is left out when it is too large, attachments (types.json verifiedSignature) when there are none.
 * NULL when there is no such thing, or it can't be read.  A file that has other contents for other systems (ISO 32000-1 table 44) counts as unreadable.  The caller deletes it.  0 or ERR_INTERNAL.
 */
int pdf_form_data_read(struct pdf *pdf, cJSON **ret_form);

#endif
