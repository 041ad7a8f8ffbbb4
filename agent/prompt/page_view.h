/* SPDX-License-Identifier: Apache-2.0 */
/* prompt/page_view.h: the pages of what is signed, as pictures that imza-document made; this program reads pixels and no document. */
#ifndef PROMPT_PAGE_VIEW_H
#define PROMPT_PAGE_VIEW_H

#include <gtk/gtk.h>

#include "base/helper.h"

struct page_view;

/*
 * A view without a page yet.  settled (may be NULL) is called when a page, or that it can't be shown, is seen.  Pair with page_view_free(),
 * which the caller does after the window has gone.
 */
struct page_view *page_view_new(struct helper_call *call, void (*settled)(void *context), void *context);
void page_view_free(struct page_view *view);

/* The view, and its buttons, which the caller places. */
GtkWidget *page_view_widget(struct page_view *view);
GtkWidget *page_view_tools(struct page_view *view);

/* Asks the agent for the first page of this document (its number in the summary). */
void page_view_show(struct page_view *view, size_t document);

#endif
