/* SPDX-License-Identifier: Apache-2.0 */
/* test_institution.c: an institution's profile is refused by the place that is wrong, and told in lines; old prices warn. */
#include "form_cases.h"

#include "forms/institution.h"
#include "forms/profile.h"

/* INSTITUTION: the demo's profile */
static const struct day today = { 2026, 11, 24 };

static cJSON *
profile_read(void)
{
	static char text[20000];
	cJSON *json = NULL;
	FILE *file = fopen(INSTITUTION, "r");

	if (file != NULL) {
		text[fread(text, 1, sizeof(text) - 1, file)] = '\0';
		fclose(file);
	}
	CHECK_INT(json_parse(text, strlen(text), &json), 0);
	return json;
}

/* Parses the demo's profile with one change; the problem, or NULL when it is good. */
static char *
problem_of(const char *pointer, const char *value)
{
	cJSON *json = profile_read(), *profile = NULL;
	char *text, *problem = NULL;
	int err;

	if (pointer != NULL)
		put(json, pointer, value == NULL ? NULL : cJSON_Parse(value));
	text = cJSON_PrintUnformatted(json);
	err = institution_parse(text, strlen(text), &profile, &problem);
	CHECK_INT(err, problem != NULL ? ERR_INVALID_PARAMS : 0);
	CHECK(profile != NULL || problem != NULL);
	cJSON_free(text);
	cJSON_Delete(json);
	cJSON_Delete(profile);
	return problem;
}

static void
a_good_profile_is_taken(void)
{
	static const struct { const char *pointer, *value; } good[] = {
		{ NULL, NULL }, { "/name", "\"Örnek\"" }, { "/name", NULL }, { "/account", NULL }, { "/prices", NULL }, { "/links", "[]" },
		{ "/callCentre/email", NULL }, { "/account/iban", "\"TR330006100519786457841326\"" }, { "/prices/items", "[]" },
	};

	for (size_t i = 0; i < COUNT_OF(good); i++) {
		char *problem = problem_of(good[i].pointer, good[i].value);

		CHECK_MSG(problem == NULL, "%s: %s", good[i].pointer, problem);
		free(problem);
	}
}

static void
a_wrong_profile_is_refused_by_its_pointer(void)
{
	static const struct { const char *pointer, *value; } wrong[] = {
		{ "/account/iban", "\"TR330006100519786457841327\"" }, { "/account/iban", "\"DE89370400440532013000\"" }, { "/account/iban", NULL },
		{ "/account/taxNumber", "\"1234567801\"" }, { "/account/holder", "\"\"" }, { "/account/bank", "5" }, { "/prices/year", "\"2026\"" },
		{ "/prices/year", "26" }, { "/prices/year", NULL }, { "/callCentre/phone", "\"call\"" }, { "/callCentre/phone", NULL },
		{ "/callCentre/email", "\"a\"" }, { "/name", "\"a\\u202eb\"" }, { "/unit", "{\"tr\":\"a\"}" }, { "/web", "\"x\"" },
		{ "/links", "{}" },
	};

	for (size_t i = 0; i < COUNT_OF(wrong); i++) {
		char *problem = problem_of(wrong[i].pointer, wrong[i].value);

		CHECK_MSG(problem != NULL && strncmp(problem, wrong[i].pointer, strlen(wrong[i].pointer)) == 0, "%s: %s", wrong[i].pointer, problem);
		free(problem);
	}
}

static void
prices_and_links_are_checked_one_by_one(void)
{
	static const struct { const char *pointer, *value, *told; } wrong[] = {
		{ "/prices/items", "[{\"id\":\"a\",\"name\":\"A\",\"amount\":0}]", "/prices/items/0/amount" },
		{ "/prices/items", "[{\"id\":\"a\",\"name\":\"A\",\"amount\":1},{\"id\":\"B\",\"name\":\"B\",\"amount\":1}]", "/prices/items/1/id" },
		{ "/links", "[{\"name\":\"A\",\"url\":\"http://a.example\"}]", "/links/0/url" },
		{ "/links", "[{\"name\":\"A\",\"url\":\"javascript:alert(1)\"}]", "/links/0/url" },
	};

	for (size_t i = 0; i < COUNT_OF(wrong); i++) {
		char *problem = problem_of(wrong[i].pointer, wrong[i].value);

		CHECK_MSG(problem != NULL && strncmp(problem, wrong[i].told, strlen(wrong[i].told)) == 0, "%s: %s", wrong[i].told, problem);
		free(problem);
	}
}

static void
what_is_no_json_is_refused(void)
{
	static const char *const cases[] = { "", "{", "[]", "{\"name\":\"a\",\"name\":\"b\"}", "null" };

	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		cJSON *profile = NULL;
		char *problem = NULL;

		CHECK_INT(institution_parse(cases[i], strlen(cases[i]), &profile, &problem), ERR_INVALID_PARAMS);
		CHECK(profile == NULL && problem != NULL && problem[0] == '/');
		free(problem);
	}
}

static void
files_are_read_or_refused(void)
{
	cJSON *profile = NULL;

	CHECK_INT(institution_read(NULL, &profile), 0);
	CHECK_INT(cJSON_GetArraySize(profile), 0);
	cJSON_Delete(profile);
	profile = NULL;
	CHECK_INT(institution_read("/nonexistent/institution.json", &profile), ERR_INVALID_PARAMS);
	CHECK_INT(institution_read("relative.json", &profile), ERR_INVALID_PARAMS);
	CHECK(profile == NULL);
}

static void
expect_note(const cJSON *profile, const char *entry, const char *language, struct day day, const char *wanted)
{
	char *note = NULL;

	CHECK_INT(profile_note(profile, entry, language, day, &note), 0);
	if (wanted == NULL)
		CHECK(note == NULL);
	else
		CHECK_STR(note, wanted);
	free(note);
}

static void
notes_are_lines_in_both_languages(void)
{
	cJSON *profile = profile_read(), *nothing = cJSON_CreateObject();

	expect_note(profile, "account", "tr", today, "Ücretin yatırılacağı hesap: Örnek Şehir Hastanesi Döner Sermaye İşletmesi; Örnek Vergi Dairesi, vergi no "
	    "1234567890\nÖrnek Bankası A.Ş., IBAN TR33 0006 1005 1978 6457 8413 26");
	expect_note(profile, "callCentre", "en", today, "Call centre: 444 5 576, destek@hastane.example");
	expect_note(profile, "price/certificate", "tr", today, "Ücret (2026), 3 yıllık nitelikli elektronik sertifika: 413,50 TL");
	expect_note(profile, "price/certificate", "en", today, "Price (2026), qualified certificate for 3 years: 413.50 TL");
	expect_note(profile, "price/card-reader", "tr", (struct day){ 2027, 1, 1 }, "Ücret (2026), kart okuyucu: 150 TL. Bu ücret 2026 yılına aittir; "
	    "güncelini kurumun biriminden öğrenin.");
	expect_note(profile, "links", "tr", today, "PIN ve kilit işlemleri: https://e-imza.hastane.example/pin");
	expect_note(profile, "price/none", "tr", today, NULL);
	expect_note(profile, "other", "tr", today, NULL);
	expect_note(nothing, "account", "tr", today, NULL);
	expect_note(nothing, "price/certificate", "tr", today, NULL);
	expect_note(nothing, "callCentre", "tr", today, NULL);
	expect_note(NULL, "links", "tr", today, NULL);
	cJSON_Delete(nothing);
	cJSON_Delete(profile);
}

static void
prices_of_a_past_year_warn(void)
{
	static const struct { const char *form, *year, *pointer; } cases[] = {
		{ "replacement", "2025", "/receipt/amount" }, { "replacement", "2026", NULL }, { "replacement", "2027", NULL },
		{ "card-reader-request", "2025", "/payment/way" }, { "individual-application", "2020", "/payment/way" },
		{ "first-application", "2025", NULL },	/* of staff: no receipt, no price */
		{ "pin-request", "2025", NULL }, { "no-such-form", "2025", NULL },
	};

	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		cJSON *profile = profile_read(), *data = example(i == COUNT_OF(cases) - 1 ? "renewal" : cases[i].form), *warnings;
		const cJSON *message;

		put(profile, "/prices/year", cJSON_Parse(cases[i].year));
		warnings = form_warnings(catalogue(), cases[i].form, 0, data, profile, NOW);
		CHECK_INT(cJSON_GetArraySize(warnings), cases[i].pointer != NULL);
		if (cases[i].pointer != NULL) {
			CHECK_STR(json_string(error_at(warnings, cases[i].pointer), "code"), "stale_prices");
			message = json_member(error_at(warnings, cases[i].pointer), "message");
			CHECK(strstr(json_string(message, "tr"), cases[i].year) != NULL && strstr(json_string(message, "en"), cases[i].year) != NULL);
		}
		cJSON_Delete(warnings);
		put(profile, "/prices/items", cJSON_CreateArray());
		warnings = form_warnings(catalogue(), cases[i].form, 0, data, profile, NOW);
		CHECK_INT(cJSON_GetArraySize(warnings), 0);
		cJSON_Delete(warnings);
		cJSON_Delete(data);
		cJSON_Delete(profile);
	}
	form_catalogue_free(catalogue());
}

TEST_MAIN(TEST_CASE(a_good_profile_is_taken), TEST_CASE(a_wrong_profile_is_refused_by_its_pointer),
    TEST_CASE(prices_and_links_are_checked_one_by_one), TEST_CASE(what_is_no_json_is_refused), TEST_CASE(files_are_read_or_refused),
    TEST_CASE(notes_are_lines_in_both_languages), TEST_CASE(prices_of_a_past_year_warn))
