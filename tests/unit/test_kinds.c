/* SPDX-License-Identifier: Apache-2.0 */
/* test_kinds.c: answers to reset, and the kinds of cards that the installed files tell by them. */
#include "test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/json.h"
#include "devices/atr.h"
#include "devices/kinds.h"

static void
historical_bytes_are_found_behind_the_interface_bytes(void)
{
	static const struct {
		const char *atr, *historical;	/* NULL: not an ATR */
	} cases[] = {
		{ "3B951381018073FF01000B", "8073FF0100" },
		{ "3B9F968131FE458065544320201231C073F621808105B3", "8065544320201231C073F621808105" },
		{ "3BBA11008131FE4D55454B41452056312E30AE", "55454B41452056312E30" },
		{ "3B00", "" },
		{ "3B0141", "41" },
		{ "3B01", NULL },
		{ "3B80", NULL },
		{ "3BF0", NULL },
		{ "3B", NULL },
		{ "", NULL },
		{ "xy", NULL },
		{ "3B9F96", NULL },
		{ "3B8080808080808080808080808080808080808080808080808080808080808080808080", NULL },
	};

	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		char historical[ATR_TEXT_MAX] = "?";
		bool good = atr_historical(cases[i].atr, historical);

		CHECK_MSG(good == (cases[i].historical != NULL), "case %zu", i);
		CHECK_MSG(!good || strcmp(historical, cases[i].historical) == 0, "case %zu: %s", i, historical);
	}
}

static void
patterns_are_prefixes_or_the_whole(void)
{
	CHECK(atr_pattern_matches("80..54", "80FF5431", false));
	CHECK(!atr_pattern_matches("80..54", "80FF5431", true));
	CHECK(atr_pattern_matches("80..54", "80FF54", true));
	CHECK(!atr_pattern_matches("80..54", "80FF", false));
	CHECK(!atr_pattern_matches("80..54", "81FF54", false));
}

static void
cards_in_use_are_told_by_their_atr(void)
{
	static const struct {
		const char *atr, *kind;
	} cases[] = {
		{ "3BBA11008131FE4D55454B41452056312E30AE", "akis" },
		{ "3B9F968131FE45806755454B41451112318073B3A180E9", "akis" },
		{ "3B9F968131FE45806755454B4145125231" "8073B3A180AA", "akis" },
		{ "3B9F968131FE45806755454B414512A5318073B3A1805D", "akis" },
		{ "3B9F158131FE45806755454B41451221318073B3A1805A", "akis" },
		{ "3B9F138131FE45806755454B41451261318073B3A1801C", "akis" },
		{ "3B9F968131FE458065544320201231C073F621808105B3", "akis" },
		{ "3B9F968131FE4580655443D3210831C073F6218081055B", "akis" },
		{ "3B9F978131FE458065544312210031C073F62180810593", "akis" },
		{ "3B9F978131FE4580655443E4210831C073F6218081056D", "akis" },
		{ "3B9F978131FE458065544353228231C073F62180810553", "akis" },
		{ "3BD5180081313A7D8073C8211030", "safenet_etoken" },
		{ "3B7F96000080318065B0846160FB120FFD829000", "safenet_etoken" },
		{ "3BBB1800C01031FE4580670412B00303000081053C", "safesign" },
		{ "3BF81800FF8131FE454A434F507632343143", "safesign" },
		{ "3B7D94000080318065B08301029083009000", "gemplus" },
		{ "3BF2180002C10A31FE58C80874", "t_kart" },
		{ "3BD21802C10A31FE58C80D51", "cardos" },
		{ "3BFF1100008131FE4D8025A00000005657444B3333300600D0", "datakey" },
		{ "3B951381018073FF01000B", NULL },
		{ "3B9F968131FE45806655454B4145", NULL },
		{ "", NULL },
	};
	struct kinds *kinds = NULL;

	CHECK(kinds_new(CARDS_FOLDER, &kinds) == 0);
	CHECK(cJSON_GetArraySize(kinds_all(kinds)) == 13);	/* a file that is no good would be left out */
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		const cJSON *kind = kinds_find(kinds, cases[i].atr);
		const char *word = kind != NULL ? json_string(kind, "kind") : NULL;

		CHECK_MSG(cases[i].kind == NULL ? kind == NULL : word != NULL && strcmp(word, cases[i].kind) == 0, "case %zu: %s", i,
		    word != NULL ? word : "unknown");
	}
	kinds_free(kinds);
}

static void
modules_have_an_order(void)
{
	struct kinds *kinds = NULL;
	const cJSON *akis;

	CHECK(kinds_new(CARDS_FOLDER, &kinds) == 0);
	akis = kinds_find(kinds, "3BBA11008131FE4D55454B41452056312E30AE");
	CHECK(kind_module_rank(akis, "libakisp11.so") == 0);
	CHECK(kind_module_rank(akis, "opensc-pkcs11.so") == -1);
	CHECK(kind_module_rank(NULL, "libakisp11.so") == -1);
	kinds_free(kinds);
}

static void
a_folder_that_is_not_there_knows_nothing(void)
{
	struct kinds *kinds = NULL;

	CHECK(kinds_new("/nonexistent", &kinds) == 0);
	CHECK(kinds_find(kinds, "3BBA11008131FE4D55454B41452056312E30AE") == NULL);
	kinds_free(kinds);
}

static void
a_kind_tells_how_long_its_pins_are(void)
{
	struct kinds *kinds = NULL;
	struct pin_lengths lengths;

	CHECK(kinds_new(CARDS_FOLDER, &kinds) == 0);
	lengths = kind_pin_lengths(kinds_find(kinds, "3BBA11008131FE4D55454B41452056312E30AE"));
	CHECK(lengths.min == 6 && lengths.max == 8);
	lengths = kind_pin_lengths(kinds_find(kinds, "3BF2180002C10A31FE58C80874"));
	CHECK(lengths.min == 0 && lengths.max == 0);
	lengths = kind_pin_lengths(NULL);
	CHECK(lengths.min == 0 && lengths.max == 0);
	kinds_free(kinds);
}

static void
lengths_narrow_to_what_both_allow(void)
{
	static const struct {
		struct pin_lengths token, kind, both;
	} cases[] = {
		{ { 4, 8 }, { 6, 8 }, { 6, 8 } },
		{ { 4, 16 }, { 6, 8 }, { 6, 8 } },
		{ { 0, 0 }, { 6, 8 }, { 6, 8 } },
		{ { 6, 8 }, { 0, 0 }, { 6, 8 } },
		{ { 7, 7 }, { 6, 8 }, { 7, 7 } },
		{ { 4, 5 }, { 6, 8 }, { 4, 5 } },	/* they contradict each other */
		{ { 10, 0 }, { 6, 8 }, { 10, 0 } },
		{ { 0, 0 }, { 0, 0 }, { 0, 0 } },
	};

	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct pin_lengths both = pin_lengths_narrow(cases[i].token, cases[i].kind);

		CHECK_MSG(both.min == cases[i].both.min && both.max == cases[i].both.max, "case %zu: %u to %u", i, both.min, both.max);
	}
}

static void
lengths_that_make_no_sense_leave_the_file_out(void)
{
	static const char *const pins[] = { "6", "{}", "{\"minLength\":6}", "{\"minLength\":8,\"maxLength\":6}", "{\"minLength\":0,\"maxLength\":8}",
		"{\"minLength\":-1,\"maxLength\":8}", "{\"minLength\":6,\"maxLength\":64}", "{\"minLength\":\"6\",\"maxLength\":\"8\"}" };
	char folder[] = "/tmp/kinds-XXXXXX", path[64];

	CHECK(mkdtemp(folder) != NULL);
	snprintf(path, sizeof(path), "%s/a.json", folder);
	for (size_t i = 0; i <= COUNT_OF(pins); i++) {
		struct kinds *kinds = NULL;
		FILE *file = fopen(path, "w");

		fprintf(file, "{\"kind\":\"a\",\"name\":{\"tr\":\"A\",\"en\":\"A\"},\"modules\":[\"a.so\"],\"provider\":\"A\",\"pin\":%s}",
		    i < COUNT_OF(pins) ? pins[i] : "{\"minLength\":6,\"maxLength\":8}");
		fclose(file);
		CHECK(kinds_new(folder, &kinds) == 0);
		CHECK_MSG(cJSON_GetArraySize(kinds_all(kinds)) == (i == COUNT_OF(pins)), "case %zu", i);
		kinds_free(kinds);
	}
	unlink(path);
	rmdir(folder);
}

TEST_MAIN(TEST_CASE(historical_bytes_are_found_behind_the_interface_bytes), TEST_CASE(patterns_are_prefixes_or_the_whole),
    TEST_CASE(cards_in_use_are_told_by_their_atr), TEST_CASE(modules_have_an_order),
    TEST_CASE(a_kind_tells_how_long_its_pins_are), TEST_CASE(lengths_narrow_to_what_both_allow),
    TEST_CASE(lengths_that_make_no_sense_leave_the_file_out), TEST_CASE(a_folder_that_is_not_there_knows_nothing))
