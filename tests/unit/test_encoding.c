/* SPDX-License-Identifier: Apache-2.0 */
/* test_encoding.c: base64 and hex take what they should and refuse the rest. */
#include "test.h"

#include <stdlib.h>

#include "base/encoding.h"
#include "base/err.h"

static void
base64_goes_both_ways(void)
{
	static const struct { const char *bytes, *text; } cases[] = {
		{ "", "" }, { "f", "Zg==" }, { "fo", "Zm8=" }, { "foo", "Zm9v" }, { "foobar", "Zm9vYmFy" }, { "\xff\xfe\xfd", "//79" },
	};

	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		unsigned char *data = NULL;
		size_t len = 0;
		char *text = base64_encode(cases[i].bytes, strlen(cases[i].bytes));

		CHECK_STR(text, cases[i].text);
		CHECK_INT(base64_decode(cases[i].text, &data, &len), 0);
		CHECK(len == strlen(cases[i].bytes) && memcmp(data, cases[i].bytes, len) == 0);
		free(text);
		free(data);
	}
}

static void
base64_refuses_what_is_not_canonical(void)
{
	static const char *const cases[] = { "Z", "Zg", "Zg=", "Zg===", "Zh==", "Zm9=", "Z===", "====", "Zm 9v", "Zm9v\n", "Zm9-", "=Zm9" };

	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		unsigned char *data = NULL;
		size_t len;

		CHECK_MSG(base64_decode(cases[i], &data, &len) == ERR_INVALID_PARAMS && data == NULL, "case %zu", i);
	}
}

static void
base64url_is_taken_without_padding_only(void)
{
	static const char *const bad[] = { "Zg==", "Zm9+", "Zm9/", "Zh", "Z", "Zm9v\n", "Zm 9" };
	unsigned char *data = NULL;
	size_t len = 0;

	for (size_t i = 0; i < COUNT_OF(bad); i++)
		CHECK_MSG(base64url_decode(bad[i], strlen(bad[i]), &data, &len) == ERR_INVALID_PARAMS && data == NULL, "case %zu", i);
	CHECK_INT(base64url_decode("Zm\0v", 4, &data, &len), ERR_INVALID_PARAMS);
	CHECK_INT(base64url_decode("-_8Zrest", 4, &data, &len), 0);
	CHECK(len == 3 && memcmp(data, "\xfb\xff\x19", 3) == 0);
	free(data);
	CHECK_INT(base64url_decode("-_8", 3, &data, &len), 0);
	CHECK(len == 2 && memcmp(data, "\xfb\xff", 2) == 0);
	free(data);
}

static void
hex_goes_both_ways_and_refuses_the_rest(void)
{
	unsigned char *data = NULL;
	size_t len = 0;
	char *text = hex_encode("\x00\xab", 2);

	CHECK_STR(text, "00ab");
	free(text);
	CHECK_INT(hex_decode("00aBCd", &data, &len), 0);
	CHECK(len == 3 && memcmp(data, "\x00\xab\xcd", 3) == 0);
	free(data);
	CHECK_INT(hex_decode("0", &data, &len), ERR_INVALID_PARAMS);
	CHECK_INT(hex_decode("0g", &data, &len), ERR_INVALID_PARAMS);
}

TEST_MAIN(TEST_CASE(base64_goes_both_ways), TEST_CASE(base64_refuses_what_is_not_canonical),
    TEST_CASE(base64url_is_taken_without_padding_only),
    TEST_CASE(hex_goes_both_ways_and_refuses_the_rest))
