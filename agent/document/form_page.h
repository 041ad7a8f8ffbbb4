/* SPDX-License-Identifier: Apache-2.0 */
/* document/form_page.h: op render of agent/HELPERS.md: a filled-in form as a PDF page, to be signed or printed. */
#ifndef DOCUMENT_FORM_PAGE_H
#define DOCUMENT_FORM_PAGE_H

#include <stddef.h>
#include <cjson/cJSON.h>

#define FORM_PDF_MAX (16u << 20)	/* bytes of a page's PDF without its attachments */

/*
 * Writes the PDF to output_fd (borrowed, empty) and gives {size, sha256, pages, signature}, the caller's.  files (borrowed) are the attachments
 * that the request names, in its order.  The same request gives the same bytes with the same libraries.  ERR_INVALID_PARAMS: the request lacks
 * something, or an attachment is not what it says; ERR_FORM_INVALID: a character that can't be shown; ERR_TOO_LARGE: more than FORM_PAGES_MAX
 * pages; ERR_STORAGE_FULL; ERR_INTERNAL: fonts missing, no memory.  After an error the output may hold a part.
 */
int form_page_render(const cJSON *request, const int *files, size_t files_count, int output_fd, cJSON **ret_result);

#endif
