/* SPDX-License-Identifier: Apache-2.0 */
/* operations/form.c: form.catalog, form.describe, form.validate; form_page.c, form_render.c and form_sign.c have the rest of form.*. */
#include "operations/methods.h"

#include <stdlib.h>
#include <time.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"
#include "operations/form_page.h"

static int
form_catalog_run(struct call *call, const cJSON *params)
{
	cJSON *result = cJSON_CreateObject();

	(void)params;
	cJSON_AddItemToObject(result, "forms", form_catalogue_list(call->services->forms));
	call_finish(call, 0, result);
	return 0;
}

const struct method method_form_catalog = { "form.catalog", form_catalog_run };

/* Answers that this form, or this version of it, is not known. */
static int
form_not_found(struct call *call, const cJSON *params)
{
	call_finish(call, ERR_NOT_FOUND, form_unknown_to_json(params));
	return 0;
}

static int
form_describe_run(struct call *call, const cJSON *params)
{
	cJSON *result;
	int r = form_describe(call->services->forms, json_string(params, "form"), json_integer(params, "version", 0), &result);

	if (r != 0)
		return r == ERR_NOT_FOUND ? form_not_found(call, params) : r;
	if (cJSON_GetArraySize(call->services->institution) > 0)
		cJSON_AddItemToObject(result, "institution", cJSON_Duplicate(call->services->institution, true));
	call_finish(call, 0, result);
	return 0;
}

const struct method method_form_describe = { "form.describe", form_describe_run };

/* What a way that does not sign here has approved instead. */
static int
canonical_add(cJSON *result, const cJSON *data)
{
	cJSON *canonical = cJSON_AddObjectToObject(result, "canonical");
	char *hex = NULL;
	struct buf text;
	int r = form_canonical_make(data, &text, &hex);

	buf_append(&text, "", 1);
	if (r == 0 && (text.failed || cJSON_AddStringToObject(canonical, "data", (const char *)text.data) == NULL ||
	    cJSON_AddStringToObject(canonical, "sha256", hex) == NULL))
		r = ERR_INTERNAL;
	free(hex);
	buf_clear(&text);
	return r;
}

static int
form_validate_run(struct call *call, const cJSON *params)
{
	const char *form = json_string(params, "form");
	const cJSON *data = json_member(params, "data");
	int64_t version = json_integer(params, "version", 0);
	cJSON *errors = NULL, *warnings, *result;
	int r = form_validate(call->services->forms, form, version, data, time(NULL), &errors);

	if (r != 0 && r != ERR_FORM_INVALID)
		return r == ERR_NOT_FOUND ? form_not_found(call, params) : r;
	result = cJSON_CreateObject();
	cJSON_AddBoolToObject(result, "valid", r == 0);
	cJSON_AddItemToObject(result, "errors", errors != NULL ? errors : cJSON_CreateArray());
	warnings = form_warnings(call->services->forms, form, version, data, call->services->institution, time(NULL));
	if (cJSON_GetArraySize(warnings) > 0)
		cJSON_AddItemToObject(result, "warnings", warnings);
	else
		cJSON_Delete(warnings);
	if (r == 0 && json_true(params, "canonical") && (r = canonical_add(result, data)) != 0) {
		cJSON_Delete(result);
		return r;
	}
	call_finish(call, 0, result);
	return 0;
}

const struct method method_form_validate = { "form.validate", form_validate_run };
