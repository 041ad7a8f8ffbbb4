/* SPDX-License-Identifier: Apache-2.0 */
/* test_forms.c: the forms that are compiled in hold together, and what is wrong with filled-in data is told field by field. */
#include "form_cases.h"

static const char *const form_ids[] = { "first-application", "renewal", "replacement", "pin-request", "card-reader-request",
	"individual-application" };
static const char first[] = "first-application", renewal[] = "renewal";

static void
the_catalogue_lists_and_describes_every_form(void)
{
	cJSON *list = form_catalogue_list(catalogue()), *description = NULL;

	CHECK_INT(cJSON_GetArraySize(list), (int)COUNT_OF(form_ids));
	for (size_t i = 0; i < COUNT_OF(form_ids); i++) {
		const cJSON *entry = cJSON_GetArrayItem(list, (int)i);

		CHECK_STR(json_string(entry, "id"), form_ids[i]);
		CHECK_INT(json_integer(entry, "version", 0), 1);
		CHECK(json_string(json_member(entry, "title"), "tr") != NULL && json_string(json_member(entry, "title"), "en") != NULL);
		CHECK_INT(cJSON_GetArraySize(entry), 3);
		CHECK_INT(form_describe(catalogue(), form_ids[i], 0, &description), 0);
		CHECK_INT(cJSON_GetArraySize(description), 6);
		CHECK(cJSON_IsObject(json_member(description, "schema")) && cJSON_IsObject(json_member(description, "layout")) &&
		    cJSON_IsObject(json_member(description, "texts")));
		cJSON_Delete(description);
		description = NULL;
	}
	cJSON_Delete(list);
}

static void
an_unknown_form_is_not_found(void)
{
	cJSON *result = NULL, *data = cJSON_CreateObject();

	CHECK_INT(form_describe(catalogue(), "loss", 0, &result), ERR_NOT_FOUND);
	CHECK_INT(form_describe(catalogue(), "first", 0, &result), ERR_NOT_FOUND);
	CHECK_INT(form_describe(catalogue(), NULL, 0, &result), ERR_NOT_FOUND);
	CHECK_INT(form_validate(catalogue(), "", 0, data, NOW, &result), ERR_NOT_FOUND);
	CHECK(form_identity_number(catalogue(), "loss", 0, data) == NULL);
	CHECK(form_fields(catalogue(), "loss", 0, data, "tr") == NULL);
	CHECK(result == NULL);
	cJSON_Delete(data);
}

static void
key_is_there(const cJSON *texts, const char *form, const cJSON *key)
{
	for (int i = 0; i < 2; i++) {
		const char *text = json_string(json_member(texts, i == 0 ? "tr" : "en"), cJSON_IsString(key) ? key->valuestring : "");

		CHECK_MSG(text != NULL && text[0] != '\0', "%s: no text for %s", form, cJSON_GetStringValue(key));
	}
}

static const cJSON *
schema_of(const cJSON *schema, const char *pointer)
{
	char path[200], *save = NULL;

	snprintf(path, sizeof(path), "%s", pointer);
	for (char *name = strtok_r(path, "/", &save); name != NULL; name = strtok_r(NULL, "/", &save))
		schema = json_member(json_member(schema, "properties"), name);
	return schema;
}

/* Every option of a choice is a value of the schema's enum or const, and every such value an option. */
static void
options_match(const cJSON *field, const cJSON *property, const char *form)
{
	const cJSON *values = json_member(property, "enum"), *options = json_member(field, "options");
	int count = values != NULL ? cJSON_GetArraySize(values) : 1;

	CHECK_MSG(cJSON_GetArraySize(options) == count, "%s: %s", form, json_string(field, "pointer"));
	for (int i = 0; i < count; i++) {
		const cJSON *value = values != NULL ? cJSON_GetArrayItem(values, i) : json_member(property, "const");

		CHECK_MSG(cJSON_Compare(value, json_member(cJSON_GetArrayItem(options, i), "value"), true), "%s: %s", form, json_string(field, "pointer"));
	}
}

static void
field_holds_together(const cJSON *field, const cJSON *description, const char *form)
{
	static const char *const widgets[] = { "text", "date", "choice", "multiline", "checkbox", "number" };
	const char *pointer = json_string(field, "pointer"), *widget = json_string(field, "widget"), *width = json_string(field, "width");
	const cJSON *property = schema_of(json_member(description, "schema"), pointer), *texts = json_member(description, "texts"), *option;
	bool known = false;

	for (size_t i = 0; i < COUNT_OF(widgets); i++)
		known |= strcmp(widgets[i], widget) == 0;
	CHECK_MSG(known && (strcmp(width, "half") == 0 || strcmp(width, "full") == 0), "%s: %s", form, pointer);
	CHECK_MSG(property != NULL, "%s: the schema has no %s", form, pointer);
	key_is_there(texts, form, json_member(field, "label"));
	if (json_member(field, "hint") != NULL)
		key_is_there(texts, form, json_member(field, "hint"));
	CHECK_MSG((strcmp(widget, "choice") == 0) == (json_member(field, "options") != NULL), "%s: %s", form, pointer);
	CHECK_MSG((strcmp(widget, "date") == 0) == (json_string(property, "format") != NULL && strcmp(json_string(property, "format"), "date") == 0),
	    "%s: %s", form, pointer);
	if (strcmp(widget, "choice") == 0)
		options_match(field, property, form);
	cJSON_ArrayForEach(option, json_member(field, "options"))
		key_is_there(texts, form, json_member(option, "label"));
}

/* Leaves of the schema, each with a field, and each string with a maxLength. */
static int
leaves_are_bounded(const cJSON *schema, const char *form)
{
	const cJSON *property;
	int leaves = 0;

	if (json_member(schema, "properties") == NULL) {
		const char *type = json_string(schema, "type");

		if (json_string(schema, "$ref") != NULL || (type != NULL && strcmp(type, "string") == 0))
			CHECK_MSG(json_integer(schema, "maxLength", 0) > 0, "%s: %s has no maxLength", form, schema->string);
		return 1;
	}
	CHECK_MSG(cJSON_IsFalse(json_member(schema, "additionalProperties")), "%s: %s", form, schema->string);
	cJSON_ArrayForEach(property, json_member(schema, "properties"))
		leaves += leaves_are_bounded(property, form);
	return leaves;
}

static void
layout_schema_and_texts_of_a_form_hold_together(void)
{
	for (size_t i = 0; i < COUNT_OF(form_ids); i++) {
		cJSON *description = NULL;
		const cJSON *section, *field, *key, *layout, *texts;
		int fields = 0;

		CHECK_INT(form_describe(catalogue(), form_ids[i], 0, &description), 0);
		layout = json_member(description, "layout");
		texts = json_member(description, "texts");
		cJSON_ArrayForEach(section, json_member(layout, "sections")) {
			key_is_there(texts, form_ids[i], json_member(section, "title"));
			cJSON_ArrayForEach(key, json_member(section, "institution"))
				CHECK_MSG(strcmp(key->valuestring, "account") == 0 || strcmp(key->valuestring, "callCentre") == 0 ||
				    strcmp(key->valuestring, "links") == 0 || strncmp(key->valuestring, "price/", 6) == 0, "%s", key->valuestring);
			cJSON_ArrayForEach(field, json_member(section, "fields")) {
				field_holds_together(field, description, form_ids[i]);
				fields++;
			}
		}
		cJSON_ArrayForEach(key, json_member(layout, "declaration"))
			key_is_there(texts, form_ids[i], key);
		key_is_there(texts, form_ids[i], json_member(json_member(layout, "signature"), "label"));
		CHECK_INT(leaves_are_bounded(json_member(description, "schema"), form_ids[i]), fields);
		cJSON_ArrayForEach(key, json_member(texts, "tr"))
			CHECK_MSG(json_string(json_member(texts, "en"), key->string) != NULL, "%s", key->string);
		CHECK_INT(cJSON_GetArraySize(json_member(texts, "tr")), cJSON_GetArraySize(json_member(texts, "en")));
		cJSON_Delete(description);
	}
}

static void
the_examples_are_valid_and_name_their_signer(void)
{
	for (size_t i = 0; i < COUNT_OF(form_ids); i++) {
		const char *pointer = strcmp(form_ids[i], "card-reader-request") == 0 ? "/recipient/identityNumber" : "/applicant/identityNumber";
		cJSON *data = example(form_ids[i]);

		CHECK_STR(form_identity_number(catalogue(), form_ids[i], 0, data), "10000000146");
		put(data, pointer, NULL);
		CHECK(form_identity_number(catalogue(), form_ids[i], 0, data) == NULL);
		put(data, pointer, cJSON_CreateNumber(10000000146.0));
		CHECK(form_identity_number(catalogue(), form_ids[i], 0, data) == NULL);
		cJSON_Delete(data);
		expect_one(form_ids[i], example(form_ids[i]), NULL, NULL, "the example");
	}
}

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

static void
an_ended_certificate_is_renewed_on_paper(void)
{
	cJSON *data = example(renewal);

	put(data, "/certificateEnd", cJSON_CreateString("2026-11-23"));
	put(data, "/way", cJSON_CreateString("wet-signed"));
	expect_one(renewal, data, NULL, NULL, "on paper");
	/* Paper is not sooner. */
	data = example(renewal);
	put(data, "/certificateEnd", cJSON_CreateString("2027-05-01"));
	put(data, "/way", cJSON_CreateString("wet-signed"));
	expect_one(renewal, data, "/certificateEnd", "renewal_too_early", "on paper");
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
fields_for_the_consent_come_in_layout_order_and_language(void)
{
	static const struct { int index; const char *label_tr, *value_tr, *label_en, *value_en; } wanted[] = {
		{ 0, "Başvuru nedeni", "YENİLEME", "Reason for applying", "RENEWAL" },
		{ 1, "Başvuru tarihi", "24.11.2026", "Date of application", "24 November 2026" },
		{ 2, "Başvuru yolu", "e-imzalı", "Way of applying", "e-signed" },
		{ 3, "Sertifikanın bitiş tarihi", "15.01.2027", "The certificate's last day", "15 January 2027" },
		{ 5, "T.C. kimlik numarası", "10000000146", "T.C. identity number", "10000000146" },
		{ 7, "Adı", "Çağla Şule", "Given name", "Çağla Şule" },
	};
	cJSON *data = example(renewal);

	for (int k = 0; k < 2; k++) {
		cJSON *fields = form_fields(catalogue(), renewal, 0, data, k == 0 ? "tr" : "en");

		CHECK_INT(cJSON_GetArraySize(fields), 21);	/* all but the receipt's four */
		for (size_t i = 0; i < COUNT_OF(wanted); i++) {
			const cJSON *field = cJSON_GetArrayItem(fields, wanted[i].index);

			CHECK_STR(json_string(field, "label"), k == 0 ? wanted[i].label_tr : wanted[i].label_en);
			CHECK_STR(json_string(field, "value"), k == 0 ? wanted[i].value_tr : wanted[i].value_en);
		}
		cJSON_Delete(fields);
	}
	cJSON_Delete(data);
}

static void
the_signer_s_name_is_the_form_s_by_turkish_capitals(void)
{
	for (size_t i = 0; i < COUNT_OF(form_ids); i++) {
		cJSON *data = example(form_ids[i]);
		char *name = NULL;

		CHECK(form_name_is(catalogue(), form_ids[i], 0, data, "Çağla Şule Öğüt", &name));
		CHECK(form_name_is(catalogue(), form_ids[i], 0, data, "ÇAĞLA ŞULE ÖĞÜT", &name));
		CHECK(name == NULL);
		CHECK(!form_name_is(catalogue(), form_ids[i], 0, data, "Çağla Şule Yıldız", &name));
		CHECK_STR(name, "Çağla Şule Öğüt");
		free(name);
		cJSON_Delete(data);
	}
	CHECK(form_name_is(catalogue(), "no-such-form", 0, NULL, "Çağla", NULL));
}

static void
the_catalogue_is_freed(void)
{
	form_catalogue_free(catalogue());
	form_catalogue_free(NULL);
}

TEST_MAIN(TEST_CASE(the_catalogue_lists_and_describes_every_form), TEST_CASE(an_unknown_form_is_not_found),
    TEST_CASE(layout_schema_and_texts_of_a_form_hold_together), TEST_CASE(the_examples_are_valid_and_name_their_signer),
    TEST_CASE(each_change_alone_is_told_with_its_pointer_and_code), TEST_CASE(a_family_physician_names_the_receipt),
    TEST_CASE(a_missing_object_is_told_as_its_missing_fields), TEST_CASE(everything_wrong_is_told_at_once),
    TEST_CASE(data_that_is_no_object_is_refused), TEST_CASE(an_ended_certificate_is_renewed_on_paper), TEST_CASE(messages_name_the_day_and_the_way),
    TEST_CASE(lengths_are_counted_in_characters_up_to_a_megabyte), TEST_CASE(an_unknown_name_of_any_length_is_told_shortly),
    TEST_CASE(fields_for_the_consent_come_in_layout_order_and_language), TEST_CASE(the_signer_s_name_is_the_form_s_by_turkish_capitals),
    TEST_CASE(the_catalogue_is_freed))
