/* SPDX-License-Identifier: Apache-2.0 */
/* test_form_hostile.c: every field of every form, as its schema lists them, given what no field takes: told at that field, whatever it is. */
#include "form_cases.h"

#define MEGABYTE 1000000
#define RECEIPT "{\"bank\":\"Örnek Bankası\",\"date\":\"2026-11-20\",\"amount\":413.50,\"number\":\"2026/118-4\"}"

/* What a form must say else so that the fields below a pointer have their place. */
static const struct place { const char *form, *below, *pointer, *value; } places[] = {
	{ "first-application", "/receipt", "/employment/kind", "\"family-physician\"" },
	{ "first-application", "/receipt", "/receipt", RECEIPT },
	{ "renewal", "/receipt", "/employment/kind", "\"family-physician\"" },
	{ "renewal", "/receipt", "/receipt", RECEIPT },
	{ "replacement", "/formerName", "/reason", "\"name-change\"" },
	{ "replacement", "/formerName", "/callCentre", NULL },
	{ "replacement", "/formerName", "/formerName", "{\"givenName\":\"Çağla Şule\",\"surname\":\"Yıldız\"}" },
	{ "replacement", "/fault", "/reason", "\"fault\"" },
	{ "replacement", "/fault", "/callCentre", NULL },
	{ "replacement", "/fault", "/fault", "{\"description\":\"a\"}" },
	{ "card-reader-request", "/receipt", "/payment/way", "\"bank\"" },
	{ "card-reader-request", "/receipt", "/receipt", RECEIPT },
	{ "card-reader-request", "/invoice/identityNumber", "/invoice",
	    "{\"kind\":\"person\",\"name\":\"Çağla Öğüt\",\"identityNumber\":\"10000000146\",\"address\":\"Ankara\"}" },
	{ "individual-application", "/invoice/tax", "/invoice",
	    "{\"kind\":\"company\",\"name\":\"Örnek A.Ş.\",\"taxNumber\":\"1234567890\",\"taxOffice\":\"Çankaya\",\"address\":\"Ankara\"}" },
};

/* The codes that fit are listed with a blank around each. */
static const struct hostile { const char *value, *of_text, *of_number, *of_flag; } hostiles[] = {
	{ "\"\\u0007\"", " characters identity_number tax_number phone date email too_short ", " wrong_type ", " wrong_type " },
	{ "\"A\\u001b[2J\"", " characters identity_number tax_number phone date email too_short ", " wrong_type ", " wrong_type " },
	{ "\"A\\u202eb\"", " characters identity_number tax_number phone date email too_short ", " wrong_type ", " wrong_type " },
	{ "\"A\\u200b\\u2066b\"", " characters identity_number tax_number phone date email too_short ", " wrong_type ", " wrong_type " },
	{ "\"🙂\"", " characters identity_number tax_number phone date email too_short ", " wrong_type ", " wrong_type " },
	{ "\"Ays\\u0327e\"", " decomposed_letters identity_number tax_number phone date email too_short ", " wrong_type ", " wrong_type " },
	{ "\"\"", " required ", " required wrong_type ", " required wrong_type " },
	{ "5", " wrong_type ", " ", " wrong_type " },
	{ "-1e300", " wrong_type ", " out_of_range wrong_type ", " wrong_type " },
	{ "true", " wrong_type ", " wrong_type ", " " },
	{ "null", " wrong_type ", " wrong_type ", " wrong_type " },
	{ "[]", " wrong_type ", " wrong_type ", " wrong_type " },
	{ "{\"a\":{\"b\":[1]}}", " wrong_type ", " wrong_type ", " wrong_type " },
	{ NULL, " too_long ", " wrong_type ", " wrong_type " },		/* a megabyte of letters */
};

static cJSON *
megabyte(void)
{
	char *text = malloc(MEGABYTE + 1);
	cJSON *string;

	memset(text, 'a', MEGABYTE);
	text[MEGABYTE] = '\0';
	string = cJSON_CreateString(text);
	free(text);
	return string;
}

static cJSON *
example_with(const char *form, const char *pointer)
{
	cJSON *data = example(form);

	for (size_t i = 0; i < COUNT_OF(places); i++)
		if (strcmp(places[i].form, form) == 0 && strncmp(pointer, places[i].below, strlen(places[i].below)) == 0)
			put(data, places[i].pointer, places[i].value == NULL ? NULL : cJSON_Parse(places[i].value));
	return data;
}

/* One hostile value at one field. choice: what it says decides what else the form must hold, so that more may be told. */
static void
expect_refused(const char *form, const char *pointer, const struct hostile *hostile, const char *codes, bool choice)
{
	cJSON *data = example_with(form, pointer), *errors = NULL;
	const cJSON *error, *message;
	char code[40];
	int err;

	put(data, pointer, hostile->value == NULL ? megabyte() : cJSON_Parse(hostile->value));
	err = form_validate(catalogue(), form, 0, data, NOW, &errors);
	error = error_at(errors, pointer);
	message = json_member(error, "message");
	snprintf(code, sizeof(code), " %s ", error != NULL ? json_string(error, "code") : "none");
	CHECK_MSG(err == ERR_FORM_INVALID && strstr(codes, code) != NULL, "%s: %s = %s: told%s", form, pointer, hostile->value, code);
	CHECK_MSG(choice || cJSON_GetArraySize(errors) == 1, "%s: %s = %s: %d errors", form, pointer, hostile->value, cJSON_GetArraySize(errors));
	CHECK_MSG(json_string(message, "tr") != NULL && json_string(message, "en") != NULL && strlen(json_string(message, "tr")) < 400 &&
	    strstr(json_string(message, "tr"), "{}") == NULL, "%s: %s", form, pointer);
	cJSON_Delete(errors);
	cJSON_Delete(data);
}

static int
fields_refuse(const char *form, const cJSON *schema, const char *above)
{
	const cJSON *property;
	int count = 0;

	cJSON_ArrayForEach(property, json_member(schema, "properties")) {
		const char *type = json_string(property, "type");
		bool number = type != NULL && (strcmp(type, "number") == 0 || strcmp(type, "integer") == 0);
		bool flag = type != NULL && strcmp(type, "boolean") == 0, accept = cJSON_IsTrue(json_member(property, "const"));
		bool choice = json_member(property, "enum") != NULL || json_member(property, "const") != NULL;
		char pointer[200];

		snprintf(pointer, sizeof(pointer), "%s/%s", above, property->string);
		if (json_member(property, "properties") != NULL) {
			count += fields_refuse(form, property, pointer);
			continue;
		}
		count++;
		for (size_t i = 0; i < COUNT_OF(hostiles); i++) {
			const struct hostile *hostile = &hostiles[i];
			const char *codes = accept ? " must_be_accepted required " : choice ? " not_an_option required " : number ? hostile->of_number :
			    flag ? hostile->of_flag : hostile->of_text;
			bool takes = hostile->value != NULL && ((number && strcmp(hostile->value, "5") == 0) ||
			    ((flag || accept) && strcmp(hostile->value, "true") == 0));

			if (!takes)
				expect_refused(form, pointer, hostile, codes, choice);
		}
	}
	return count;
}

static void
no_field_of_any_form_takes_what_it_should_not(void)
{
	cJSON *list = form_catalogue_list(catalogue()), *description = NULL;
	const cJSON *entry;
	int fields = 0;

	cJSON_ArrayForEach(entry, list) {
		CHECK_INT(form_describe(catalogue(), json_string(entry, "id"), 0, &description), 0);
		fields += fields_refuse(json_string(entry, "id"), json_member(description, "schema"), "");
		cJSON_Delete(description);
		description = NULL;
	}
	CHECK_MSG(fields > 120, "%d fields", fields);
	cJSON_Delete(list);
}

/* Everything at once: as many errors as there are fields, each once, and none of them long. */
static void
a_form_of_hostile_values_alone_is_told_shortly(void)
{
	cJSON *list = form_catalogue_list(catalogue());
	const cJSON *entry;

	cJSON_ArrayForEach(entry, list)
		for (size_t i = 0; i < COUNT_OF(hostiles); i++) {
			cJSON *data = example(json_string(entry, "id")), *errors = NULL, *member;
			char *told;

			for (member = data->child; member != NULL; member = member->next) {
				cJSON *value = hostiles[i].value == NULL ? megabyte() : cJSON_Parse(hostiles[i].value), *next = member->next;

				value->string = strdup(member->string);
				cJSON_ReplaceItemViaPointer(data, member, value);
				member = value;
				CHECK(member->next == next);
			}
			CHECK_INT(form_validate(catalogue(), json_string(entry, "id"), 0, data, NOW, &errors), ERR_FORM_INVALID);
			told = cJSON_PrintUnformatted(errors);
			CHECK_MSG(cJSON_GetArraySize(errors) >= 3 && strlen(told) < 16000, "%s: %zu", json_string(entry, "id"), strlen(told));
			cJSON_free(told);
			cJSON_Delete(errors);
			cJSON_Delete(data);
		}
	cJSON_Delete(list);
}

static void
the_catalogue_is_freed(void)
{
	form_catalogue_free(catalogue());
}

TEST_MAIN(TEST_CASE(no_field_of_any_form_takes_what_it_should_not), TEST_CASE(a_form_of_hostile_values_alone_is_told_shortly),
    TEST_CASE(the_catalogue_is_freed))
