/* SPDX-License-Identifier: Apache-2.0 */
/* forms/forms.h: the application forms of proto/forms: their list, their description, and the check of what was filled in. */
#ifndef FORMS_FORMS_H
#define FORMS_FORMS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>
#include <cjson/cJSON.h>

struct form_catalogue;	/* every form in each version; never changes after form_catalogue_new(), so any thread may read it */

/*
 * Reads the forms that are compiled in, then those of count folders: each form a folder with form.json, schema.json, layout.json and
 * texts.json, which only root or this user may be able to write.  One that is wrong is told in the log, with file and pointer, and left out.
 * 0, or ERR_INTERNAL (told in the log): a form that is compiled in is wrong, or no memory.
 */
int form_catalogue_new(const char *const *folders, size_t count, struct form_catalogue **ret_catalogue);

/* Accepts NULL. */
void form_catalogue_free(struct form_catalogue *catalogue);

/* The array that is forms[] of form.catalog: id, version, title of each form's newest version. The caller's; NULL when memory runs out. */
cJSON *form_catalogue_list(const struct form_catalogue *catalogue);

/* In all that follows version 0 means the newest; one that is not there is ERR_NOT_FOUND or NULL, as an unknown form. */

/* The version that this is; 0: there is none. */
int64_t form_version(const struct form_catalogue *catalogue, const char *id, int64_t version);

/* The result of form.describe, also the `form` of imza-document's op `render`. The caller's. 0, ERR_NOT_FOUND, ERR_INTERNAL. */
int form_describe(const struct form_catalogue *catalogue, const char *id, int64_t version, cJSON **ret_description);

/*
 * Checks data by the form's schema and then by the rules that a schema can't say; now tells what day it is in Turkey.  0: valid.
 * ERR_FORM_INVALID: *ret_errors is the caller's array of {pointer, code, message{tr,en}}, at most one error a pointer.
 * ERR_NOT_FOUND: there is no such form.  ERR_INTERNAL: no memory.
 */
int form_validate(const struct form_catalogue *catalogue, const char *id, int64_t version, const cJSON *data, time_t now, cJSON **ret_errors);

/*
 * What is worth a look in data that may well be valid: an array of {pointer, code, message{tr,en}}, the caller's; empty when there is
 * nothing, or no such form.  institution: its profile.  NULL when memory runs out.
 */
cJSON *form_warnings(const struct form_catalogue *catalogue, const char *id, int64_t version, const cJSON *data, const cJSON *institution, time_t now);

/* The number that must be the one in the signer's certificate. Borrowed from data; NULL: none is filled in, or the form has none. */
const char *form_identity_number(const struct form_catalogue *catalogue, const char *id, int64_t version, const cJSON *data);

/*
 * Whether the name that is filled in is this one, by Turkish rules (forms/name.h); true when the form names nobody.  false: *ret_name is
 * the form's name, the caller's; NULL when memory ran out.
 */
bool form_name_is(const struct form_catalogue *catalogue, const char *id, int64_t version, const cJSON *data, const char *name, char **ret_name);

/*
 * Whether data that is valid is to be signed with a certificate, and goes no other way (form.json: signedWhen).  0: it is, or the form does
 * not say.  ERR_FORM_INVALID: *ret_errors as form_validate() tells them.  ERR_INTERNAL: no memory.
 */
int form_way_check(const struct form_catalogue *catalogue, const char *id, int64_t version, const cJSON *data, cJSON **ret_errors);

/*
 * Whether the certificate that is to sign, whose time ends then, is the one that the form names by its end (form.json: certificateEnd), and
 * not over.  0: it is, or the form names none.  ERR_FORM_INVALID: *ret_errors as form_validate() tells them.  ERR_INTERNAL: no memory.
 */
int form_certificate_check(const struct form_catalogue *catalogue, const char *id, int64_t version, const cJSON *data, time_t ends, time_t now, cJSON **ret_errors);

/*
 * What was filled in, for the consent window: an array of {label, value} in the layout's order, in that language ("tr", "en").
 * The caller's; NULL: no such form, or no memory.
 */
cJSON *form_fields(const struct form_catalogue *catalogue, const char *id, int64_t version, const cJSON *data, const char *language);

#endif
