/* SPDX-License-Identifier: Apache-2.0 */
/* test_site.c: what is shown of the site that asks, and which addresses in other letters are marked. */
#include "test.h"

#include <stdlib.h>

#include "base/err.h"
#include "prompt/language.h"
#include "prompt/site.h"

static void
addresses_are_shown_both_ways(void)
{
	static const struct {
		const char *origin, *letters;
		enum site_doubt doubt;
	} cases[] = {
		{ "https://basvuru.hastane.example", NULL, SITE_PLAIN },
		{ "https://basvuru.hastane.example:8443", NULL, SITE_PLAIN },
		{ "http://[::1]:8765", NULL, SITE_PLAIN },
		{ "http://127.0.0.1:8765", NULL, SITE_PLAIN },
		{ "https://xn--rnek-4qa.gov.tr", "https://örnek.gov.tr", SITE_PLAIN },
		{ "https://xn--rnek-4qa.gov.tr:8443", "https://örnek.gov.tr:8443", SITE_PLAIN },
		{ "https://xn--avc-lua.example", "https://avcı.example", SITE_PLAIN },
		/* Cyrillic only, and reads as Latin letters; Greek; Latin letters that Turkish does not have. */
		{ "https://xn--80ak6aa92e.com", "https://аррӏе.com", SITE_UNUSUAL },
		{ "https://xn--qxam.example", "https://ελ.example", SITE_UNUSUAL },
		{ "https://xn--mnchen-3ya.xn--caf-dma.example", "https://münchen.café.example", SITE_UNUSUAL },
		/* One Cyrillic letter among Latin ones. */
		{ "https://xn--pypal-4ve.com", "https://pаypal.com", SITE_MIXED },
		{ "https://giris.xn--pypal-4ve.xn--rnek-4qa.tr", "https://giris.pаypal.örnek.tr", SITE_MIXED },
		/* Not what a browser makes: no Punycode, letters that are not allowed, not in its shortest form, too long. */
		{ "https://xn--.example", "", SITE_UNREADABLE },
		{ "https://xn--a.example", "", SITE_UNREADABLE },
		{ "https://xn--999999999.example", "", SITE_UNREADABLE },
		{ "https://xn--abc-.example", "", SITE_UNREADABLE },
		{ "https://xn--aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.example", "", SITE_UNREADABLE },
	};
	struct site site;

	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		CHECK_INT(site_read(cases[i].origin, &site), 0);
		CHECK_STR(site.origin, cases[i].origin);
		CHECK_MSG(site.international == (cases[i].letters != NULL), "%s", cases[i].origin);
		if (cases[i].letters != NULL)
			CHECK_STR(site.letters, cases[i].letters);
		CHECK_MSG(site.doubt == cases[i].doubt, "%s: %d", cases[i].origin, site.doubt);
		CHECK_MSG((site_warning(&site) == NULL) == (cases[i].doubt == SITE_PLAIN), "%s", cases[i].origin);
	}
}

static void
an_address_that_can_not_be_shown_whole_is_refused(void)
{
	char origin[TEXT_ORIGIN_MAX + 2];
	struct site site;

	memset(origin, 'a', sizeof(origin) - 1);
	origin[sizeof(origin) - 1] = '\0';
	CHECK_INT(site_read(origin, &site), ERR_INVALID_PARAMS);
	CHECK_INT(site_read("", &site), ERR_INVALID_PARAMS);
	CHECK_INT(site_read(NULL, &site), ERR_INVALID_PARAMS);
	origin[TEXT_ORIGIN_MAX] = '\0';
	CHECK_INT(site_read(origin, &site), 0);
	CHECK_INT((long long)strlen(site.origin), TEXT_ORIGIN_MAX);
}

static void
hostile_letters_are_made_visible(void)
{
	struct site site;

	CHECK_INT(site_read("https://a\xe2\x80\xae.example", &site), 0);
	CHECK_STR(site.origin, "https://a[U+202E].example");
}

static void
pages_say_it_only_of_international_addresses(void)
{
	struct pages *pages = pages_new("x");
	struct site site;
	char *text;

	language_set("en");
	CHECK_INT(site_read("https://basvuru.example", &site), 0);
	site_add(&site, pages);
	CHECK_INT((long long)pages_count(pages), 0);
	CHECK_INT(site_read("https://xn--pypal-4ve.com", &site), 0);
	site_add(&site, pages);
	text = pages_text(pages, 0);
	CHECK(text != NULL && strstr(text, "In its own letters: https://pаypal.com") != NULL && strstr(text, "ATTENTION") != NULL);
	free(text);
	pages_free(pages);
}

TEST_MAIN(TEST_CASE(addresses_are_shown_both_ways), TEST_CASE(an_address_that_can_not_be_shown_whole_is_refused),
    TEST_CASE(hostile_letters_are_made_visible), TEST_CASE(pages_say_it_only_of_international_addresses))
