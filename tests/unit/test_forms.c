/* SPDX-License-Identifier: Apache-2.0 */
/* test_forms.c: the forms that are compiled in hold together, and are told in the layout's order. */
#include "form_cases.h"

static const char *const form_ids[] = { "first-application", "renewal", "replacement", "pin-request", "card-reader-request",
	"individual-application" };
static const char renewal[] = "renewal";

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
		if (json_member(layout, "countersignature") != NULL)
			key_is_there(texts, form_ids[i], json_member(json_member(layout, "countersignature"), "label"));
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
the_catalogue_is_freed(void)
{
	form_catalogue_free(catalogue());
	form_catalogue_free(NULL);
}

TEST_MAIN(TEST_CASE(the_catalogue_lists_and_describes_every_form), TEST_CASE(an_unknown_form_is_not_found),
    TEST_CASE(layout_schema_and_texts_of_a_form_hold_together), TEST_CASE(the_examples_are_valid_and_name_their_signer),
    TEST_CASE(fields_for_the_consent_come_in_layout_order_and_language), TEST_CASE(the_catalogue_is_freed))
