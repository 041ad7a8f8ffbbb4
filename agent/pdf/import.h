/* SPDX-License-Identifier: Apache-2.0 */
/* pdf/import.h: a page of one PDF as a picture in another: its content and what that needs, under new object numbers. */
#ifndef PDF_IMPORT_H
#define PDF_IMPORT_H

#include "pdf/update.h"

#define PDF_IMPORT_OBJECTS_MAX 40

/*
 * Appends the first page of source as a form XObject (ISO 32000-1 8.10) with this number and this /BBox, and fonts and whatever else its
 * resources lead to.  What Cairo leaves out of its fonts is added, as PDF/A wants it.  0, ERR_DOCUMENT_INVALID (no such page, its content is
 * in several streams), ERR_TOO_LARGE (more than PDF_IMPORT_OBJECTS_MAX objects).
 */
int pdf_import_page(struct pdf_update *update, struct pdf *source, uint32_t number, double width, double height);

#endif
