/* SPDX-License-Identifier: Apache-2.0 */
/* pdf/xref.h: between xref.c, which walks the sections, and the readers of the two kinds of section. */
#ifndef PDF_XREF_H
#define PDF_XREF_H

#include "pdf/pdf.h"

/* Notes an entry unless a newer section has spoken of this number. 0, ERR_TOO_LARGE or ERR_INTERNAL. */
int pdf_entry_add(struct pdf *pdf, uint64_t number, enum pdf_entry_kind kind, uint64_t where, uint32_t detail);

/* Reads a classic section after the word "xref"; its trailer dictionary. An /XRefStm comes between its used and its free entries. */
int pdf_xref_table_read(struct pdf *pdf, struct pdf_cursor *c, struct pdf_value *ret_trailer);

/* Reads the cross-reference stream at an offset; its dictionary. */
int pdf_xref_stream_read(struct pdf *pdf, uint64_t offset, struct pdf_value *ret_trailer);

#endif
