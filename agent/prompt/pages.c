/* SPDX-License-Identifier: Apache-2.0 */
/* prompt/pages.c: line breaking and paging. Our own line breaking: pinentry does not break a long word, it leaves the screen. */
#include "prompt/pages.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "prompt/language.h"
#include "prompt/text.h"

#define MARK_BYTES 48	/* "page i of n" and two line breaks */
#define MARK_ROWS 2
#define ROW_BYTES (PAGE_COLUMNS * 4 * 3)

struct page {
	struct buf text;	/* rows with a line break between them */
	size_t escaped;		/* bytes of it in an Assuan line */
	unsigned rows;
};

struct pages {
	struct page header;
	struct page page[PAGES_MAX];
	size_t count;
	bool full;		/* the next row goes onto a new page */
	bool failed;
};

static bool
page_fits(const struct page *header, const struct page *page, unsigned rows, size_t escaped)
{
	return header->escaped + MARK_BYTES + page->escaped + 3 * rows + escaped <= PAGE_BYTES &&
	    header->rows + MARK_ROWS + page->rows + rows <= PAGE_ROWS;
}

static void
page_add_row(struct page *page, const char *row, size_t len)
{
	if (page->rows > 0)
		buf_append_string(&page->text, "\n");
	buf_append(&page->text, row, len);
	page->escaped += text_escaped_len(row, len) + (page->rows > 0 ? 3 : 0);
	page->rows++;
}

static void
pages_add_row(struct pages *pages, const char *row, size_t len)
{
	struct page *page = pages->count > 0 ? &pages->page[pages->count - 1] : NULL;

	if (page == NULL || pages->full || !page_fits(&pages->header, page, 1, text_escaped_len(row, len))) {
		if (pages->count == PAGES_MAX) {
			pages->failed = true;
			return;
		}
		page = &pages->page[pages->count++];
		buf_init(&page->text, PAGE_BYTES);
		pages->full = false;
		pages->failed = pages->failed || !page_fits(&pages->header, page, 1, text_escaped_len(row, len));
	}
	page_add_row(page, row, len);
	pages->failed = pages->failed || page->text.failed;
}

/*
 * The first row of *text, at most columns wide: up to the last space that fits, else in the middle of a word.  *text moves behind it
 * and the space.  True when a word was cut.
 */
static bool
row_take(const char **text, unsigned columns, size_t *ret_len)
{
	const char *start = *text, *s = start, *before, *space = NULL;
	unsigned used = 0;
	uint32_t point;

	for (before = s; (point = text_next(&s)) != 0; before = s) {
		used += point == UINT32_MAX ? 1 : text_columns(point);
		if (point == ' ')
			space = before;
		if (used > columns)
			break;
	}
	if (point == 0 || space == NULL) {
		*ret_len = (size_t)(before - start);
		*text = before;
		return point != 0;
	}
	*ret_len = (size_t)(space - start);
	*text = space + 1;
	return false;
}

static void
paragraph_break(const char *text, unsigned indent, void (*add)(void *context, const char *row, size_t len), void *context)
{
	bool cut = false, first = true;
	char row[ROW_BYTES];
	const char *taken;
	size_t len;
	int n;

	while (first || *text != '\0') {
		taken = text;
		/* A word that goes on in the next row is marked there, so that no part of it passes for a line of ours. */
		n = snprintf(row, sizeof(row), "%*s%s", first ? 0 : (int)indent, "", cut ? "\xe2\x86\xaa" : "");
		cut = row_take(&text, PAGE_COLUMNS - (first ? 0 : indent + 1), &len);
		if ((size_t)n + len > sizeof(row))
			len = sizeof(row) - (size_t)n;	/* can't be: zero-width marks come two a letter at most */
		memcpy(row + n, taken, len);
		add(context, row, (size_t)n + len);
		first = false;
	}
}

static void
add_to_pages(void *context, const char *row, size_t len)
{
	pages_add_row(context, row, len);
}

static void
add_to_header(void *context, const char *row, size_t len)
{
	page_add_row(context, row, len);
}

struct pages *
pages_new(const char *header)
{
	struct pages *pages = calloc(1, sizeof(*pages));

	if (pages == NULL)
		return NULL;
	buf_init(&pages->header.text, PAGE_BYTES);
	paragraph_break(header, 0, add_to_header, &pages->header);
	pages->failed = pages->header.text.failed;
	return pages;
}

void
pages_free(struct pages *pages)
{
	if (pages == NULL)
		return;
	buf_clear(&pages->header.text);
	for (size_t i = 0; i < pages->count; i++)
		buf_clear(&pages->page[i].text);
	free(pages);
}

void
pages_add(struct pages *pages, const char *text, unsigned indent)
{
	paragraph_break(text, indent, add_to_pages, pages);
}

void
pages_add_format(struct pages *pages, unsigned indent, const char *format, ...)
{
	char *text = NULL;
	va_list arguments;

	va_start(arguments, format);
	if (vasprintf(&text, format, arguments) >= 0)
		pages_add(pages, text, indent);
	else
		pages->failed = true;
	va_end(arguments);
	free(text);
}

void
pages_add_blank(struct pages *pages)
{
	struct page *page = pages->count > 0 ? &pages->page[pages->count - 1] : NULL;

	if (page != NULL && !pages->full && page_fits(&pages->header, page, 1, 0))
		pages_add_row(pages, "", 0);
}

void
pages_keep(struct pages *pages, unsigned rows)
{
	const struct page *page = pages->count > 0 ? &pages->page[pages->count - 1] : NULL;

	if (page != NULL && page->rows > 0 && !page_fits(&pages->header, page, rows, (size_t)rows * PAGE_COLUMNS))
		pages->full = true;
}

size_t
pages_count(const struct pages *pages)
{
	return pages->failed ? 0 : pages->count;
}

char *
pages_text(const struct pages *pages, size_t i)
{
	const struct page *page = &pages->page[i];
	char mark[MARK_BYTES] = "", *text = NULL;

	if (pages->count > 1)
		snprintf(mark, sizeof(mark), _("Page %zu of %zu"), i + 1, pages->count);
	if (asprintf(&text, "%.*s\n%s%s\n%.*s", (int)pages->header.text.len, (const char *)pages->header.text.data, mark,
	    pages->count > 1 ? "\n" : "", (int)page->text.len, page->text.len > 0 ? (const char *)page->text.data : "") < 0)
		return NULL;
	return text;
}
