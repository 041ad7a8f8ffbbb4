/* SPDX-License-Identifier: Apache-2.0 */
/* forms/formats.h: Turkish numbers as string formats of a form's schema; pure functions. */
#ifndef FORMS_FORMATS_H
#define FORMS_FORMATS_H

#include <stdbool.h>

/* T.C. identity number: 11 digits, no spaces, both check digits right. */
bool format_tckn(const char *text);

/* Tax number (vergi kimlik numarası): 10 digits, no spaces, check digit right. */
bool format_vkn(const char *text);

/* Turkish IBAN in capitals: TR, 2 check digits, 5 of the bank, 0, 16 characters; without spaces or in groups of four. */
bool format_iban_tr(const char *text);

/*
 * A telephone number of Turkey with its area code: 10 digits that start with 2, 3, 4, 5 or 8; before them nothing, 0 or +90; single
 * spaces or hyphens between groups, the area code in brackets if one likes.
 */
bool format_phone_tr(const char *text);

struct schema_set;

/* Makes all of them known to a set: tckn, vkn, iban-tr, phone-tr. 0 or ERR_INTERNAL (no memory). */
int formats_register(struct schema_set *set);

#endif
