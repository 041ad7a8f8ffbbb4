/* SPDX-License-Identifier: Apache-2.0 */
/* document/page.h: pictures of a PDF's pages, drawn by poppler's own programs. */
#ifndef DOCUMENT_PAGE_H
#define DOCUMENT_PAGE_H

#include "base/helper.h"

/*
 * Why programs and not a library: this product is Apache-2.0, poppler is GPL and MuPDF AGPL; what is linked with them would have to be, too.
 * A program that is run, given a file and read from is not.  It also keeps their code out of this process.
 */

/* The sandbox of a process that draws: it runs poppler's two programs, which read their libraries and fonts. 0 or ERR_INTERNAL. */
int page_sandbox(void);

/*
 * Draws one page: `page` (from 1), `width` in pixels; descriptors: the PDF, an empty file for the picture.  0 and `pages`, `width`, `height`, `flawed`
 * (poppler found mistakes, and may have left something out): the file then holds width * height * 3 bytes of red, green, blue.  ERR_DOCUMENT_INVALID: poppler can't; ERR_TOO_LARGE; ERR_INVALID_PARAMS.
 */
int page_draw(struct helper_call *call, cJSON **ret_result);

#endif
