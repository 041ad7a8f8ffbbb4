/* SPDX-License-Identifier: Apache-2.0 */
/* forms/form_build.h: a form made from the four files of its folder, and refused when they do not hold together; private to agent/forms. */
#ifndef FORMS_FORM_BUILD_H
#define FORMS_FORM_BUILD_H

#include <stdbool.h>

#include "base/schema.h"
#include "forms/catalogue.h"

enum form_part { PART_FORM, PART_SCHEMA, PART_LAYOUT, PART_TEXTS, PARTS };

extern const char *const form_part_names[PARTS];	/* form.json, ... */

struct form_source {
	const char *folder;	/* for the log */
	const char *id;		/* the folder's name, which must be the form's id */
	struct {
		const char *text;	/* NULL: there is no such file */
		size_t len;
	} parts[PARTS];
};

/*
 * Fills *ret_form, to be freed with form_clear() in every case.  rules: the set of form/schema.json.  0.  ERR_INVALID_PARAMS: a file is
 * missing or wrong; the log tells which, and the JSON pointer.  ERR_INTERNAL: no memory.
 */
int form_build(const struct form_source *source, const struct schema_set *rules, struct form *ret_form);

void form_clear(struct form *form);

#endif
