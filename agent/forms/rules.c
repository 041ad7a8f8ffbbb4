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
#include "forms/problem.h"

struct rule_check {
	const cJSON *rule, *data;
	const char *pointer;
	struct day day;		/* the value at the pointer; every rule so far is about a day */
	struct day today;
	cJSON *problems;
};

static int
told(struct rule_check *check, const char *code, const char *value_tr, const char *value_en)
{
	const struct problem problem = { .pointer = check->pointer, .code = code, .value_tr = value_tr, .value_en = value_en };

	return problem_add(check->problems, &problem) ? 0 : ERR_INTERNAL;
}

/* {"rule": "not-future", "pointer"}: today at the latest. */
static int
check_not_future(struct rule_check *check)
{
	return day_compare(check->day, check->today) > 0 ? told(check, "future_date", NULL, NULL) : 0;
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
	const char *pointer = json_string(unless, "pointer"), *wanted = json_string(unless, "value");
	const char *value = pointer == NULL ? NULL : cJSON_GetStringValue(field_value(check->data, pointer));

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
	char *tr, *en;
	int err = ERR_INTERNAL;

	if (day_compare(check->day, check->today) < 0)
		return may_have_ended(check) ? 0 : told(check, "certificate_ended", NULL, NULL);
	if (day_compare(opens, check->today) <= 0)
		return 0;
	tr = day_text(opens, "tr");
	en = day_text(opens, "en");
	if (tr != NULL && en != NULL)
		err = told(check, "renewal_too_early", tr, en);
	free(tr);
	free(en);
	return err;
}

static const struct {
	const char *name;
	int (*check)(struct rule_check *check);
} rule_kinds[] = {
	{ "age", check_age },
	{ "not-future", check_not_future },
	{ "renewal-window", check_renewal_window },
};

static int
rule_run(struct rule_check *check)
{
	const char *name = json_string(check->rule, "rule");

	for (size_t i = 0; name != NULL && i < sizeof(rule_kinds) / sizeof(rule_kinds[0]); i++)
		if (strcmp(rule_kinds[i].name, name) == 0)
			return rule_kinds[i].check(check);
	log_error("a form has an unknown rule: %s", name != NULL ? name : "without a name");
	return ERR_INTERNAL;
}

int
rules_check(const cJSON *rules, const cJSON *data, time_t now, cJSON *problems)
{
	struct rule_check check = { .data = data, .today = day_in_turkey(now), .problems = problems };
	int err;

	cJSON_ArrayForEach(check.rule, rules) {
		const char *value;

		if ((check.pointer = json_string(check.rule, "pointer")) == NULL)
			return ERR_INTERNAL;
		value = cJSON_GetStringValue(field_value(data, check.pointer));
		if (value == NULL || !day_parse(value, &check.day))
			continue;
		if ((err = rule_run(&check)) != 0)
			return err;
	}
	return 0;
}
