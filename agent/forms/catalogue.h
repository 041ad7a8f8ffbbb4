/* SPDX-License-Identifier: Apache-2.0 */
/* forms/catalogue.h: a form as it is kept in memory; private to agent/forms. */
#ifndef FORMS_CATALOGUE_H
#define FORMS_CATALOGUE_H

#include "base/schema.h"
#include "forms/forms.h"

struct form {
	char *id;		/* the folder's name */
	cJSON *form, *schema, *layout, *texts;	/* the files of that name */
	const struct schema *compiled;	/* owned by the catalogue's schemas */
};

struct form_catalogue {
	struct form *forms;	/* in the order that people see */
	size_t count;
	struct schema_set *schemas;
};

/* NULL when there is none. */
const struct form *form_find(const struct form_catalogue *catalogue, const char *id);

#endif
