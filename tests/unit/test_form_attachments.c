/* SPDX-License-Identifier: Apache-2.0 */
/* test_form_attachments.c: which files a form takes with which data, and what is told of the others. */
#include "form_cases.h"

#include <string.h>

#include "forms/attachments.h"

#define RECEIPT "/attachments/bank-receipt"
#define PDF { '%', 'P', 'D', 'F', '-', '1' }

/* A family physician's data; stated: whether it says that the scan is attached. */
static cJSON *
physician(bool stated)
{
	cJSON *data = example("first-application");

	put(data, "/employment/kind", cJSON_CreateString("family-physician"));
	put(data, "/receipt/number", cJSON_CreateString("1"));
	if (stated)
		put(data, "/receipt/scanAttached", cJSON_CreateTrue());
	return data;
}

/* The code that is told at the pointer, or NULL. */
static const char *
told(const cJSON *errors, const char *pointer)
{
	const cJSON *error;

	cJSON_ArrayForEach(error, errors)
		if (strcmp(json_string(error, "pointer"), pointer) == 0)
			return json_string(error, "code");
	return NULL;
}

static void
check(cJSON *data, const struct attachment_given *given, size_t count, const char *pointer, const char *code)
{
	cJSON *errors = NULL;
	int r = form_attachments_check(catalogue(), "first-application", 0, data, given, count, &errors);
	const char *found = pointer != NULL ? told(errors, pointer) : NULL;

	CHECK_INT(r, code == NULL ? 0 : ERR_FORM_INVALID);
	CHECK_MSG(code == NULL ? errors == NULL : found != NULL && strcmp(found, code) == 0, "%s: %s", code, found);
	cJSON_Delete(errors);
	cJSON_Delete(data);
}

static void
a_receipt_is_taken_with_data_that_says_so(void)
{
	static const struct attachment_given kinds[] = {
		{ "bank-receipt", "application/pdf", 5, { '%', 'P', 'D', 'F', '-' } },
		{ "bank-receipt", "image/jpeg", 3, { 0xff, 0xd8, 0xff } },
		{ "bank-receipt", "image/png", 10 << 20, { 0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n' } },
	};

	for (size_t i = 0; i < COUNT_OF(kinds); i++) {
		check(physician(true), &kinds[i], 1, NULL, NULL);
		check(physician(false), &kinds[i], 1, "/receipt/scanAttached", "attachment_unstated");
		check(example("first-application"), &kinds[i], 1, RECEIPT, "not_applicable");
	}
	check(physician(false), NULL, 0, NULL, NULL);
	check(physician(true), NULL, 0, RECEIPT, "attachment_missing");
	check(example("first-application"), NULL, 0, NULL, NULL);
}

static void
what_it_is_not_is_refused(void)
{
	static const struct attachment_given wrong[] = {
		{ "bank-receipt", "application/pdf", 0, { 0 } },
		{ "bank-receipt", "application/pdf", 4, { '%', 'P', 'D', 'F' } },
		{ "bank-receipt", "application/pdf", 4, { '%', 'P', 'D', 'F', '-' } },		/* what is there ends before */
		{ "bank-receipt", "application/pdf", 9, { ' ', '%', 'P', 'D', 'F', '-' } },
		{ "bank-receipt", "application/pdf", 9, { '%', 'p', 'd', 'f', '-' } },
		{ "bank-receipt", "application/pdf", 9, { 'M', 'Z' } },
		{ "bank-receipt", "image/jpeg", 9, PDF },
		{ "bank-receipt", "image/png", 8, { 0x89, 'P', 'N', 'G', '\n', '\n', 0x1a, '\n' } },
		{ "bank-receipt", "image/gif", 9, { 'G', 'I', 'F', '8', '9', 'a' } },
		{ "bank-receipt", "application/octet-stream", 9, PDF },
		{ "bank-receipt", "", 9, PDF },
	};

	for (size_t i = 0; i < COUNT_OF(wrong); i++)
		check(physician(true), &wrong[i], 1, RECEIPT, "attachment_type");
	check(physician(true), &(struct attachment_given){ "bank-receipt", "application/pdf", (10 << 20) + 1, PDF }, 1, RECEIPT, "attachment_large");
	check(physician(true), &(struct attachment_given){ "bank-receipt", "application/pdf", UINT64_MAX, PDF }, 1, RECEIPT, "attachment_large");
	check(physician(true), &(struct attachment_given){ "other", "application/pdf", 9, PDF }, 1, "/attachments/other", "attachment_unknown");
}

static void
a_form_of_before_takes_none_and_wants_none(void)
{
	static const struct attachment_given given = { "bank-receipt", "application/pdf", 9, PDF };
	cJSON *errors = NULL, *data = example("pin-request");

	CHECK_INT(form_attachments_check(catalogue(), "pin-request", 0, data, NULL, 0, &errors), 0);
	CHECK_INT(form_attachments_check(catalogue(), "pin-request", 0, data, &given, 1, &errors), ERR_FORM_INVALID);
	CHECK_STR(told(errors, RECEIPT), "attachment_unknown");
	/* Its errors stand beside those of the data, one a place. */
	CHECK_INT(form_attachments_check(catalogue(), "pin-request", 0, data, &given, 1, &errors), ERR_FORM_INVALID);
	CHECK_INT(cJSON_GetArraySize(errors), 1);
	CHECK_INT(form_attachments_check(catalogue(), "no-such-form", 0, data, &given, 1, &errors), 0);
	CHECK_STR(form_attachment_label(catalogue(), "renewal", 0, "bank-receipt", "en"), "Bank receipt");
	CHECK_STR(form_attachment_label(catalogue(), "renewal", 0, "other", "en"), "other");
	cJSON_Delete(errors);
	cJSON_Delete(data);
}

TEST_MAIN(TEST_CASE(a_receipt_is_taken_with_data_that_says_so), TEST_CASE(what_it_is_not_is_refused), TEST_CASE(a_form_of_before_takes_none_and_wants_none))
