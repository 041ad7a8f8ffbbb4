/* SPDX-License-Identifier: Apache-2.0 */
/* test_attachment_name.c: names of files that go along with a form: whatever a page calls them, nobody is misled by them. */
#include "test.h"

#include <glib.h>
#include <string.h>

#include "document/attachment_name.h"

static void
names_are_made_harmless(void)
{
	static const struct {
		const char *name, *kind, *made;
	} cases[] = {
		{ "dekont.pdf", "application/pdf", "dekont.pdf" },
		{ "Dekont 2026 (ğüşıöç İ).PDF", "application/pdf", "Dekont 2026 (ğüşıöç İ).PDF" },
		{ "resim.jpeg", "image/jpeg", "resim.jpeg" },
		{ "resim", "image/jpeg", "resim.jpg" },
		{ "resim.jpg", "image/png", "resim.jpg.png" },
		{ "kur.exe", "application/pdf", "kur.exe.pdf" },
		{ ".pdf", "application/pdf", "_pdf.pdf" },
		{ "..", "application/pdf", "__.pdf" },
		{ " boşluk ", "image/png", "_boşluk_.png" },
		{ "../../etc/passwd", "image/png", "_._.._etc_passwd.png" },
		{ "C:\\a*b?\"<>|.png", "image/png", "C__a_b_____.png" },
		{ "g\u0306.pdf", "application/pdf", "ğ.pdf" },			/* decomposed, as macOS has it */
		{ "a\u202efdp.exe", "application/pdf", "a_fdp.exe.pdf" },
		{ "a\u200bb\u00adc\ufeff.pdf", "application/pdf", "a_b_c_.pdf" },
		{ "病院\U0001f642.pdf", "application/pdf", "___.pdf" },
		{ "satır\nsonu\t.pdf", "application/pdf", "satır_sonu_.pdf" },
		{ "a\xff\xc0.pdf", "application/pdf", "a__.pdf" },		/* no UTF-8 */
	};

	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		char *name = attachment_name(cases[i].name, cases[i].kind);

		CHECK_MSG(name != NULL && strcmp(name, cases[i].made) == 0, "case %zu: %s", i, name);
		g_free(name);
	}
	CHECK(attachment_name("a.txt", "text/plain") == NULL);
	CHECK(attachment_name("a.pdf", "") == NULL);
}

static void
long_names_are_cut_and_keep_their_ending(void)
{
	char *long_name = g_strnfill(300, 'x'), *name, *numbered;

	name = attachment_name(long_name, "application/pdf");
	CHECK(strlen(name) <= ATTACHMENT_NAME_MAX && g_str_has_suffix(name, "xxx.pdf"));
	numbered = attachment_name_numbered(name, 8);
	CHECK(strlen(numbered) <= ATTACHMENT_NAME_MAX && g_str_has_suffix(numbered, "xxx-8.pdf"));
	g_free(long_name), g_free(name), g_free(numbered);
}

static void
a_number_goes_before_the_ending(void)
{
	char *name = attachment_name_numbered("dekont.eski.jpeg", 2);

	CHECK(strcmp(name, "dekont.eski-2.jpeg") == 0);
	g_free(name);
}

TEST_MAIN(TEST_CASE(names_are_made_harmless), TEST_CASE(long_names_are_cut_and_keep_their_ending), TEST_CASE(a_number_goes_before_the_ending))
