/* SPDX-License-Identifier: Apache-2.0 */
/* forms/signer.c: what a form says of its signature and of the certificate that signs it. */
#include "forms/forms.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"
#include "forms/catalogue.h"
#include "forms/day.h"
#include "forms/field.h"
#include "forms/name.h"
#include "forms/problem.h"

#define NAME_MAX_BYTES 8192

const char *
form_identity_number(const struct form_catalogue *catalogue, const char *id, int64_t version, const cJSON *data)
{
	const struct form *form = form_find(catalogue, id, version);
	const char *pointer = form == NULL ? NULL : json_string(form->form, "identity");

	return pointer == NULL ? NULL : cJSON_GetStringValue(field_value(data, pointer));
}

bool
form_name_is(const struct form_catalogue *catalogue, const char *id, int64_t version, const cJSON *data, const char *name, char **ret_name)
{
	const struct form *form = form_find(catalogue, id, version);
	const cJSON *names = form == NULL ? NULL : json_member(form->form, "name"), *pointer;
	char *whole = NULL;
	struct buf buf;

	buf_init(&buf, NAME_MAX_BYTES);
	cJSON_ArrayForEach(pointer, names) {
		const char *part = cJSON_GetStringValue(field_value(data, pointer->valuestring));

		if (buf.len > 0)
			buf_append_string(&buf, " ");
		buf_append_string(&buf, part != NULL ? part : "");
	}
	if (buf.len == 0) {
		buf_clear(&buf);
		return true;
	}
	buf_append(&buf, "", 1);
	if (!buf.failed)
		whole = strdup((const char *)buf.data);
	buf_clear(&buf);
	if (whole != NULL && name_same(whole, name)) {
		free(whole);
		return true;
	}
	*ret_name = whole;
	return false;
}

/* ERR_FORM_INVALID and an array of this one; ERR_INTERNAL. */
static int
told(const struct problem *problem, cJSON **ret_errors)
{
	cJSON *problems = cJSON_CreateArray();

	if (problems == NULL || !problem_add(problems, problem)) {
		cJSON_Delete(problems);
		return ERR_INTERNAL;
	}
	*ret_errors = problems;
	return ERR_FORM_INVALID;
}

int
form_way_check(const struct form_catalogue *catalogue, const char *id, int64_t version, const cJSON *data, cJSON **ret_errors)
{
	const struct form *form = form_find(catalogue, id, version);
	const cJSON *when = form == NULL ? NULL : json_member(form->form, "signedWhen");
	const char *pointer = json_string(when, "pointer"), *value;

	if (pointer == NULL)
		return 0;
	value = cJSON_GetStringValue(field_value(data, pointer));
	if (value != NULL && strcmp(value, json_string(when, "value")) == 0)
		return 0;
	return told(&(struct problem){ .pointer = pointer, .code = "not_signed_here" }, ret_errors);
}

static int
end_told(const char *pointer, const char *code, struct day ends, cJSON **ret_errors)
{
	char *tr = day_text(ends, "tr"), *en = day_text(ends, "en");
	const struct problem problem = { .pointer = pointer, .code = code, .value_tr = tr, .value_en = en };
	int r = tr != NULL && en != NULL ? told(&problem, ret_errors) : ERR_INTERNAL;

	free(tr);
	free(en);
	return r;
}

int
form_certificate_check(const struct form_catalogue *catalogue, const char *id, int64_t version, const cJSON *data, time_t ends, time_t now, cJSON **ret_errors)
{
	const struct form *form = form_find(catalogue, id, version);
	const char *pointer = form == NULL ? NULL : json_string(form->form, "certificateEnd");
	const char *value = pointer == NULL ? NULL : cJSON_GetStringValue(field_value(data, pointer));
	struct day day = day_in_turkey(ends), named;

	if (value == NULL || (ends >= now && day_parse(value, &named) && day_compare(named, day) == 0))
		return 0;
	return end_told(pointer, ends < now ? "certificate_ended" : "certificate_end_differs", day, ret_errors);
}
