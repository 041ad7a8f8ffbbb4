/* SPDX-License-Identifier: Apache-2.0 */
/* test_form_data.c: what is wrong with a first application or a renewal is told field by field, all at once, whatever its size. */
#include "form_cases.h"

static const char first[] = "first-application", renewal[] = "renewal";

static const char receipt[] = "{\"bank\":\"Örnek Bankası\",\"date\":\"2026-11-20\",\"amount\":413.50,\"number\":\"2026/118-4\"}";

static const struct change changes[] = {
	/* good ones at the edges */
	{ first, "/way", "\"e-approved\"", NULL, NULL },
	{ first, "/way", "\"wet-signed\"", NULL, NULL },
	{ first, "/applicant/nationality", NULL, NULL, NULL },
	{ first, "/declarations/smsNotice", NULL, NULL, NULL },
	{ first, "/declarations/smsNotice", "false", NULL, NULL },
	{ first, "/applicationDate", "\"2026-11-24\"", NULL, NULL },
	{ first, "/applicationDate", "\"2026-01-01\"", NULL, NULL },
	{ first, "/applicant/birthDate", "\"2008-11-24\"", NULL, NULL },
	{ first, "/applicant/surname", "\"Yıldız-İnce\"", NULL, NULL },
	{ first, "/applicant/surname", "\"D'Arcy\"", NULL, NULL },
	{ first, "/applicant/givenName", "\"Âdem Gül Ş.\"", NULL, NULL },
	{ first, "/delivery/district", "\"19 Mayıs\"", NULL, NULL },
	{ first, "/employment/unit", "\"“Ege” Ünitesi – 3. kat (A/B) & C; %50 ₺\"", NULL, NULL },
	{ first, "/delivery/address", "\"a\\nb\\nc\\nd\\ne\\nf\"", NULL, NULL },
	{ renewal, "/certificateEnd", "\"2026-11-24\"", NULL, NULL },
	{ renewal, "/certificateEnd", "\"2027-02-24\"", NULL, NULL },
	/* missing */
	{ first, "/reason", NULL, "/reason", "required" },
	{ first, "/way", NULL, "/way", "required" },
	{ first, "/applicationDate", NULL, "/applicationDate", "required" },
	{ first, "/applicant/identityNumber", NULL, "/applicant/identityNumber", "required" },
	{ first, "/applicant/givenName", NULL, "/applicant/givenName", "required" },
	{ first, "/applicant/givenName", "\"\"", "/applicant/givenName", "required" },
	{ first, "/applicant/identityNumber", "\"\"", "/applicant/identityNumber", "required" },
	{ first, "/applicant/email", NULL, "/applicant/email", "required" },
	{ first, "/employment/kind", NULL, "/employment/kind", "required" },
	{ first, "/delivery/address", NULL, "/delivery/address", "required" },
	{ first, "/declarations/personalData", NULL, "/declarations/personalData", "must_be_accepted" },
	{ first, "/declarations", NULL, "/declarations/personalData", "must_be_accepted" },
	{ renewal, "/certificateEnd", NULL, "/certificateEnd", "required" },
	{ renewal, "/certificateDataUnchanged", NULL, "/certificateDataUnchanged", "must_be_accepted" },
	/* unknown */
	{ first, "/note", "\"x\"", "/note", "unknown_field" },
	{ first, "/applicant/motherName", "\"x\"", "/applicant/motherName", "unknown_field" },
	{ first, "/certificateEnd", "\"2027-01-15\"", "/certificateEnd", "unknown_field" },
	/* wrong types */
	{ first, "/applicant", "\"x\"", "/applicant", "wrong_type" },
	{ first, "/applicant", "[]", "/applicant", "wrong_type" },
	{ first, "/applicant", "null", "/applicant", "wrong_type" },
	{ first, "/applicant/identityNumber", "10000000146", "/applicant/identityNumber", "wrong_type" },
	{ first, "/applicant/givenName", "{}", "/applicant/givenName", "wrong_type" },
	{ first, "/applicationDate", "20261124", "/applicationDate", "wrong_type" },
	{ first, "/declarations/smsNotice", "\"true\"", "/declarations/smsNotice", "wrong_type" },
	{ first, "/declarations/personalData", "1", "/declarations/personalData", "must_be_accepted" },
	{ first, "/way", "3", "/way", "not_an_option" },
	/* wrong values */
	{ first, "/reason", "\"renewal\"", "/reason", "not_an_option" },
	{ renewal, "/reason", "\"first\"", "/reason", "not_an_option" },
	{ first, "/way", "\"fax\"", "/way", "not_an_option" },
	{ renewal, "/way", "\"e-approved\"", "/way", "not_an_option" },
	{ first, "/employment/kind", "\"visitor\"", "/employment/kind", "not_an_option" },
	{ first, "/declarations/personalData", "false", "/declarations/personalData", "must_be_accepted" },
	{ renewal, "/certificateDataUnchanged", "false", "/certificateDataUnchanged", "must_be_accepted" },
	{ first, "/applicant/identityNumber", "\"10000000147\"", "/applicant/identityNumber", "identity_number" },
	{ first, "/applicant/identityNumber", "\"1000000014\"", "/applicant/identityNumber", "identity_number" },
	{ first, "/applicant/birthDate", "\"1988-02-30\"", "/applicant/birthDate", "date" },
	{ first, "/applicant/birthDate", "\"23.04.1988\"", "/applicant/birthDate", "date" },
	{ first, "/applicant/mobilePhone", "\"0312 123 45 67\"", "/applicant/mobilePhone", "phone" },
	{ first, "/applicant/mobilePhone", "\"0532 123 45\"", "/applicant/mobilePhone", "phone" },
	{ first, "/applicant/email", "\"cagla.hastane.example\"", "/applicant/email", "email" },
	{ first, "/employment/registryNumber", "\"H 20418\"", "/employment/registryNumber", "characters" },
	{ first, "/delivery/postalCode", "\"0642\"", "/delivery/postalCode", "characters" },
	{ first, "/delivery/postalCode", "\"82000\"", "/delivery/postalCode", "characters" },
	{ first, "/delivery/postalCode", "\"064200\"", "/delivery/postalCode", "too_long" },
	{ first, "/delivery/address", "\"a\\nb\\nc\\nd\\ne\\nf\\ng\"", "/delivery/address", "characters" },
	{ first, "/delivery/address", "\"a\\n\\nb\"", "/delivery/address", "characters" },
	{ first, "/delivery/address", "\"a\\n\"", "/delivery/address", "characters" },
	{ first, "/employment/unit", "\" unit\"", "/employment/unit", "characters" },
	{ first, "/employment/unit", "\"unit \"", "/employment/unit", "characters" },
	{ first, "/employment/unit", "\"two\\nlines\"", "/employment/unit", "characters" },
	/* characters that hide, turn or are not letters */
	{ first, "/employment/unit", "\"a\\u0007b\"", "/employment/unit", "characters" },
	{ first, "/employment/unit", "\"a\\u007fb\"", "/employment/unit", "characters" },
	{ first, "/employment/unit", "\"a\\u0085b\"", "/employment/unit", "characters" },
	{ first, "/employment/unit", "\"a\\u00a0b\"", "/employment/unit", "characters" },
	{ first, "/employment/unit", "\"a\\u00adb\"", "/employment/unit", "characters" },
	{ first, "/employment/unit", "\"a\\u200bb\"", "/employment/unit", "characters" },
	{ first, "/employment/unit", "\"a\\u200fb\"", "/employment/unit", "characters" },
	{ first, "/employment/unit", "\"a\\u2028b\"", "/employment/unit", "characters" },
	{ first, "/employment/unit", "\"a\\u202eb\"", "/employment/unit", "characters" },
	{ first, "/employment/unit", "\"a\\u2066b\"", "/employment/unit", "characters" },
	{ first, "/employment/unit", "\"a\\ufeffb\"", "/employment/unit", "characters" },
	{ first, "/employment/unit", "\"a\\ue000b\"", "/employment/unit", "characters" },
	{ first, "/employment/unit", "\"العيادة\"", "/employment/unit", "characters" },
	{ first, "/employment/unit", "\"病院\"", "/employment/unit", "characters" },
	{ first, "/employment/title", "\"Hemşire 🙂\"", "/employment/title", "characters" },
	{ first, "/delivery/address", "\"a\\r\\nb\"", "/delivery/address", "characters" },
	{ first, "/delivery/address", "\"a\\u202eb\"", "/delivery/address", "characters" },
	{ first, "/applicant/givenName", "\"Ça\\u011fla2\"", "/applicant/givenName", "characters" },
	{ first, "/applicant/givenName", "\"Çağla  \"", "/applicant/givenName", "characters" },
	{ first, "/applicant/givenName", "\"<b>\"", "/applicant/givenName", "characters" },
	/* letters and their marks apart (NFD): what is signed must be what is shown, so they are not joined silently */
	{ first, "/applicant/givenName", "\"C\\u0327ag\\u0306la\"", "/applicant/givenName", "decomposed_letters" },
	{ first, "/employment/unit", "\"Go\\u0308g\\u0306u\\u0308s\"", "/employment/unit", "decomposed_letters" },
	/* the fee's receipt */
	{ first, "/receipt", receipt, "/receipt", "not_applicable" },
	/* rules */
	{ first, "/applicationDate", "\"2026-11-25\"", "/applicationDate", "future_date" },
	{ first, "/applicant/birthDate", "\"2008-11-25\"", "/applicant/birthDate", "too_young" },
	{ first, "/applicant/birthDate", "\"2030-01-01\"", "/applicant/birthDate", "too_young" },
	{ first, "/applicant/birthDate", "\"1888-04-23\"", "/applicant/birthDate", "too_old" },
	{ renewal, "/applicationDate", "\"2026-12-01\"", "/applicationDate", "future_date" },
	{ renewal, "/certificateEnd", "\"2027-02-25\"", "/certificateEnd", "renewal_too_early" },
	{ renewal, "/certificateEnd", "\"2029-11-24\"", "/certificateEnd", "renewal_too_early" },
	{ renewal, "/certificateEnd", "\"2026-11-23\"", "/certificateEnd", "certificate_ended" },
};

static void
each_change_alone_is_told_with_its_pointer_and_code(void)
{
	for (size_t i = 0; i < COUNT_OF(changes); i++)
		expect_change(&changes[i]);
}

/* The same members, in a family physician's application, which carries a receipt. */
static void
a_family_physician_names_the_receipt(void)
{
	static const struct { const char *pointer, *value, *code; } cases[] = {
		{ "/receipt/bank", NULL, "required" },
		{ "/receipt/date", "\"2026-11-25\"", "future_date" },
		{ "/receipt/date", "\"yesterday\"", "date" },
		{ "/receipt/amount", "0", "out_of_range" },
		{ "/receipt/amount", "-413", "out_of_range" },
		{ "/receipt/amount", "100000.01", "out_of_range" },
		{ "/receipt/amount", "413.005", "too_precise" },
		{ "/receipt/amount", "\"413\"", "wrong_type" },
		{ "/receipt/number", "\"no 5\"", "characters" },
		{ "/receipt/amount", "0.29", NULL },
		{ "/receipt/amount", "99999.99", NULL },
	};

	for (size_t f = 0; f < 2; f++) {
		const char *form = f == 0 ? first : renewal;

		for (size_t i = 0; i < COUNT_OF(cases); i++) {
			cJSON *data = example(form);

			put(data, "/employment/kind", cJSON_CreateString("family-physician"));
			put(data, "/receipt", cJSON_Parse(receipt));
			put(data, cases[i].pointer, cases[i].value == NULL ? NULL : cJSON_Parse(cases[i].value));
			expect_one(form, data, cases[i].pointer, cases[i].code, cases[i].pointer);
		}
	}
}

/* Without one, every field of the receipt is told, not the object that no field stands for. */
static void
a_missing_object_is_told_as_its_missing_fields(void)
{
	static const char *const pointers[] = { "/receipt/bank", "/receipt/date", "/receipt/amount", "/receipt/number" };
	cJSON *data = example(first), *errors = NULL;

	put(data, "/employment/kind", cJSON_CreateString("family-physician"));
	CHECK_INT(form_validate(catalogue(), first, 0, data, NOW, &errors), ERR_FORM_INVALID);
	CHECK_INT(cJSON_GetArraySize(errors), (int)COUNT_OF(pointers));
	for (size_t i = 0; i < COUNT_OF(pointers); i++)
		CHECK_STR(json_string(error_at(errors, pointers[i]), "code"), "required");
	cJSON_Delete(errors);
	cJSON_Delete(data);
}

static void
everything_wrong_is_told_at_once(void)
{
	static const struct { const char *pointer, *value, *code; } wrong[] = {
		{ "/way", "\"fax\"", "not_an_option" },
		{ "/applicationDate", "\"2027-01-01\"", "future_date" },
		{ "/certificateEnd", "\"2029-01-01\"", "renewal_too_early" },
		{ "/applicant/identityNumber", "\"11111111111\"", "identity_number" },
		{ "/applicant/surname", NULL, "required" },
		{ "/applicant/birthDate", "\"2020-01-01\"", "too_young" },
		{ "/employment/unit", "\"\\u202e\"", "characters" },
		{ "/delivery/province", "5", "wrong_type" },
		{ "/declarations/personalData", "false", "must_be_accepted" },
		{ "/extra", "1", "unknown_field" },
	};
	cJSON *data = example(renewal), *errors = NULL, *empty = cJSON_CreateObject();

	for (size_t i = 0; i < COUNT_OF(wrong); i++)
		put(data, wrong[i].pointer, wrong[i].value == NULL ? NULL : cJSON_Parse(wrong[i].value));
	CHECK_INT(form_validate(catalogue(), renewal, 0, data, NOW, &errors), ERR_FORM_INVALID);
	CHECK_INT(cJSON_GetArraySize(errors), (int)COUNT_OF(wrong));
	for (size_t i = 0; i < COUNT_OF(wrong); i++)
		CHECK_STR(json_string(error_at(errors, wrong[i].pointer), "code"), wrong[i].code);
	cJSON_Delete(errors);
	errors = NULL;
	CHECK_INT(form_validate(catalogue(), renewal, 0, empty, NOW, &errors), ERR_FORM_INVALID);
	CHECK_INT(cJSON_GetArraySize(errors), 20);
	CHECK(error_at(errors, "/applicant/identityNumber") != NULL && error_at(errors, "/applicant") == NULL);
	cJSON_Delete(errors);
	cJSON_Delete(empty);
	cJSON_Delete(data);
}

static void
data_that_is_no_object_is_refused(void)
{
	static const char *const cases[] = { "[]", "\"\"", "null", "true", "0" };

	for (size_t i = 0; i < COUNT_OF(cases); i++)
		expect_one(first, cJSON_Parse(cases[i]), "", "wrong_type", cases[i]);
}

/* count times the text. */
static cJSON *
repeated(const char *text, size_t count)
{
	size_t len = strlen(text);
	char *all = malloc(len * count + 1);
	cJSON *string;

	for (size_t i = 0; i < count; i++)
		memcpy(all + i * len, text, len);
	all[len * count] = '\0';
	string = cJSON_CreateString(all);
	free(all);
	return string;
}

static void
lengths_are_counted_in_characters_up_to_a_megabyte(void)
{
	static const struct { const char *pointer; size_t max; } fields[] = {
		{ "/applicant/givenName", 60 }, { "/applicant/surname", 60 }, { "/employment/unit", 160 }, { "/employment/title", 80 },
		{ "/delivery/address", 300 }, { "/delivery/province", 40 },
	};

	for (size_t i = 0; i < COUNT_OF(fields); i++) {
		for (size_t k = 0; k < 3; k++) {
			cJSON *data = example(first);

			put(data, fields[i].pointer, repeated("ğ", k == 0 ? fields[i].max : k == 1 ? fields[i].max + 1 : 500000));
			expect_one(first, data, fields[i].pointer, k == 0 ? NULL : "too_long", fields[i].pointer);
		}
	}
	for (size_t i = 0; i < COUNT_OF(fields); i++) {
		cJSON *data = example(first);

		put(data, fields[i].pointer, repeated("a ", 500000));	/* a pattern's worst case */
		expect_one(first, data, fields[i].pointer, "too_long", fields[i].pointer);
		data = example(first);
		put(data, fields[i].pointer, repeated("🙂", 250000));
		expect_one(first, data, fields[i].pointer, "too_long", fields[i].pointer);
	}
}

/* A pointer goes back to the page: a name of a megabyte does not. */
static void
an_unknown_name_of_any_length_is_told_shortly(void)
{
	cJSON *data = example(first), *name = repeated("x", 1000000);

	put(data, "/applicant/email", NULL);
	cJSON_AddStringToObject(json_member(data, "applicant"), name->valuestring, "x");
	put(data, "/applicant/email", cJSON_CreateString("a@b.example"));
	expect_one(first, data, "/applicant", "unknown_field", "a long name");
	cJSON_Delete(name);
}

static void
messages_name_the_day_and_the_way(void)
{
	cJSON *data = example(renewal), *errors = NULL;
	const cJSON *message;

	put(data, "/certificateEnd", cJSON_CreateString("2027-05-31"));
	CHECK_INT(form_validate(catalogue(), renewal, 0, data, NOW, &errors), ERR_FORM_INVALID);
	message = json_member(error_at(errors, "/certificateEnd"), "message");
	CHECK(strstr(json_string(message, "tr"), "28.02.2027") != NULL && strstr(json_string(message, "en"), "28 February 2027") != NULL);
	cJSON_Delete(errors);
	errors = NULL;
	put(data, "/certificateEnd", cJSON_CreateString("2026-01-31"));
	CHECK_INT(form_validate(catalogue(), renewal, 0, data, NOW, &errors), ERR_FORM_INVALID);
	message = json_member(error_at(errors, "/certificateEnd"), "message");
	CHECK(strstr(json_string(message, "tr"), "ıslak imzalı") != NULL && strstr(json_string(message, "en"), "by hand") != NULL);
	cJSON_Delete(errors);
	cJSON_Delete(data);
	errors = NULL;
	data = example(first);
	put(data, "/employment/registryNumber", cJSON_CreateString("çok uzun bir sicil numarası"));
	put(data, "/delivery/postalCode", cJSON_CreateString("abc"));
	CHECK_INT(form_validate(catalogue(), first, 0, data, NOW, &errors), ERR_FORM_INVALID);
	message = json_member(error_at(errors, "/employment/registryNumber"), "message");
	CHECK_STR(json_string(message, "tr"), "En çok 20 karakter yazılabilir.");
	message = json_member(error_at(errors, "/delivery/postalCode"), "message");
	CHECK(strstr(json_string(message, "tr"), "5 rakam") != NULL && strstr(json_string(message, "en"), "5 digits") != NULL);
	cJSON_Delete(errors);
	cJSON_Delete(data);
}

static void
the_catalogue_is_freed(void)
{
	form_catalogue_free(catalogue());
	form_catalogue_free(NULL);
}

TEST_MAIN(TEST_CASE(each_change_alone_is_told_with_its_pointer_and_code), TEST_CASE(a_family_physician_names_the_receipt),
    TEST_CASE(a_missing_object_is_told_as_its_missing_fields), TEST_CASE(everything_wrong_is_told_at_once),
    TEST_CASE(data_that_is_no_object_is_refused), TEST_CASE(lengths_are_counted_in_characters_up_to_a_megabyte),
    TEST_CASE(an_unknown_name_of_any_length_is_told_shortly), TEST_CASE(messages_name_the_day_and_the_way), TEST_CASE(the_catalogue_is_freed))
