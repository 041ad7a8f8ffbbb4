/* SPDX-License-Identifier: Apache-2.0 */
/* operations/document_pages.h: pictures of the pages of what is about to be signed, for the consent window, one at a time. */
#ifndef OPERATIONS_DOCUMENT_PAGES_H
#define OPERATIONS_DOCUMENT_PAGES_H

#include "operations/call.h"

struct document_pages;

/*
 * drawn is told of each page that was asked for: the `page` of agent/HELPERS.md (its own to free), and the picture's file (borrowed; -1 when
 * it could not be drawn).  NULL when memory runs out.
 */
struct document_pages *document_pages_new(struct services *services, void (*drawn)(void *context, cJSON *page, int picture), void *context);

/* Has a page of the file drawn (borrowed, opened again; -1: there is no such file): wanted has `document`, `page`, `width`. */
void document_pages_ask(struct document_pages *pages, int file, const cJSON *wanted);

/* Ends the process that draws; drawn is not called any more. Leaves NULL behind; accepts NULL. */
void document_pages_end(struct document_pages **pages);

#endif
