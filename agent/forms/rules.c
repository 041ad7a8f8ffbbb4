/* SPDX-License-Identifier: Apache-2.0 */
/* forms/rules.c: one function a rule, found by its name in form.json. */
#include "forms/rules.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/json.h"
#include "base/log.h"
#include "forms/day.h"
#include "forms/field.h"
#include "forms/name.h"
#include "forms/problem.h"

#define PIN_MIN 6	/* a PIN's shortest; a PUK is longer */

struct rule_check {
	const cJSON *rule, *data;
	const char *pointer;
	const char *value;	/* what stands at the pointer, a string */
	struct day day;		/* the same as a day, for rules about days */
	struct day today;
	int minutes;		/* of today, so far */
	cJSON *problems;
};

static int
told(struct rule_check *check, const char *code, const char *value_tr, const char *value_en)
{
	const struct problem problem = { .pointer = check->pointer, .code = code, .value_tr = value_tr, .value_en = value_en };

	return problem_add(check->problems, &problem) ? 0 : ERR_INTERNAL;
}

static const char *
string_at(const struct rule_check *check, const char *pointer)
{
	return pointer == NULL ? NULL : cJSON_GetStringValue(field_value(check->data, pointer));
}

/* Tells a code whose message names a day. */
static int
told_day(struct rule_check *check, const char *code, struct day day)
{
	char *tr = day_text(day, "tr"), *en = day_text(day, "en");
	int err = tr != NULL && en != NULL ? told(check, code, tr, en) : ERR_INTERNAL;

	free(tr);
	free(en);
	return err;
}

/* {"rule": "not-future", "pointer", "time"?}: today at the latest; with the pointer of a time of that day, HH:MM, now at the latest. */
static int
check_not_future(struct rule_check *check)
{
	const char *pointer = json_string(check->rule, "time"), *time = string_at(check, pointer);
	int hours, minutes, past = day_compare(check->day, check->today);

	if (past > 0)
		return told(check, "future_date", NULL, NULL);
	if (past < 0 || time == NULL || sscanf(time, "%2d:%2d", &hours, &minutes) != 2 || hours * 60 + minutes <= check->minutes)
		return 0;
	check->pointer = pointer;
	return told(check, "future_time", NULL, NULL);
}

/* {"rule": "not-after", "pointer", "other"}: at the latest on the day that the other field names. */
static int
check_not_after(struct rule_check *check)
{
	const char *value = string_at(check, json_string(check->rule, "other"));
	struct day other;

	if (value == NULL || !day_parse(value, &other) || day_compare(check->day, other) <= 0)
		return 0;
	return told_day(check, "too_late", other);
}

/* {"rule": "name-changed", "pointer", "former": [...], "present": [...]}: pointers of a name's parts; not all of them are the same. */
static int
check_name_changed(struct rule_check *check)
{
	const cJSON *former = json_member(check->rule, "former"), *present = json_member(check->rule, "present");

	for (int i = 0; i < cJSON_GetArraySize(former); i++) {
		const char *a = string_at(check, cJSON_GetStringValue(cJSON_GetArrayItem(former, i)));
		const char *b = string_at(check, cJSON_GetStringValue(cJSON_GetArrayItem(present, i)));

		if (a == NULL || b == NULL || !name_same(a, b))
			return 0;
	}
	return told(check, "name_unchanged", NULL, NULL);
}

/* {"rule": "no-pin", "pointer"}: nowhere PIN_MIN digits or more, be there one blank or mark between each two. */
static int
check_no_pin(struct rule_check *check)
{
	size_t digits = 0;

	for (const char *p = check->value; *p != '\0' && digits < PIN_MIN; p++) {
		if (*p >= '0' && *p <= '9')
			digits++;
		else if (strchr(" -./,:;_*\n", *p) == NULL || p[1] < '0' || p[1] > '9')
			digits = 0;
	}
	return digits >= PIN_MIN ? told(check, "pin_in_text", NULL, NULL) : 0;
}

/* {"rule": "age", "pointer", "minimum", "maximum"}: years of somebody born on that day. */
static int
check_age(struct rule_check *check)
{
	int minimum = (int)json_integer(check->rule, "minimum", 0), maximum = (int)json_integer(check->rule, "maximum", 150);
	int age = check->today.year - check->day.year;
	char years[16];

	if (check->today.month < check->day.month || (check->today.month == check->day.month && check->today.day < check->day.day))
		age--;
	snprintf(years, sizeof(years), "%d", age < minimum ? minimum : maximum);
	if (age < minimum)
		return told(check, "too_young", years, years);
	return age > maximum ? told(check, "too_old", years, years) : 0;
}

/* The exception of renewal-window: a certificate that has ended is renewed on paper. */
static bool
may_have_ended(const struct rule_check *check)
{
	const cJSON *unless = json_member(check->rule, "unlessEnded");
	const char *wanted = json_string(unless, "value"), *value = string_at(check, json_string(unless, "pointer"));

	return value != NULL && wanted != NULL && strcmp(value, wanted) == 0;
}

/*
 * {"rule": "renewal-window", "pointer", "months", "unlessEnded": {"pointer", "value"}}: the certificate's last day is today or later,
 * at most so many months; it may have passed when the other field has that value.
 */
static int
check_renewal_window(struct rule_check *check)
{
	struct day opens = day_months_before(check->day, (int)json_integer(check->rule, "months", 0));

	if (day_compare(check->day, check->today) < 0)
		return may_have_ended(check) ? 0 : told(check, "certificate_ended", NULL, NULL);
	return day_compare(opens, check->today) <= 0 ? 0 : told_day(check, "renewal_too_early", opens);
}

static const struct rule_kind {
	const char *name;
	bool of_day;	/* passed over when the value is no day */
	int (*check)(struct rule_check *check);
} rule_kinds[] = {
	{ "age", true, check_age },
	{ "name-changed", false, check_name_changed },
	{ "no-pin", false, check_no_pin },
	{ "not-after", true, check_not_after },
	{ "not-future", true, check_not_future },
	{ "renewal-window", true, check_renewal_window },
};

static const struct rule_kind *
rule_kind_find(const cJSON *rule)
{
	const char *name = json_string(rule, "rule");

	for (size_t i = 0; name != NULL && i < sizeof(rule_kinds) / sizeof(rule_kinds[0]); i++)
		if (strcmp(rule_kinds[i].name, name) == 0)
			return &rule_kinds[i];
	return NULL;
}

bool
rule_is_known(const cJSON *rule)
{
	return rule_kind_find(rule) != NULL && json_string(rule, "pointer") != NULL;
}

int
rules_check(const cJSON *rules, const cJSON *data, time_t now, cJSON *problems)
{
	struct rule_check check = { .data = data, .today = day_in_turkey(now), .minutes = minutes_in_turkey(now), .problems = problems };
	int err;

	cJSON_ArrayForEach(check.rule, rules) {
		const struct rule_kind *kind = rule_kind_find(check.rule);

		if (kind == NULL || (check.pointer = json_string(check.rule, "pointer")) == NULL)
			return ERR_INTERNAL;
		check.value = string_at(&check, check.pointer);
		if (check.value == NULL || (kind->of_day && !day_parse(check.value, &check.day)))
			continue;
		if ((err = kind->check(&check)) != 0)
			return err;
	}
	return 0;
}
