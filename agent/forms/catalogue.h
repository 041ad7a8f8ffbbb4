/* SPDX-License-Identifier: Apache-2.0 */
/* forms/catalogue.h: a form as it is kept in memory; private to agent/forms. */
#ifndef FORMS_CATALOGUE_H
#define FORMS_CATALOGUE_H

#include "base/schema.h"
#include "forms/forms.h"

struct form {
	char *id;		/* the folder's name */
	int64_t version;
	cJSON *form, *schema, *layout, *texts;	/* the files of that name */
	struct schema_set *schemas;	/* of schema.json alone: a broken form does no harm to others */
	const struct schema *compiled;	/* in schemas */
};

struct form_catalogue {
	struct form *forms;	/* in the order that people see; of one id each version once */
	size_t count;
};

/* The form of that version, 0 for the newest; NULL when there is none. */
const struct form *form_find(const struct form_catalogue *catalogue, const char *id, int64_t version);

#endif
