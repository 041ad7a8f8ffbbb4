/* SPDX-License-Identifier: Apache-2.0 */
/* pdf/compare.h: whether two PDF values say the same, however they are written. */
#ifndef PDF_COMPARE_H
#define PDF_COMPARE_H

#include "pdf/pdf.h"

/*
 * Compares names, numbers, strings by what they mean, arrays item by item, dictionaries by key, references by object number and generation
 * (not by what they lead to).  True when they are the same; what is malformed is not.  pdf counts the work.
 */
bool pdf_same(struct pdf *pdf, const struct pdf_value *a, const struct pdf_value *b);

bool pdf_names_same(const struct pdf_value *a, const struct pdf_value *b);

/*
 * Calls found for every reference in a value, at any depth, with the name that stands straight before it (in a dictionary its key; NULL:
 * another token does), until it returns other than 0; then that.  0 or ERR_DOCUMENT_INVALID.
 */
int pdf_references_walk(const struct pdf_value *value, int (*found)(void *context, uint32_t number, const struct pdf_value *name), void *context);

#endif
