/* SPDX-License-Identifier: Apache-2.0 */
/* test_form_formats.c: check digits of Turkish numbers, days of the calendar, the canonical spelling of data. */
#include "test.h"

#include <stdlib.h>

#include "base/buf.h"
#include "base/json.h"
#include "forms/canonical.h"
#include "forms/day.h"
#include "forms/field.h"
#include "forms/formats.h"

struct number {
	const char *text;
	bool good;
};

static void
check_numbers(bool (*check)(const char *text), const struct number *numbers, size_t count)
{
	for (size_t i = 0; i < count; i++)
		CHECK_MSG(check(numbers[i].text) == numbers[i].good, "\"%s\"", numbers[i].text);
}

static void
identity_numbers_have_right_check_digits(void)
{
	static const struct number numbers[] = {
		{ "10000000146", true }, { "11111111110", true }, { "12345678950", true },
		{ "10101010176", false }, { "19090909080", false },
		{ "11111111111", false }, { "11111111101", false }, { "10000000147", false }, { "10000000156", false },
		{ "01234567890", false }, { "1000000014", false }, { "100000001460", false }, { "", false },
		{ "1000000014a", false }, { " 10000000146", false }, { "10000000146\n", false }, { "１0000000146", false },
	};

	check_numbers(format_tckn, numbers, COUNT_OF(numbers));
}

/* The rule by the book, 7 * odd - even with a non-negative remainder, against the function, where the difference is negative too. */
static void
identity_numbers_agree_with_the_rule_for_many(void)
{
	unsigned seed = 5070;
	int negative = 0;

	for (int round = 0; round < 20000; round++) {
		char text[12] = "";
		int d[11], tenth, eleventh = 0;

		for (int i = 0; i < 9; i++) {
			seed = seed * 1103515245u + 12345u;
			d[i] = (int)(seed >> 16) % 10;
			if (round % 4 == 0)
				d[i] = i % 2 == 0 ? i == 0 : 9;	/* odd places small, even ones 9: the difference is negative */
		}
		d[0] = d[0] == 0 ? 1 : d[0];
		tenth = 7 * (d[0] + d[2] + d[4] + d[6] + d[8]) - (d[1] + d[3] + d[5] + d[7]);
		negative += tenth < 0;
		d[9] = (tenth % 10 + 10) % 10;
		for (int i = 0; i < 10; i++)
			eleventh += d[i];
		d[10] = eleventh % 10;
		for (int i = 0; i < 11; i++)
			text[i] = (char)('0' + d[i]);
		CHECK_MSG(format_tckn(text), "%s", text);
		text[9] = (char)('0' + (d[9] + 1 + round % 9) % 10);
		CHECK_MSG(!format_tckn(text), "%s", text);
	}
	CHECK(negative > 0);
}

static void
tax_numbers_have_a_right_check_digit(void)
{
	static const struct number numbers[] = {
		{ "6180884538", true }, { "1234567890", true },
		{ "1234567801", false }, { "6180884539", false }, { "618088453", false }, { "61808845380", false }, { "", false },
		{ "618088453x", false }, { "6180884538 ", false },
	};

	check_numbers(format_vkn, numbers, COUNT_OF(numbers));
}

static void
ibans_are_turkish_and_make_1_modulo_97(void)
{
	static const struct number numbers[] = {
		{ "TR330006100519786457841326", true }, { "TR33 0006 1005 1978 6457 8413 26", true },
		{ "TR340006100519786457841326", false }, { "TR330006100519786457841362", false },
		{ "tr330006100519786457841326", false }, { "TR33000610051978645784132", false }, { "TR3300061005197864578413260", false },
		{ "TR33 0006 1005 1978 6457 841326", false }, { "TR33 0006 1005 1978 6457 8413 26 ", false }, { "TR330006 100519786457841326", false },
		{ "DE89370400440532013000", false }, { "TR330006110519786457841326", false }, { "TR3300061005197864578413-6", false },
		{ "", false }, { "TR", false }, { "TR33", false }, { "TR33 ", false },
	};

	check_numbers(format_iban_tr, numbers, COUNT_OF(numbers));
}

static void
telephone_numbers_have_ten_digits_behind_an_optional_prefix(void)
{
	static const struct number numbers[] = {
		{ "5321234567", true }, { "05321234567", true }, { "+905321234567", true }, { "0532 123 45 67", true }, { "+90 532 123 45 67", true },
		{ "0 (532) 123 45 67", true }, { "0(532)1234567", true }, { "0532-123-45-67", true }, { "0312 444 55 76", true }, { "0850 123 45 67", true },
		{ "532123456", false }, { "053212345678", false }, { "0132 123 45 67", false }, { "4445576", false }, { "+49 532 123 45 67", false },
		{ "0532  123 45 67", false }, { "0532 123 45 67 ", false }, { "0532 - 123 45 67", false }, { "0(532 1234567", false }, { "0(53)21234567", false },
		{ "0(132)1234567", false }, { "0532 123 45 6O", false }, { "", false }, { "0", false }, { "+90", false }, { "(", false },
		{ "0532\t1234567", false }, { "٠٥٣٢١٢٣٤٥٦٧", false },
	};

	check_numbers(format_phone_tr, numbers, COUNT_OF(numbers));
}

static void
only_days_of_the_calendar_are_read(void)
{
	static const struct number days[] = {
		{ "2026-11-24", true }, { "2024-02-29", true }, { "2000-02-29", true }, { "0001-01-01", true },
		{ "2026-02-29", false }, { "1900-02-29", false }, { "2026-13-01", false }, { "2026-00-10", false }, { "2026-04-31", false },
		{ "2026-04-00", false }, { "2026-4-1", false }, { "24.11.2026", false }, { "2026-11-24T", false }, { "", false }, { "2026/11/24", false },
	};

	for (size_t i = 0; i < COUNT_OF(days); i++) {
		struct day day;

		CHECK_MSG(day_parse(days[i].text, &day) == days[i].good, "\"%s\"", days[i].text);
	}
}

static void
the_day_changes_at_midnight_in_turkey(void)
{
	const time_t midnight = 1795467600;	/* 2026-11-23T21:00:00Z */

	CHECK(day_compare(day_in_turkey(midnight - 1), (struct day){ 2026, 11, 23 }) == 0);
	CHECK(day_compare(day_in_turkey(midnight), (struct day){ 2026, 11, 24 }) == 0);
	CHECK(day_compare((struct day){ 2026, 12, 1 }, (struct day){ 2026, 11, 30 }) > 0);
	CHECK(day_compare((struct day){ 2025, 12, 31 }, (struct day){ 2026, 1, 1 }) < 0);
}

static void
months_before_keep_to_the_calendar(void)
{
	static const struct { struct day from; int months; struct day to; } cases[] = {
		{ { 2027, 1, 15 }, 3, { 2026, 10, 15 } },
		{ { 2026, 5, 31 }, 3, { 2026, 2, 28 } },
		{ { 2028, 5, 31 }, 3, { 2028, 2, 29 } },
		{ { 2026, 12, 31 }, 1, { 2026, 11, 30 } },
		{ { 2026, 3, 1 }, 15, { 2024, 12, 1 } },
	};

	for (size_t i = 0; i < COUNT_OF(cases); i++)
		CHECK_MSG(day_compare(day_months_before(cases[i].from, cases[i].months), cases[i].to) == 0, "case %zu", i);
}

static void
data_has_one_canonical_spelling(void)
{
	static const struct { const char *data, *canonical; } cases[] = {
		{ "{}", "{}" },
		{ "[ ]", "[]" },
		{ "{ \"b\": 1, \"a\": { \"d\": true, \"c\": null } }", "{\"a\":{\"c\":null,\"d\":true},\"b\":1}" },
		{ "[3, [1, 2], {\"z\":\"\",\"Z\":0.5}]", "[3,[1,2],{\"Z\":0.5,\"z\":\"\"}]" },
		{ "{\"\\u00c7\":\"\\u011f/\\n\\u001f\\\"\"}", "{\"Ç\":\"ğ/\\n\\u001f\\\"\"}" },
		{ "[413.00, 1e2, 0.07, -12.5]", "[413,100,0.07,-12.5]" },
	};

	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		cJSON *json = NULL;
		struct buf buf;

		buf_init(&buf, 1000);
		CHECK_INT(json_parse(cases[i].data, strlen(cases[i].data), &json), 0);
		CHECK_INT(form_canonical(json, &buf), 0);
		CHECK_MSG(buf.len == strlen(cases[i].canonical) && memcmp(buf.data, cases[i].canonical, buf.len) == 0, "%.*s", (int)buf.len,
		    (const char *)buf.data);
		buf_clear(&buf);
		cJSON_Delete(json);
	}
}

static void
canonical_data_keeps_to_the_maximum(void)
{
	cJSON *json = cJSON_CreateString("longer than eight bytes");
	struct buf buf;

	buf_init(&buf, 8);
	CHECK(form_canonical(json, &buf) != 0);
	buf_clear(&buf);
	cJSON_Delete(json);
}

static void
values_read_as_the_language_writes_them(void)
{
	static const struct { const char *field, *value, *tr, *en; } cases[] = {
		{ "{\"pointer\":\"/v\",\"widget\":\"date\"}", "\"2026-01-04\"", "04.01.2026", "4 January 2026" },
		{ "{\"pointer\":\"/v\",\"widget\":\"date\"}", "\"soon\"", "soon", "soon" },
		{ "{\"pointer\":\"/v\",\"widget\":\"number\"}", "413", "413", "413" },
		{ "{\"pointer\":\"/v\",\"widget\":\"number\"}", "1413.5", "1413,50", "1413.50" },
		{ "{\"pointer\":\"/v\",\"widget\":\"number\"}", "-0.07", "-0,07", "-0.07" },
		{ "{\"pointer\":\"/v\",\"widget\":\"number\"}", "1e300", "?", "?" },
		{ "{\"pointer\":\"/v\",\"widget\":\"checkbox\"}", "true", "Evet", "Yes" },
		{ "{\"pointer\":\"/v\",\"widget\":\"checkbox\"}", "false", "Hayır", "No" },
		{ "{\"pointer\":\"/v\",\"widget\":\"choice\",\"options\":[{\"value\":\"x\",\"label\":\"k\"}]}", "\"x\"", "Seçenek", "Option" },
		{ "{\"pointer\":\"/v\",\"widget\":\"choice\",\"options\":[{\"value\":\"x\",\"label\":\"k\"}]}", "\"y\"", "y", "y" },
		{ "{\"pointer\":\"/v\",\"widget\":\"text\"}", "\"\"", NULL, NULL },
		{ "{\"pointer\":\"/v\",\"widget\":\"text\"}", "null", NULL, NULL },
		{ "{\"pointer\":\"/w\",\"widget\":\"text\"}", "\"x\"", NULL, NULL },
		{ "{\"pointer\":\"/v/w\",\"widget\":\"text\"}", "\"x\"", NULL, NULL },
		{ "{\"pointer\":\"/v/a~1b~0c\",\"widget\":\"text\"}", "{\"a/b~c\":\"deep\"}", "deep", "deep" },
	};
	cJSON *texts = cJSON_Parse("{\"tr\":{\"k\":\"Seçenek\"},\"en\":{\"k\":\"Option\"}}");

	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		cJSON *field = cJSON_Parse(cases[i].field), *data = cJSON_CreateObject();

		cJSON_AddItemToObject(data, "v", cJSON_Parse(cases[i].value));
		for (int k = 0; k < 2; k++) {
			const char *wanted = k == 0 ? cases[i].tr : cases[i].en;
			char *text = NULL;

			CHECK_INT(field_value_text(field, data, texts, k == 0 ? "tr" : "en", &text), 0);
			CHECK_MSG(wanted == NULL ? text == NULL : text != NULL && strcmp(text, wanted) == 0, "case %zu: %s", i, text);
			free(text);
		}
		cJSON_Delete(field);
		cJSON_Delete(data);
	}
	cJSON_Delete(texts);
}

TEST_MAIN(TEST_CASE(identity_numbers_have_right_check_digits), TEST_CASE(identity_numbers_agree_with_the_rule_for_many),
    TEST_CASE(tax_numbers_have_a_right_check_digit), TEST_CASE(ibans_are_turkish_and_make_1_modulo_97),
    TEST_CASE(telephone_numbers_have_ten_digits_behind_an_optional_prefix), TEST_CASE(only_days_of_the_calendar_are_read),
    TEST_CASE(the_day_changes_at_midnight_in_turkey), TEST_CASE(months_before_keep_to_the_calendar),
    TEST_CASE(data_has_one_canonical_spelling), TEST_CASE(canonical_data_keeps_to_the_maximum), TEST_CASE(values_read_as_the_language_writes_them))
