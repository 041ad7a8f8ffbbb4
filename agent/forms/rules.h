/* SPDX-License-Identifier: Apache-2.0 */
/* forms/rules.h: what a schema can't say: rules that know today's day or look at two fields; private to agent/forms. */
#ifndef FORMS_RULES_H
#define FORMS_RULES_H

#include <stdbool.h>
#include <time.h>
#include <cjson/cJSON.h>

/* Whether a form may have this rule: its name is known and it has a pointer. */
bool rule_is_known(const cJSON *rule);

/*
 * Runs a form's rules (form.json: rules[], each with "rule", "pointer" and what that rule needs) and adds to problems.  A field that
 * is missing, or wrong in itself, is the schema's business and passed over.  0, or ERR_INTERNAL: no memory, or a rule that is not known.
 */
int rules_check(const cJSON *rules, const cJSON *data, time_t now, cJSON *problems);

#endif
