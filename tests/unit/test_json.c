/* SPDX-License-Identifier: Apache-2.0 */
/* test_json.c: which texts base/json takes for JSON, and what it reads in them. */
#include "test.h"

#include <stdlib.h>

#include "base/err.h"
#include "base/json.h"

#define CASES_LEAST 300

struct bytes {
	const char *data;
	size_t len;
};

#define BYTES(literal) { literal, sizeof(literal) - 1 }

static int cases_run;

/* Parses a copy that ends where the text ends, so that the sanitizer sees a read beyond it. */
static int
parse(const char *data, size_t len, cJSON **ret_json)
{
	char *copy = malloc(len > 0 ? len : 1);
	int err;

	memcpy(copy, data, len);
	err = json_parse(copy, len, ret_json);
	free(copy);
	cases_run++;
	return err;
}

static void
accepted(const char *data, size_t len)
{
	cJSON *json = NULL;

	CHECK_MSG(parse(data, len, &json) == 0 && json != NULL, "refused: %.*s", (int)len, data);
	cJSON_Delete(json);
}

static void
refused(const char *data, size_t len)
{
	cJSON *json = NULL;

	CHECK_MSG(parse(data, len, &json) == ERR_PARSE_ERROR && json == NULL, "accepted: %.*s", (int)len, data);
	cJSON_Delete(json);
}

/* The text alone, and inside an array and an object with white space around. */
static void
everywhere(void (*check)(const char *data, size_t len), const char *data, size_t len)
{
	char text[400];
	int n;

	check(data, len);
	n = snprintf(text, sizeof(text), "[1, %.*s ]", (int)len, data);
	check(text, (size_t)n);
	n = snprintf(text, sizeof(text), "\t{\"a\"\n:%.*s\r}", (int)len, data);
	check(text, (size_t)n);
}

static void
every_form_of_a_number_is_read(void)
{
	static const struct { const char *text; double value; } cases[] = {
		{ "0", 0 }, { "-0", 0 }, { "1", 1 }, { "-1", -1 }, { "10", 10 }, { "1234567890", 1234567890 }, { "9007199254740991", 9007199254740991 },
		{ "0.0", 0 }, { "0.5", 0.5 }, { "-0.25", -0.25 }, { "10.50", 10.5 }, { "1e0", 1 }, { "1E0", 1 }, { "1e2", 100 }, { "1e+2", 100 }, { "1E-2", 0.01 },
		{ "1e00002", 100 }, { "0e9", 0 }, { "1.5e3", 1500 }, { "-1.5E+3", -1500 }, { "1e308", 1e308 }, { "-1e308", -1e308 }, { "1e-400", 0 },
		{ "0.000000000000000000000000000001", 1e-30 }, { "123456789012345678901234567890", 123456789012345678901234567890.0 },
		{ "100000000000000000000000000000000000000000000000000000000000000", 1e62 },	/* 63 characters */
	};

	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		cJSON *json = NULL;

		CHECK_INT(parse(cases[i].text, strlen(cases[i].text), &json), 0);
		CHECK_MSG(json != NULL && json->valuedouble >= cases[i].value && json->valuedouble <= cases[i].value, "%s is %g", cases[i].text,
		    json != NULL ? json->valuedouble : -99);
		cJSON_Delete(json);
		everywhere(accepted, cases[i].text, strlen(cases[i].text));
	}
}

static void
what_only_looks_like_a_number_is_refused(void)
{
	static const char *const cases[] = {
		"00", "01", "-01", "-", "+1", "--1", "1.", ".5", "-.5", "1.e2", "1e", "1E+", "1e-", "1e1.5", "1e+-2", "0x10", "0b1", "1_000", "1,5", "1 2", "1a", "\xd9\xa1",
		"NaN", "nan", "Infinity", "-Infinity", "inf", "1e400", "-1e400", "1e999999999", "17976931348623159e300", "1f", "1L", "1.5.2", "\xe2\x88\x92 1",
		"1000000000000000000000000000000000000000000000000000000000000000",	/* 64 characters */
		"0.00000000000000000000000000000000000000000000000000000000000001",
	};

	for (size_t i = 0; i < COUNT_OF(cases); i++)
		if (strchr(cases[i], ',') == NULL)
			everywhere(refused, cases[i], strlen(cases[i]));
		else
			refused(cases[i], strlen(cases[i]));	/* in an array it is two numbers */
}

static void
every_escape_is_decoded(void)
{
	static const struct { const char *text, *value; } cases[] = {
		{ "\"\"", "" }, { "\"\\\"\"", "\"" }, { "\"\\\\\"", "\\" }, { "\"\\/\"", "/" }, { "\"/\"", "/" }, { "\"\\b\\f\\n\\r\\t\"", "\b\f\n\r\t" },
		{ "\"\\u0041\"", "A" }, { "\"\\u00fc\"", "\xc3\xbc" }, { "\"\\u00FC\"", "\xc3\xbc" }, { "\"\\u20ac\"", "\xe2\x82\xac" }, { "\"\\uFFFF\"", "\xef\xbf\xbf" },
		{ "\"\\ud83d\\ude00\"", "\xf0\x9f\x98\x80" }, { "\"\\uD800\\uDC00\"", "\xf0\x90\x80\x80" }, { "\"\\uDBFF\\uDFFF\"", "\xf4\x8f\xbf\xbf" }, { "\"\\u0001\"", "\x01" },
		{ "\"\\ud7ff\\ue000\"", "\xed\x9f\xbf\xee\x80\x80" }, { "\"\x7f\"", "\x7f" }, { "\"\xc4\x9f\xc5\x9e\xc4\xb0\xc4\xb1\"", "\xc4\x9f\xc5\x9e\xc4\xb0\xc4\xb1" }, { "\"'\"", "'" },
		{ "\"\\\\u0000\"", "\\u0000" }, { "\"\\u0022\"", "\"" }, { "\"\\u005c\"", "\\" },
	};

	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		cJSON *json = NULL;

		CHECK_INT(parse(cases[i].text, strlen(cases[i].text), &json), 0);
		CHECK_STR(cJSON_GetStringValue(json), cases[i].value);
		cJSON_Delete(json);
	}
}

static void
broken_strings_are_refused(void)
{
	static const struct bytes cases[] = {
		BYTES("\""), BYTES("\"a"), BYTES("a\""), BYTES("'a'"), BYTES("\"a\"b\""), BYTES("\"\\\""), BYTES("\"\\a\""), BYTES("\"\\'\""), BYTES("\"\\v\""), BYTES("\"\\0\""), BYTES("\"\\x41\""),
		BYTES("\"\\U0041\""), BYTES("\"\\u\""), BYTES("\"\\u1\""), BYTES("\"\\u12\""), BYTES("\"\\u123\""), BYTES("\"\\u123g\""), BYTES("\"\\u-123\""), BYTES("\"\\u 123\""), BYTES("\"\\u{41}\""),
		BYTES("\"\\u0000\""), BYTES("\"a\\u0000b\""), BYTES("\"a\0b\""), BYTES("\"\\\n\""),
		BYTES("\"\\ud800\""), BYTES("\"\\udc00\""), BYTES("\"\\udbff\""), BYTES("\"\\udfff\""), BYTES("\"\\ud800a\""), BYTES("\"\\ud800\\n\""), BYTES("\"\\ud800\\u0041\""), BYTES("\"\\ud800\\ud800\""),
		BYTES("\"\\udc00\\ud800\""), BYTES("\"\\ud800\\udbff\""), BYTES("\"\\ud83d\\u\""), BYTES("\"\\ud83d\\ude0\""), BYTES("\"\\ud83d\\\""), BYTES("\"\\ud83d \\ude00\""),
	};

	for (size_t i = 0; i < COUNT_OF(cases); i++)
		refused(cases[i].data, cases[i].len);
	for (int c = 0; c < 0x20; c++) {
		char text[] = { '"', 'a', (char)c, '"' };

		refused(text, sizeof(text));
	}
}

static void
only_well_formed_utf8_is_accepted(void)
{
	static const struct bytes good[] = {
		BYTES("\xc2\x80"), BYTES("\xdf\xbf"), BYTES("\xe0\xa0\x80"), BYTES("\xec\xbf\xbf"), BYTES("\xed\x9f\xbf"), BYTES("\xee\x80\x80"), BYTES("\xef\xbf\xbf"), BYTES("\xf0\x90\x80\x80"),
		BYTES("\xf3\xbf\xbf\xbf"), BYTES("\xf4\x8f\xbf\xbf"), BYTES("\xef\xbb\xbf"),
	}, bad[] = {
		BYTES("\xc0\x80"), BYTES("\xc1\xbf"), BYTES("\xe0\x80\x80"), BYTES("\xe0\x9f\xbf"), BYTES("\xf0\x80\x80\x80"), BYTES("\xf0\x8f\xbf\xbf"),	/* too long a form */
		BYTES("\xed\xa0\x80"), BYTES("\xed\xaf\xbf"), BYTES("\xed\xb0\x80"), BYTES("\xed\xbf\xbf"), BYTES("\xed\xa0\xbd\xed\xb8\x80"),			/* surrogates, CESU-8 */
		BYTES("\xf4\x90\x80\x80"), BYTES("\xf5\x80\x80\x80"), BYTES("\xf8\x88\x80\x80\x80"), BYTES("\xfc\x84\x80\x80\x80\x80"), BYTES("\xfe"), BYTES("\xff"),	/* beyond U+10FFFF */
		BYTES("\xc3"), BYTES("\xc3("), BYTES("\xe2\x82"), BYTES("\xe2\x82("), BYTES("\xe2(\xac"), BYTES("\xf0\x9f\x98"), BYTES("\xf0\x9f(\x80"), BYTES("\xf0(\x98\x80"),	/* cut short */
		BYTES("\xc3\xc3\xbc"), BYTES("\x80"), BYTES("\xbf"), BYTES("a\xbf"), BYTES("\xe9"),	/* a tail alone, Latin-1 */
	};
	char text[20];

	for (size_t i = 0; i < COUNT_OF(good) + COUNT_OF(bad); i++) {
		const struct bytes *b = i < COUNT_OF(good) ? &good[i] : &bad[i - COUNT_OF(good)];
		size_t n = (size_t)snprintf(text, sizeof(text), "\"%s\"", b->data);

		(i < COUNT_OF(good) ? accepted : refused)(text, n);
		/* A name is a string, too. */
		n = (size_t)snprintf(text, sizeof(text), "{\"%s\":1}", b->data);
		(i < COUNT_OF(good) ? accepted : refused)(text, n);
	}
	for (int c = 0x80; c < 0x100; c++) {
		char alone[] = { '"', (char)c, '"' };

		refused(alone, sizeof(alone));
	}
}

static void
white_space_is_what_rfc_8259_says(void)
{
	static const char *const good[] = { " 1", "1 ", "\t1", "\n1", "\r\n1\r\n", " [ ] ", "[ 1 , 2 ]", "{ \"a\" : 1 , \"b\" : 2 }", "\n{\n}\n", "[\t[\r]\n]" };
	static const struct bytes bad[] = {
		BYTES(""), BYTES(" "), BYTES("\n"), BYTES("\v1"), BYTES("\f1"), BYTES("1\f"), BYTES("\0" "1"), BYTES("1\0"), BYTES("{}\0"), BYTES("\x1f" "1"), BYTES("\x7f" "1"), BYTES("\xc2\xa0" "1"),
		BYTES("\xe2\x80\x83" "1"), BYTES("\xe2\x80\xa8" "1"), BYTES("\xe3\x80\x80" "1"), BYTES("\xef\xbb\xbf" "1"), BYTES("\xef\xbb\xbf{}"), BYTES("\xfe\xff\0{\0}"), BYTES("{\0}\0"), BYTES("[\f]"), BYTES("[1\v]"),
	};

	for (size_t i = 0; i < COUNT_OF(good); i++)
		accepted(good[i], strlen(good[i]));
	for (size_t i = 0; i < COUNT_OF(bad); i++)
		refused(bad[i].data, bad[i].len);
}

static void
structure_is_strict(void)
{
	static const char *const good[] = {
		"null", "true", "false", "{}", "[]", "\"a\"", "[[]]", "[{}]", "{\"\":\"\"}", "{\"a\":{\"a\":{\"a\":1}}}", "[{\"a\":1},{\"a\":1}]", "{\"a\":1,\"A\":1}", "{\"a\":1,\"a \":1}",
		"{\"\xc3\xbc\":1,\"u\xcc\x88\":1}", "[null,true,false,0,\"\",[],{}]", "{\"__proto__\":1}",
	};
	static const char *const bad[] = {
		"Null", "NULL", "nul", "nulll", "TRUE", "True", "tru", "fals", "undefined", "[", "]", "{", "}", "[}", "{]", "[1", "[1,", "[1,]", "[,1]", "[,]", "[1,,2]", "[1 2]", "[1;2]", "(1)", "[1]]",
		"{\"a\"}", "{\"a\":}", "{\"a\":1", "{\"a\":1,}", "{,}", "{,\"a\":1}", "{\"a\":1,,\"b\":2}", "{\"a\" 1}", "{\"a\"=1}", "{\"a\"::1}", "{a:1}", "{'a':1}", "{1:1}", "{null:1}", "{\"a\":1 \"b\":2}", "{[]:1}",
		"{\"a\":1}}", "{}{}", "{} {}", "[][]", "1 true", "null null", "{},", ",{}", "// x\n1", "/* x */1", "1 // x", "# x\n1", "[1]#", "{\"a\":1;\"b\":2}", "\\u0031", "\\\"a\\\"", "{\"a\":1}garbage", "[...]", "a", "?", "*", "&", "<a/>",
		"{\"a\":1,\"a\":1}", "{\"a\":1,\"a\":2}", "{\"a\":1,\"b\":2,\"a\":3}", "{\"a\":1,\"\\u0061\":2}", "{\"\\u00fc\":1,\"\xc3\xbc\":2}", "{\"\":1,\"\":2}", "[{\"x\":{\"a\":1,\"a\":1}}]", "{\"a\":[{\"b\":1,\"b\":1}]}",
		"{\"/\":1,\"\\/\":1}", "{\"\\ud83d\\ude00\":1,\"\xf0\x9f\x98\x80\":1}", "{\"a\":{\"b\":1},\"c\":{\"d\":1,\"d\":1}}",
	};

	for (size_t i = 0; i < COUNT_OF(good); i++)
		accepted(good[i], strlen(good[i]));
	for (size_t i = 0; i < COUNT_OF(bad); i++)
		refused(bad[i], strlen(bad[i]));
}

/* Any prefix of a text that ends with its bracket is no text. */
static void
a_cut_text_is_refused(void)
{
	static const char text[] = "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"a.b\",\"params\":{\"x\":[1.5e3,true,\"\\u00fc\\n\"]}}";

	accepted(text, sizeof(text) - 1);
	for (size_t len = 0; len < sizeof(text) - 1; len++)
		refused(text, len);
}

static void
nested_text(char *text, int depth, bool objects)
{
	*text = '\0';
	for (int i = 0; i < depth; i++)
		strcat(text, !objects ? "[" : i + 1 < depth ? "{\"a\":" : "{");
	for (int i = 0; i < depth; i++)
		strcat(text, objects ? "}" : "]");
}

static void
depth_ends_at_32(void)
{
	static const struct { int depth; bool ok; } cases[] = { { 1, true }, { 2, true }, { 31, true }, { 32, true }, { 33, false }, { 34, false }, { 100, false } };
	char text[2000], *deep;

	for (size_t i = 0; i < COUNT_OF(cases); i++)
		for (int objects = 0; objects < 2; objects++) {
			nested_text(text, cases[i].depth, objects);
			(cases[i].ok ? accepted : refused)(text, strlen(text));
		}
	/* Width is no depth, and a million brackets must not use up the stack. */
	accepted("[[[1]],[[2]],{\"a\":[3]}]", 23);
	deep = malloc(1000000);
	memset(deep, '[', 1000000);
	refused(deep, 1000000);
	free(deep);
}

static void
members_are_read_by_type(void)
{
	static const char text[] = "{\"i\":5,\"f\":1.5,\"big\":9007199254740992,\"max\":9007199254740991,\"min\":-9007199254740991,\"s\":\"x\",\"t\":true,\"n\":null,\"b\":\"YWI=\",\"bad\":\"YWI\"}";
	unsigned char *data = NULL;
	cJSON *json = NULL;
	size_t len = 0;

	CHECK_INT(parse(text, sizeof(text) - 1, &json), 0);
	CHECK_INT(json_integer(json, "i", -1), 5);
	CHECK_INT(json_integer(json, "I", -1), -1);
	CHECK_INT(json_integer(json, "f", -1), -1);
	CHECK_INT(json_integer(json, "big", -1), -1);
	CHECK_INT(json_integer(json, "max", -1), 9007199254740991);
	CHECK_INT(json_integer(json, "min", -1), -9007199254740991);
	CHECK_INT(json_integer(json, "s", -1), -1);
	CHECK_STR(json_string(json, "s"), "x");
	CHECK(json_string(json, "i") == NULL && json_string(json, "none") == NULL);
	CHECK(json_true(json, "t") && !json_true(json, "n") && !json_true(json, "s") && !json_true(json, "none"));
	CHECK(json_member(json, "n") != NULL && json_member(json, "N") == NULL);
	CHECK(json_base64(json, "b", &data, &len) == 0 && len == 2 && memcmp(data, "ab", 2) == 0);
	free(data);
	CHECK_INT(json_base64(json, "bad", &data, &len), ERR_INVALID_PARAMS);
	CHECK_INT(json_base64(json, "i", &data, &len), ERR_INVALID_PARAMS);
	CHECK(json_add_base64(json, "new", "ab", 2));
	CHECK_STR(json_string(json, "new"), "YWI=");
	cJSON_Delete(json);
}

static void
what_is_no_utf8_is_mended(void)
{
	static const char *const cases[][2] = { { "", "" }, { "ağ\U0001f642", "ağ\U0001f642" }, { "y\xf6netici", "y?netici" }, { "a\xc4", "a?" },
		{ "\xe2\x82" "a\xff", "??a?" }, { "\xc0\x80\xed\xa0\x80", "?????" } };
	char text[20];

	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		snprintf(text, sizeof(text), "%s", cases[i][0]);
		json_text_mend(text);
		CHECK_STR(text, cases[i][1]);
	}
}

static void
the_table_is_as_long_as_it_should_be(void)
{
	printf("# %d texts\n", cases_run);
	CHECK(cases_run >= CASES_LEAST);
}

TEST_MAIN(TEST_CASE(every_form_of_a_number_is_read), TEST_CASE(what_only_looks_like_a_number_is_refused), TEST_CASE(every_escape_is_decoded),
    TEST_CASE(broken_strings_are_refused), TEST_CASE(only_well_formed_utf8_is_accepted), TEST_CASE(white_space_is_what_rfc_8259_says),
    TEST_CASE(structure_is_strict), TEST_CASE(a_cut_text_is_refused), TEST_CASE(depth_ends_at_32), TEST_CASE(members_are_read_by_type), TEST_CASE(what_is_no_utf8_is_mended),
    TEST_CASE(the_table_is_as_long_as_it_should_be))
