/* SPDX-License-Identifier: Apache-2.0 */
/* forms/field.h: a field of a form's layout and what was filled in there, as text for people; for the consent window and the page. */
#ifndef FORMS_FIELD_H
#define FORMS_FIELD_H

#include <cjson/cJSON.h>

/* The value at an RFC 6901 pointer through objects; NULL when there is none. Borrowed from data. */
const cJSON *field_value(const cJSON *data, const char *pointer);

/* The text of this key in a form's texts; the key itself when the form lacks it. Borrowed. */
const char *field_text(const cJSON *texts, const char *language, const char *key);

/*
 * A number to two decimals at most, with the language's decimal sign, never through the system's locale. The caller's; NULL when memory
 * runs out.
 */
char *field_number_text(double number, const char *language);

/*
 * The field's value for people in *ret_text, the caller's: options by their label, days and numbers as the language writes them.
 * NULL when nothing is filled in.  texts: the form's, with both languages.  0 or ERR_INTERNAL (no memory).
 */
int field_value_text(const cJSON *field, const cJSON *data, const cJSON *texts, const char *language, char **ret_text);

#endif
