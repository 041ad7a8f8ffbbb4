/* SPDX-License-Identifier: Apache-2.0 */
/* test_form_signer.c: what a form says of its signature, and of the certificate that signs it: its owner's name, and in a renewal its end. */
#include "form_cases.h"

static const char *const form_ids[] = { "first-application", "renewal", "replacement", "pin-request", "card-reader-request",
	"individual-application" };
static const char renewal[] = "renewal";

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
only_the_way_that_ends_in_a_signature_is_signed(void)
{
	static const struct { const char *way, *code; } cases[] = {
		{ "e-signed", NULL }, { "wet-signed", "not_signed_here" }, { "e-approved", "not_signed_here" }, { NULL, "not_signed_here" },
	};

	for (size_t i = 0; i < COUNT_OF(form_ids); i++)
		for (size_t j = 0; j < COUNT_OF(cases); j++) {
			cJSON *data = example(form_ids[i]), *errors = NULL;
			int err;

			put(data, "/way", cases[j].way != NULL ? cJSON_CreateString(cases[j].way) : NULL);
			err = form_way_check(catalogue(), form_ids[i], 0, data, &errors);
			CHECK_MSG(err == (cases[j].code == NULL ? 0 : ERR_FORM_INVALID), "%s, case %zu", form_ids[i], j);
			CHECK_INT(cJSON_GetArraySize(errors), cases[j].code == NULL ? 0 : 1);
			if (cases[j].code != NULL)
				CHECK_STR(json_string(error_at(errors, "/way"), "code"), cases[j].code);
			cJSON_Delete(errors);
			cJSON_Delete(data);
		}
	CHECK_INT(form_way_check(catalogue(), "no-such-form", 0, NULL, NULL), 0);
}

#define DAY 86400

static void
a_renewal_names_the_end_of_the_certificate_that_signs(void)
{
	static const struct { const char *told; time_t ends; const char *code; } cases[] = {
		{ "2027-01-15", 1799999999, NULL },	/* 2027-01-15T07:59:59Z */
		{ "2027-01-15", 1799960400, NULL },	/* midnight in Turkey: 2027-01-14T21:00:00Z */
		{ "2027-01-15", 1799960399, "certificate_end_differs" },
		{ "2027-01-15", 1800046799, NULL },	/* 2027-01-15T20:59:59Z */
		{ "2027-01-15", 1800046800, "certificate_end_differs" },
		{ "2027-01-15", NOW + 3 * 365 * DAY, "certificate_end_differs" },
		{ "2026-11-24", NOW, NULL },
		{ "2026-11-24", NOW - 1, "certificate_ended" },
		{ "2027-01-15", NOW - 365 * DAY, "certificate_ended" },
		{ "2027-01-15", 0, "certificate_ended" },
	};

	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		cJSON *data = example(renewal), *errors = NULL;
		int err;

		put(data, "/certificateEnd", cJSON_CreateString(cases[i].told));
		err = form_certificate_check(catalogue(), renewal, 0, data, cases[i].ends, NOW, &errors);
		CHECK_MSG(err == (cases[i].code == NULL ? 0 : ERR_FORM_INVALID), "case %zu", i);
		CHECK_INT(cJSON_GetArraySize(errors), cases[i].code == NULL ? 0 : 1);
		if (cases[i].code != NULL)
			CHECK_STR(json_string(error_at(errors, "/certificateEnd"), "code"), cases[i].code);
		cJSON_Delete(errors);
		cJSON_Delete(data);
	}
}

static void
the_message_names_the_certificate_s_day_and_the_way_on_paper(void)
{
	cJSON *data = example(renewal), *errors = NULL;
	const cJSON *message;

	CHECK_INT(form_certificate_check(catalogue(), renewal, 0, data, 1899999999, NOW, &errors), ERR_FORM_INVALID);
	message = json_member(error_at(errors, "/certificateEnd"), "message");
	CHECK(strstr(json_string(message, "tr"), "17.03.2030") != NULL && strstr(json_string(message, "tr"), "ıslak imzalı") != NULL);
	CHECK(strstr(json_string(message, "en"), "17 March 2030") != NULL && strstr(json_string(message, "en"), "by hand") != NULL);
	cJSON_Delete(errors);
	cJSON_Delete(data);
}

static void
other_forms_name_no_certificate(void)
{
	for (size_t i = 0; i < COUNT_OF(form_ids); i++) {
		cJSON *data = example(form_ids[i]), *errors = NULL;

		put(data, "/certificateEnd", cJSON_CreateString("2026-12-01"));
		CHECK_INT(form_certificate_check(catalogue(), form_ids[i], 0, data, 0, NOW, &errors), form_ids[i] != form_ids[1] ? 0 : ERR_FORM_INVALID);
		cJSON_Delete(errors);
		errors = NULL;
		put(data, "/certificateEnd", NULL);
		CHECK_INT(form_certificate_check(catalogue(), form_ids[i], 0, data, 0, NOW, &errors), 0);
		cJSON_Delete(data);
	}
	CHECK_INT(form_certificate_check(catalogue(), "no-such-form", 0, NULL, 0, NOW, NULL), 0);
}

static void
the_catalogue_is_freed(void)
{
	form_catalogue_free(catalogue());
	form_catalogue_free(NULL);
}

TEST_MAIN(TEST_CASE(the_signer_s_name_is_the_form_s_by_turkish_capitals), TEST_CASE(an_ended_certificate_is_renewed_on_paper),
    TEST_CASE(only_the_way_that_ends_in_a_signature_is_signed), TEST_CASE(a_renewal_names_the_end_of_the_certificate_that_signs), TEST_CASE(the_message_names_the_certificate_s_day_and_the_way_on_paper),
    TEST_CASE(other_forms_name_no_certificate), TEST_CASE(the_catalogue_is_freed))
