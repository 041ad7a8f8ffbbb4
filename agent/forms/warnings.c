/* SPDX-License-Identifier: Apache-2.0 */
/* forms/warnings.c: what does not make a form's data wrong, but is worth a look. */
#include "forms/catalogue.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "forms/field.h"
#include "forms/problem.h"
#include "forms/profile.h"

/* The field of a section that a word about its price belongs to: the amount, else the first; NULL when none is filled in. */
static const char *
price_field(const cJSON *section, const cJSON *data)
{
	const char *first = NULL;
	const cJSON *field;

	cJSON_ArrayForEach(field, json_member(section, "fields")) {
		const char *pointer = json_string(field, "pointer"), *widget = json_string(field, "widget");

		if (pointer == NULL || field_value(data, pointer) == NULL)
			continue;
		if (widget != NULL && strcmp(widget, "number") == 0)
			return pointer;
		if (first == NULL)
			first = pointer;
	}
	return first;
}

static bool
shows_price(const cJSON *section, const cJSON *institution)
{
	const cJSON *entry;

	cJSON_ArrayForEach(entry, json_member(section, "institution"))
		if (cJSON_IsString(entry) && strncmp(entry->valuestring, PROFILE_PRICE, strlen(PROFILE_PRICE)) == 0 &&
		    profile_price(institution, entry->valuestring + strlen(PROFILE_PRICE)) != NULL)
			return true;
	return false;
}

cJSON *
form_warnings(const struct form_catalogue *catalogue, const char *id, int64_t version, const cJSON *data, const cJSON *institution, time_t now)
{
	const struct form *form = form_find(catalogue, id, version);
	cJSON *warnings = cJSON_CreateArray();
	const cJSON *section;
	char *year;

	if (form == NULL || warnings == NULL || !profile_prices_are_stale(institution, day_in_turkey(now)))
		return warnings;
	year = field_number_text((double)json_integer(json_member(institution, "prices"), "year", 0), "tr");
	cJSON_ArrayForEach(section, json_member(form->layout, "sections")) {
		const char *pointer = price_field(section, data);
		const struct problem problem = { .pointer = pointer, .code = "stale_prices", .value_tr = year, .value_en = year };

		if (pointer == NULL || !shows_price(section, institution))
			continue;
		if (year == NULL || !problem_add(warnings, &problem)) {
			cJSON_Delete(warnings);
			warnings = NULL;
			break;
		}
	}
	free(year);
	return warnings;
}
