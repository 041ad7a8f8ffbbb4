/* SPDX-License-Identifier: Apache-2.0 */
/* forms/problem.h: what is wrong with a form's data, in words for the person who fills it in; private to agent/forms. */
#ifndef FORMS_PROBLEM_H
#define FORMS_PROBLEM_H

#include <stdbool.h>
#include <cjson/cJSON.h>

/*
 * Adds {pointer, code, message{tr,en}} to the array; for a pointer that is there already the first problem stays.  value_tr and
 * value_en stand where the message has a gap; hint_tr and hint_en, when not NULL, follow it as a sentence.  false: no memory.
 */
struct problem {
	const char *pointer, *code;
	const char *value_tr, *value_en;
	const char *hint_tr, *hint_en;
};
bool problem_add(cJSON *problems, const struct problem *problem);

/* The problem at this pointer, or NULL. */
cJSON *problem_at(const cJSON *problems, const char *pointer);

#endif
