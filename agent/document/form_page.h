/* SPDX-License-Identifier: Apache-2.0 */
/* document/form_page.h: op render of agent/HELPERS.md: a filled-in form as a PDF page, to be signed or printed. */
#ifndef DOCUMENT_FORM_PAGE_H
#define DOCUMENT_FORM_PAGE_H

#include <cjson/cJSON.h>

#define FORM_PDF_MAX (16u << 20)	/* bytes of a page's PDF */

/*
 * Writes the PDF to output_fd (borrowed, empty) and gives {size, sha256, pages, signature}, the caller's.  The same request gives the same bytes
 * with the same libraries.  ERR_INVALID_PARAMS: the request lacks something; ERR_FORM_INVALID: a character that can't be shown;
 * ERR_TOO_LARGE: more than FORM_PAGES_MAX pages; ERR_INTERNAL: fonts missing, disk full, no memory.
 */
int form_page_render(const cJSON *request, int output_fd, cJSON **ret_result);

#endif
