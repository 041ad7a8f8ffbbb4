/* SPDX-License-Identifier: Apache-2.0 */
/* test_form_name.c: two spellings of one name are one name; two names are two. */
#include "test.h"

#include <stddef.h>

#include "forms/name.h"

static const struct { const char *a, *b; } same[] = {
	{ "", "" },
	{ "Çağla Şule Öğüt", "Çağla Şule Öğüt" },
	{ "Çağla Şule Öğüt", "ÇAĞLA ŞULE ÖĞÜT" },
	{ "Işıl Yıldız", "IŞIL YILDIZ" },
	{ "İpek Dizdar", "İPEK DİZDAR" },
	{ "ipek", "İPEK" },
	{ "ılgın", "ILGIN" },
	{ "Ümit Gündoğdu", "ÜMİT GÜNDOĞDU" },
	{ "Kâmil Hilmî Sükûn", "KÂMİL HİLMÎ SÜKÛN" },
	{ "  Ali   Can ", "ali\tcan" },
	{ "Ali\xc2\xa0" "Can", "Ali Can" },
	{ "Ayşe D'Arcy", "AYŞE D’ARCY" },
	{ "Ağca", "Ag\xcc\x86" "ca" },
	{ "ÇİÇEK", "C\xcc\xa7" "I\xcc\x87" "C\xcc\xa7" "EK" },
	{ "çiçek", "C\xcc\xa7" "I\xcc\x87" "C\xcc\xa7" "EK" },
	{ "İpek", "i\xcc\x87" "pek" },
	{ "Şükrü Öz", "S\xcc\xa7" "U\xcc\x88" "KRU\xcc\x88 O\xcc\x88Z" },
	{ "Hilmî", "HI\xcc\x87" "LMI\xcc\x82" },
	{ "ŁĄCZŇÝŸŹ", "łączňýÿź" },
	{ "Ĺľŉĸ", "ĺĽŉĸ" },
	{ "阿里", "阿里" },
	{ "\xff" "a", "\xff" "A" },
};

static const struct { const char *a, *b; } different[] = {
	{ "Ali", "" },
	{ "", "Ali" },
	{ "Ali", "Ali Can" },
	{ "Ali Can", "Alican" },
	{ "Ali", "ALI" },	/* capitals of another language: to be looked at by a person */
	{ "Işık", "ISIK" },
	{ "Isık", "İSIK" },
	{ "Çağla", "Cagla" },
	{ "Kâmil", "Kamil" },
	{ "Ağ", "Ag\xcc\x82" },
	{ "Ayşe Öğüt", "Öğüt Ayşe" },
	{ "Can", "Cans" },
	{ "×", "÷" },
	{ "\xc3", "\xc4" },
	{ "a\xe2\x80\x8b" "b", "ab" },
};

static void
spellings_of_one_name_are_the_same(void)
{
	for (size_t i = 0; i < COUNT_OF(same); i++) {
		CHECK_MSG(name_same(same[i].a, same[i].b), "%s, %s", same[i].a, same[i].b);
		CHECK_MSG(name_same(same[i].b, same[i].a), "%s, %s", same[i].b, same[i].a);
	}
}

static void
other_names_are_not(void)
{
	for (size_t i = 0; i < COUNT_OF(different); i++) {
		CHECK_MSG(!name_same(different[i].a, different[i].b), "%s, %s", different[i].a, different[i].b);
		CHECK_MSG(!name_same(different[i].b, different[i].a), "%s, %s", different[i].b, different[i].a);
	}
}

TEST_MAIN(TEST_CASE(spellings_of_one_name_are_the_same), TEST_CASE(other_names_are_not))
