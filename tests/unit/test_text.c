/* SPDX-License-Identifier: Apache-2.0 */
/* test_text.c: what a hostile text turns into, and how it is broken into rows and pages. */
#include "test.h"

#include <stdlib.h>

#include "prompt/language.h"
#include "prompt/pages.h"
#include "prompt/text.h"

#define ORIGIN "https://basvuru.example"

static void
deceiving_characters_become_visible(void)
{
	static const struct {
		const char *text, *shown;
	} cases[] = {
		{ "Başvuru İĞÜŞÖÇ ığüşöç.pdf", "Başvuru İĞÜŞÖÇ ığüşöç.pdf" },
		{ "", "" },
		{ "a\xe2\x80\xae" "b", "a[U+202E]b" },
		{ "a\xe2\x81\xa6" "b", "a[U+2066]b" },
		{ "\xd8\x9c", "[U+061C]" },
		{ "a\tb  c \xc2\xa0 d ", "a b c d" },
		{ "a\r\nb\nc", "a ⏎ b ⏎ c" },
		{ "a\rb", "a[U+000D]b" },
		{ "\x1b[1m\x7f", "[U+001B][1m[U+007F]" },
		{ "\xf3\xa0\x81\x81", "[U+E0041]" },
		{ "\xef\xbb\xbf", "[U+FEFF]" },
		/* Invalid UTF-8: a stray byte, overlong, a surrogate, beyond Unicode, cut at the end. */
		{ "a\x80" "b", "a\xef\xbf\xbd" "b" },
		{ "\xc0\xaf", "\xef\xbf\xbd\xef\xbf\xbd" },
		{ "\xed\xa0\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd" },
		{ "\xf4\x90\x80\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd" },
		{ "a\xe2\x82", "a\xef\xbf\xbd\xef\xbf\xbd" },
	};
	char shown[TEXT_BYTES(TEXT_NAME_MAX)];

	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		text_safe(cases[i].text, TEXT_NAME_MAX, shown);
		CHECK_STR(shown, cases[i].shown);
	}
}

static void
a_text_is_cut_at_code_points_and_never_in_an_escape(void)
{
	char shown[TEXT_BYTES(8)];

	text_safe("ğğğğğğğğ", 8, shown);
	CHECK_STR(shown, "ğğğğğğğğ");
	text_safe("ğğğğğğğğğ", 8, shown);
	CHECK_STR(shown, "ğğğğğğğğ…");
	text_safe("a\xe2\x80\xae", 8, shown);
	CHECK_STR(shown, "a…");
	text_safe("\xf0\x9f\x98\x80\xf0\x9f\x98\x80\xf0\x9f\x98\x80\xf0\x9f\x98\x80\xf0\x9f\x98\x80\xf0\x9f\x98\x80\xf0\x9f\x98\x80\xf0\x9f\x98\x80"
	    "\xf0\x9f\x98\x80", 8, shown);
	CHECK_INT(strlen(shown), TEXT_BYTES(8) - 1);
}

static void
percent_and_line_breaks_are_escaped_for_assuan(void)
{
	struct buf out;

	buf_init(&out, 64);
	text_append_escaped(&out, "%0A\r\nş", 7);
	CHECK_INT(out.len, text_escaped_len("%0A\r\nş", 7));
	CHECK(out.len == 13 && memcmp(out.data, "%250A%0D%0Aş", 13) == 0);
	buf_clear(&out);
}

static char *
page_of(const char *text, unsigned indent)
{
	struct pages *pages = pages_new(ORIGIN);
	char *page;

	pages_add(pages, text, indent);
	CHECK_INT(pages_count(pages), 1);
	page = pages_text(pages, 0);
	pages_free(pages);
	return page;
}

static void
rows_break_at_spaces_and_long_words_are_marked(void)
{
	char word[PAGE_COLUMNS + 12], expected[512], *page;

	memset(word, 'x', sizeof(word) - 1);
	word[sizeof(word) - 1] = '\0';
	page = page_of(word, 2);
	snprintf(expected, sizeof(expected), ORIGIN "\n\n%.*s\n  ↪%s", PAGE_COLUMNS, word, word + PAGE_COLUMNS);
	CHECK_STR(page, expected);
	free(page);

	word[PAGE_COLUMNS - 4] = ' ';
	page = page_of(word, 0);
	snprintf(expected, sizeof(expected), ORIGIN "\n\n%.*s\n%s", PAGE_COLUMNS - 4, word, word + PAGE_COLUMNS - 3);
	CHECK_STR(page, expected);
	free(page);

	page = page_of("", 0);
	CHECK_STR(page, ORIGIN "\n\n");
	free(page);
}

static void
pages_fit_an_assuan_line_and_the_screen(void)
{
	struct pages *pages = pages_new(ORIGIN);
	char *page;

	for (size_t i = 0; i < 200; i++)
		pages_add_format(pages, 2, "Alan %zu: %s", i, i % 2 == 0 ? "%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%" : "değer");
	CHECK(pages_count(pages) > 5);
	language_set("tr");
	for (size_t i = 0; i < pages_count(pages); i++) {
		page = pages_text(pages, i);
		CHECK(text_escaped_len(page, strlen(page)) <= PAGE_BYTES);
		CHECK(strstr(page, "Sayfa") != NULL);
		free(page);
	}
	language_set("en");
	page = pages_text(pages, 0);
	CHECK(strstr(page, "Page 1 of ") != NULL);
	free(page);
	pages_free(pages);
}

static void
more_than_the_last_page_is_a_failure_not_a_cut(void)
{
	struct pages *pages = pages_new(ORIGIN);

	for (size_t i = 0; i < PAGES_MAX * PAGE_ROWS; i++)
		pages_add(pages, "satır", 0);
	CHECK_INT(pages_count(pages), 0);
	pages_free(pages);
	pages_free(NULL);
}

static void
texts_come_in_both_languages(void)
{
	language_set("tr");
	CHECK_STR(language_text("Refuse"), "Reddet");
	CHECK_STR(language_text("no such text"), "no such text");
	CHECK_STR(language_plural("%d byte", "%d bytes", 2), "%d bayt");
	language_set("en");
	CHECK_STR(language_text("Refuse"), "Refuse");
	CHECK_STR(language_plural("%d byte", "%d bytes", 1), "%d byte");
	CHECK_STR(language_plural("%d byte", "%d bytes", 2), "%d bytes");
	language_set(NULL);
	CHECK(language_is_turkish());
}

TEST_MAIN(TEST_CASE(deceiving_characters_become_visible), TEST_CASE(a_text_is_cut_at_code_points_and_never_in_an_escape),
    TEST_CASE(percent_and_line_breaks_are_escaped_for_assuan), TEST_CASE(rows_break_at_spaces_and_long_words_are_marked),
    TEST_CASE(pages_fit_an_assuan_line_and_the_screen), TEST_CASE(more_than_the_last_page_is_a_failure_not_a_cut),
    TEST_CASE(texts_come_in_both_languages))
