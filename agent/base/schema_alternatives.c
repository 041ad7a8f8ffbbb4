/* SPDX-License-Identifier: Apache-2.0 */
/* base/schema_alternatives.c: anyOf and oneOf, and which of the alternatives was meant when none holds. */
#include "base/schema_rules.h"

#include <string.h>

#define BRANCH_ERRORS_MAX 20	/* of one alternative: enough to tell which one was meant */

/* The alternatives of one anyOf or oneOf: how many hold, and the best error of those that do not. */
struct alternatives {
	size_t holding;
	bool tie;		/* two are equally likely to be the one that was meant */
	struct schema_error best;
	int score;
	size_t errors;		/* in the alternative of the best error: the fewer, the likelier */
};

static void
alternative_try(struct schema_checking *c, const struct schema *schema, const struct schema_place *place, struct alternatives *all)
{
	struct schema_error error = { 0 };
	struct schema_sink branch = { .errors = &error, .max = 1, .enough = BRANCH_ERRORS_MAX, .keep_best = true }, *sink = c->sink;
	bool better;

	c->sink = &branch;
	schema_check_place(c, schema, place, "false");
	c->sink = sink;
	if (branch.count == 0) {
		all->holding += c->steps > 0 && !c->broken;
		return;
	}
	better = all->best.keyword == NULL || branch.score > all->score || (branch.score == all->score && branch.count < all->errors);
	if (better || (branch.score == all->score && branch.count == all->errors))
		all->tie = !better;
	if (better) {
		schema_errors_clear(&all->best, 1);
		all->best = error;
		memset(&error, 0, sizeof(error));
		all->score = branch.score;
		all->errors = branch.count;
	}
	schema_errors_clear(&error, 1);
}

/* None holds: tells the best error where one alternative was clearly meant, else the keyword itself. */
static void
alternatives_report(struct schema_checking *c, struct alternatives *all, const struct schema_place *place, const char *keyword)
{
	if (all->tie || all->best.keyword == NULL)
		schema_report(c, place, keyword, "matches none of the alternatives.");
	else
		schema_report_as(c, &all->best, all->score);
}

void
schema_check_alternatives(struct schema_checking *c, const struct schema_rule *rule, const struct schema_place *place)
{
	bool one = strcmp(rule->keyword->name, "oneOf") == 0;
	struct alternatives all = { 0 };

	for (size_t i = 0; i < rule->count && all.holding < (one ? 2 : 1) && !schema_is_over(c); i++)
		alternative_try(c, rule->schemas[i], place, &all);
	if (all.holding == 0)
		alternatives_report(c, &all, place, rule->keyword->name);
	else if (all.holding > 1)
		schema_report(c, place, "oneOf", "matches more than one of the alternatives.");
	schema_errors_clear(&all.best, 1);
}
