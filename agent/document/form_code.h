/* SPDX-License-Identifier: Apache-2.0 */
/* document/form_code.h: the square code on a form's page, by which a scanned paper finds its data. */
#ifndef DOCUMENT_FORM_CODE_H
#define DOCUMENT_FORM_CODE_H

#include "document/form_paint.h"

/*
 * Draws a QR code (ISO/IEC 18004, error correction level M) of "imza-form:ID:VERSION:SHA-256" (of the canonical data, hex), its quiet zone
 * included, in a square of this size; x, y: its top left corner.  paper->err becomes ERR_INTERNAL when it can't be made.
 */
void form_code_draw(struct paper *paper, const char *id, int version, const char *digest, double x, double y, double size);

#endif
