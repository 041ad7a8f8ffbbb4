/* SPDX-License-Identifier: Apache-2.0 */
/* test_form_procedures.c: what each procedure asks for: replacement, PIN request, card reader, individual application. */
#include "form_cases.h"

static const char replacement[] = "replacement", pin[] = "pin-request", reader[] = "card-reader-request", individual[] = "individual-application";

#define FORMER "{\"givenName\":\"Çağla Şule\",\"surname\":\"Yıldız\"}"
#define CALL "{\"date\":\"2026-11-23\",\"time\":\"14:30\"}"
#define RECEIPT "{\"bank\":\"Örnek Bankası\",\"date\":\"2026-11-20\",\"amount\":413.50,\"number\":\"2026/118-4\"}"
#define PERSON "{\"kind\":\"person\",\"name\":\"Çağla Öğüt\",\"identityNumber\":\"10000000146\",\"address\":\"Ankara\"}"
#define COMPANY "{\"kind\":\"company\",\"name\":\"Örnek A.Ş.\",\"taxNumber\":\"1234567890\",\"taxOffice\":\"Çankaya\",\"address\":\"Ankara\"}"

static const struct change changes[] = {
	/* replacement: the card that was lost */
	{ replacement, "/reason", "\"stolen\"", NULL, NULL },
	{ replacement, "/callCentre/reference", NULL, NULL, NULL },
	{ replacement, "/callCentre/date", "\"2026-11-24\"", NULL, NULL },
	{ replacement, "/callCentre", "{\"date\":\"2026-11-24\",\"time\":\"15:00\"}", NULL, NULL },
	{ replacement, "/callCentre", "{\"date\":\"2026-11-24\",\"time\":\"15:01\"}", "/callCentre/time", "future_time" },
	{ replacement, "/callCentre", "{\"date\":\"2026-11-23\",\"time\":\"23:59\"}", NULL, NULL },
	{ replacement, "/callCentre/time", "\"00:00\"", NULL, NULL },
	{ replacement, "/callCentre/date", NULL, "/callCentre/date", "required" },
	{ replacement, "/callCentre/time", NULL, "/callCentre/time", "required" },
	{ replacement, "/callCentre/time", "\"24:00\"", "/callCentre/time", "characters" },
	{ replacement, "/callCentre/time", "\"9:30\"", "/callCentre/time", "characters" },
	{ replacement, "/callCentre/time", "\"14:60\"", "/callCentre/time", "characters" },
	{ replacement, "/callCentre/time", "\"14:30:00\"", "/callCentre/time", "too_long" },
	{ replacement, "/callCentre/date", "\"2026-11-25\"", "/callCentre/date", "future_date" },
	{ replacement, "/applicationDate", "\"2026-11-22\"", "/callCentre/date", "too_late" },
	{ replacement, "/callCentre/reference", "\"no 5\"", "/callCentre/reference", "characters" },
	{ replacement, "/reason", "\"broken\"", "/reason", "not_an_option" },
	{ replacement, "/reason", NULL, "/reason", "required" },
	{ replacement, "/formerName", FORMER, "/formerName", "not_applicable" },
	{ replacement, "/fault", "{\"description\":\"a\"}", "/fault", "not_applicable" },
	{ replacement, "/employment/kind", "\"family-physician\"", NULL, NULL },
	{ replacement, "/receipt/bank", NULL, "/receipt/bank", "required" },
	{ replacement, "/receipt/date", "\"2026-11-25\"", "/receipt/date", "future_date" },
	{ replacement, "/applicant/birthDate", "\"2010-01-01\"", "/applicant/birthDate", "too_young" },
	{ replacement, "/applicant/identityNumber", "\"10000000147\"", "/applicant/identityNumber", "identity_number" },
	{ replacement, "/way", "\"fax\"", "/way", "not_an_option" },
	/* PIN request: unblocking */
	{ pin, "/note", NULL, NULL, NULL },
	{ pin, "/note", "\"3 kez denedim, 2. vezne; 24 Kasım 2026\"", NULL, NULL },
	{ pin, "/note", "\"12345\"", NULL, NULL },
	{ pin, "/note", "\"PIN: 123456\"", "/note", "pin_in_text" },
	{ pin, "/note", "\"654321\"", "/note", "pin_in_text" },
	{ pin, "/note", "\"a\\n12345678\\nb\"", "/note", "pin_in_text" },
	{ pin, "/note", "\"x123456y\"", "/note", "pin_in_text" },
	{ pin, "/note", "\"1 2 3 4 5 6\"", "/note", "pin_in_text" },
	{ pin, "/note", "\"123-456\"", "/note", "pin_in_text" },
	{ pin, "/note", "\"12.34.56\"", "/note", "pin_in_text" },
	{ pin, "/note", "\"123\\n456\"", "/note", "pin_in_text" },
	{ pin, "/note", "\"١٢٣٤٥٦\"", "/note", "characters" },
	{ pin, "/employment/title", "\"Hemşire 739158\"", "/employment/title", "pin_in_text" },
	{ pin, "/employment/unit", "\"739158\"", "/employment/unit", "pin_in_text" },
	{ pin, "/pin", "\"123456\"", "/pin", "unknown_field" },
	{ pin, "/card/pin", "\"123456\"", "/card/pin", "unknown_field" },
	{ pin, "/card/puk", "\"12345678\"", "/card/puk", "unknown_field" },
	{ pin, "/card/serialNumber", "\"12345678\"", "/card/serialNumber", "too_short" },
	{ pin, "/card/serialNumber", "\"TR 7A20 4418\"", "/card/serialNumber", "characters" },
	{ pin, "/card/serialNumber", NULL, "/card/serialNumber", "required" },
	{ pin, "/card", NULL, "/card/serialNumber", "required" },
	{ pin, "/cause", NULL, "/cause", "required" },
	{ pin, "/cause", "\"other\"", "/cause", "not_an_option" },
	{ pin, "/request", "\"pin-creation\"", "/cause", "not_applicable" },
	{ pin, "/request", "\"reset\"", "/request", "not_an_option" },
	{ pin, "/declarations/noPin", "false", "/declarations/noPin", "must_be_accepted" },
	{ pin, "/declarations/noPin", NULL, "/declarations/noPin", "must_be_accepted" },
	{ pin, "/applicationDate", "\"2026-11-25\"", "/applicationDate", "future_date" },
	{ pin, "/applicant/birthDate", "\"1888-01-01\"", "/applicant/birthDate", "too_old" },
	/* card reader: a company's invoice, paid by card */
	{ reader, "/invoice", PERSON, NULL, NULL },
	{ reader, "/quantity", "100", NULL, NULL },
	{ reader, "/quantity", "0", "/quantity", "out_of_range" },
	{ reader, "/quantity", "101", "/quantity", "out_of_range" },
	{ reader, "/quantity", "1.5", "/quantity", "wrong_type" },
	{ reader, "/quantity", "\"1\"", "/quantity", "wrong_type" },
	{ reader, "/quantity", NULL, "/quantity", "required" },
	{ reader, "/recipient/identityNumber", "\"11111111111\"", "/recipient/identityNumber", "identity_number" },
	{ reader, "/recipient/email", "\"a\"", "/recipient/email", "email" },
	{ reader, "/invoice/taxNumber", "\"1234567801\"", "/invoice/taxNumber", "tax_number" },
	{ reader, "/invoice/taxNumber", "\"10000000146\"", "/invoice/taxNumber", "too_long" },
	{ reader, "/invoice/taxNumber", NULL, "/invoice/taxNumber", "required" },
	{ reader, "/invoice/taxOffice", NULL, "/invoice/taxOffice", "required" },
	{ reader, "/invoice/identityNumber", "\"10000000146\"", "/invoice/identityNumber", "not_applicable" },
	{ reader, "/invoice/name", NULL, "/invoice/name", "required" },
	{ reader, "/invoice/kind", NULL, "/invoice/kind", "required" },
	{ reader, "/invoice/address", "\"\"", "/invoice/address", "required" },
	{ reader, "/receipt", RECEIPT, "/receipt", "not_applicable" },
	{ reader, "/payment/way", "\"cash\"", "/payment/way", "not_an_option" },
	{ reader, "/payment/cardNumber", "\"4111111111111111\"", "/payment/cardNumber", "unknown_field" },
	{ reader, "/delivery/postalCode", "\"99000\"", "/delivery/postalCode", "characters" },
	{ reader, "/applicationDate", "\"2026-11-25\"", "/applicationDate", "future_date" },
	/* individual: a person's invoice, paid through a bank */
	{ individual, "/reason", "\"renewal\"", NULL, NULL },
	{ individual, "/reason", "\"lost\"", "/reason", "not_an_option" },
	{ individual, "/way", "\"e-approved\"", "/way", "not_an_option" },
	{ individual, "/employment", "{}", "/employment", "unknown_field" },
	{ individual, "/invoice", COMPANY, NULL, NULL },
	{ individual, "/invoice/identityNumber", NULL, "/invoice/identityNumber", "required" },
	{ individual, "/invoice/identityNumber", "\"10000000147\"", "/invoice/identityNumber", "identity_number" },
	{ individual, "/invoice/taxNumber", "\"1234567890\"", "/invoice/taxNumber", "not_applicable" },
	{ individual, "/invoice/taxOffice", "\"Çankaya\"", "/invoice/taxOffice", "not_applicable" },
	{ individual, "/receipt/number", NULL, "/receipt/number", "required" },
	{ individual, "/receipt/date", "\"2026-11-25\"", "/receipt/date", "future_date" },
	{ individual, "/payment/way", "\"card\"", "/receipt", "not_applicable" },
	{ individual, "/applicant/birthDate", "\"2008-11-25\"", "/applicant/birthDate", "too_young" },
	{ individual, "/declarations/personalData", "false", "/declarations/personalData", "must_be_accepted" },
};

static void
each_change_alone_is_told_with_its_pointer_and_code(void)
{
	for (size_t i = 0; i < COUNT_OF(changes); i++)
		expect_change(&changes[i]);
}

/* The replacement's example for another reason, with that reason's part instead of the call. */
static cJSON *
replaced_for(const char *reason, const char *pointer, const char *value)
{
	cJSON *data = example(replacement);

	put(data, "/reason", cJSON_CreateString(reason));
	put(data, "/callCentre", NULL);
	put(data, pointer, value == NULL ? NULL : cJSON_Parse(value));
	return data;
}

static void
a_lost_or_stolen_card_needs_the_call_first(void)
{
	static const char *const reasons[] = { "lost", "stolen" };

	for (size_t i = 0; i < COUNT_OF(reasons); i++) {
		cJSON *data = replaced_for(reasons[i], "/callCentre", NULL), *errors = NULL;

		CHECK_INT(form_validate(catalogue(), replacement, 0, data, NOW, &errors), ERR_FORM_INVALID);
		CHECK_INT(cJSON_GetArraySize(errors), 2);
		CHECK_STR(json_string(error_at(errors, "/callCentre/date"), "code"), "required");
		CHECK_STR(json_string(error_at(errors, "/callCentre/time"), "code"), "required");
		cJSON_Delete(errors);
		cJSON_Delete(data);
	}
}

static void
each_reason_has_its_own_part(void)
{
	cJSON *data;

	expect_one(replacement, replaced_for("name-change", "/formerName", FORMER), NULL, NULL, "name change");
	expect_one(replacement, replaced_for("fault", "/fault", "{\"description\":\"Hata 0x80100069\\n6 okuyucuda\"}"), NULL, NULL, "fault");
	expect_one(replacement, replaced_for("fault", "/fault", NULL), "/fault/description", "required", "fault");
	expect_one(replacement, replaced_for("fault", "/fault", "{\"description\":\"\"}"), "/fault/description", "required", "fault");
	data = replaced_for("fault", "/fault", "{\"description\":\"a\"}");
	put(data, "/callCentre", cJSON_Parse(CALL));
	expect_one(replacement, data, "/callCentre", "not_applicable", "fault");
	data = replaced_for("name-change", "/formerName", FORMER);
	put(data, "/fault", cJSON_Parse("{\"description\":\"a\"}"));
	expect_one(replacement, data, "/fault", "not_applicable", "name change");
}

static void
a_changed_name_is_another_one(void)
{
	static const struct { const char *former, *pointer, *code; } cases[] = {
		{ "{\"givenName\":\"Çağla Şule\",\"surname\":\"Öğüt\"}", "/formerName/surname", "name_unchanged" },
		{ "{\"givenName\":\"ÇAĞLA ŞULE\",\"surname\":\"ÖĞÜT\"}", "/formerName/surname", "name_unchanged" },
		{ "{\"givenName\":\"Çağla\",\"surname\":\"Öğüt\"}", NULL, NULL },
		{ "{\"givenName\":\"Çağla Şule\",\"surname\":\"Öğüt-Can\"}", NULL, NULL },
		{ "{\"givenName\":\"Çağla Şule\"}", "/formerName/surname", "required" },
	};

	for (size_t i = 0; i < COUNT_OF(cases); i++)
		expect_one(replacement, replaced_for("name-change", "/formerName", cases[i].former), cases[i].pointer, cases[i].code, cases[i].former);
}

static void
a_pin_is_created_without_a_cause(void)
{
	cJSON *data = example(pin);

	put(data, "/request", cJSON_CreateString("pin-creation"));
	put(data, "/cause", NULL);
	expect_one(pin, data, NULL, NULL, "creation");
}

static void
what_was_paid_at_a_bank_comes_with_its_receipt(void)
{
	cJSON *data = example(reader), *errors = NULL;

	put(data, "/payment/way", cJSON_CreateString("bank"));
	CHECK_INT(form_validate(catalogue(), reader, 0, data, NOW, &errors), ERR_FORM_INVALID);
	CHECK_INT(cJSON_GetArraySize(errors), 4);
	CHECK_STR(json_string(error_at(errors, "/receipt/amount"), "code"), "required");
	cJSON_Delete(errors);
	put(data, "/receipt", cJSON_Parse(RECEIPT));
	expect_one(reader, data, NULL, NULL, "bank");
	data = example(individual);
	put(data, "/payment/way", cJSON_CreateString("card"));
	put(data, "/receipt", NULL);
	expect_one(individual, data, NULL, NULL, "card");
}

struct wrong { const char *pointer, *value, *code; };

static void
expect_all(const char *form, const struct wrong *wrong, size_t count)
{
	cJSON *data = example(form), *errors = NULL;

	for (size_t i = 0; i < count; i++)
		put(data, wrong[i].pointer, wrong[i].value == NULL ? NULL : cJSON_Parse(wrong[i].value));
	CHECK_INT(form_validate(catalogue(), form, 0, data, NOW, &errors), ERR_FORM_INVALID);
	CHECK_INT(cJSON_GetArraySize(errors), (int)count);
	for (size_t i = 0; i < count; i++)
		CHECK_MSG(error_at(errors, wrong[i].pointer) != NULL && strcmp(json_string(error_at(errors, wrong[i].pointer), "code"), wrong[i].code) == 0,
		    "%s: %s", form, wrong[i].pointer);
	cJSON_Delete(errors);
	cJSON_Delete(data);
}

static void
everything_wrong_is_told_at_once(void)
{
	static const struct wrong wrong_replacement[] = {
		{ "/way", "7", "not_an_option" }, { "/applicationDate", "\"2026-11-26\"", "future_date" },
		{ "/callCentre/date", "\"2026-11-25\"", "future_date" }, { "/callCentre/time", "\"late\"", "characters" },
		{ "/callCentre/reference", "\"#\"", "characters" }, { "/fault", "{}", "not_applicable" }, { "/formerName", "[]", "not_applicable" },
		{ "/applicant/surname", "\"\\u202e\"", "characters" }, { "/receipt/amount", "-1", "out_of_range" },
		{ "/delivery/address", NULL, "required" }, { "/extra", "1", "unknown_field" },
	}, wrong_pin[] = {
		{ "/request", "\"\"", "required" }, { "/note", "\"123456\"", "pin_in_text" }, { "/card/serialNumber", "\"1\"", "too_short" },
		{ "/employment/title", "\"1-2-3-4-5-6\"", "pin_in_text" }, { "/pin", "123456", "unknown_field" },
		{ "/declarations/noPin", "\"yes\"", "must_be_accepted" }, { "/applicant/mobilePhone", "\"0212 123 45 67\"", "phone" },
	}, wrong_reader[] = {
		{ "/quantity", "-1", "out_of_range" }, { "/recipient/surname", "\"🙂\"", "characters" }, { "/invoice/taxNumber", "\"1\"", "tax_number" },
		{ "/invoice/identityNumber", "\"x\"", "not_applicable" }, { "/receipt", "{}", "not_applicable" },
		{ "/delivery/province", "\"A\\u030ankara\"", "decomposed_letters" }, { "/declarations/personalData", NULL, "must_be_accepted" },
	}, wrong_individual[] = {
		{ "/reason", "true", "not_an_option" }, { "/applicant/birthDate", "\"31.12.1990\"", "date" },
		{ "/invoice/address", "\" x\"", "characters" }, { "/invoice/taxOffice", "\"Çankaya\"", "not_applicable" },
		{ "/invoice/name", "5", "wrong_type" }, { "/receipt/date", "\"2026-11-25\"", "future_date" },
		{ "/payment/iban", "\"TR330006100519786457841326\"", "unknown_field" },
	};

	expect_all(replacement, wrong_replacement, COUNT_OF(wrong_replacement));
	expect_all(pin, wrong_pin, COUNT_OF(wrong_pin));
	expect_all(reader, wrong_reader, COUNT_OF(wrong_reader));
	expect_all(individual, wrong_individual, COUNT_OF(wrong_individual));
}

static void
messages_name_what_is_wrong(void)
{
	cJSON *data = example(replacement), *errors = NULL;
	const cJSON *message;

	put(data, "/applicationDate", cJSON_CreateString("2026-11-20"));
	CHECK_INT(form_validate(catalogue(), replacement, 0, data, NOW, &errors), ERR_FORM_INVALID);
	message = json_member(error_at(errors, "/callCentre/date"), "message");
	CHECK(strstr(json_string(message, "tr"), "20.11.2026") != NULL && strstr(json_string(message, "en"), "20 November 2026") != NULL);
	cJSON_Delete(errors);
	cJSON_Delete(data);
	errors = NULL;
	data = example(pin);
	put(data, "/note", cJSON_CreateString("123456"));
	put(data, "/card/serialNumber", cJSON_CreateString("123456"));
	CHECK_INT(form_validate(catalogue(), pin, 0, data, NOW, &errors), ERR_FORM_INVALID);
	CHECK(strstr(json_string(json_member(error_at(errors, "/note"), "message"), "tr"), "PIN kodunuzu kimse isteyemez") != NULL);
	CHECK_STR(json_string(json_member(error_at(errors, "/card/serialNumber"), "message"), "tr"), "En az 9 karakter yazılmalı.");
	cJSON_Delete(errors);
	cJSON_Delete(data);
}

static void
the_catalogue_is_freed(void)
{
	form_catalogue_free(catalogue());
}

TEST_MAIN(TEST_CASE(each_change_alone_is_told_with_its_pointer_and_code), TEST_CASE(a_lost_or_stolen_card_needs_the_call_first),
    TEST_CASE(each_reason_has_its_own_part), TEST_CASE(a_changed_name_is_another_one), TEST_CASE(a_pin_is_created_without_a_cause),
    TEST_CASE(what_was_paid_at_a_bank_comes_with_its_receipt), TEST_CASE(everything_wrong_is_told_at_once),
    TEST_CASE(messages_name_what_is_wrong), TEST_CASE(the_catalogue_is_freed))
