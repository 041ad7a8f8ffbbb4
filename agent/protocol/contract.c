/* SPDX-License-Identifier: Apache-2.0 */
/* protocol/contract.c: binds the method table to the files of proto/; a method without a file, or a file without a method, is an error at start. */
#include "protocol/contract.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/embedded.h"
#include "base/err.h"
#include "base/json.h"
#include "base/log.h"
#include "protocol/methods.h"

struct contract {
	struct schema_set *schemas;
	struct contract_method *methods;	/* as methods[] */
};

static const struct embedded_file *
file_find(const char *name)
{
	for (size_t i = 0; i < embedded_files_count; i++)
		if (strcmp(embedded_files[i].name, name) == 0)
			return &embedded_files[i];
	return NULL;
}

static int
permission_read(const cJSON *file, enum permission *ret_permission)
{
	static const char *const names[] = { "none", "origin", "hash" };
	const char *word = json_string(file, "permission");

	for (size_t i = 0; word != NULL && i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(names[i], word) == 0) {
			*ret_permission = (enum permission)i;
			return 0;
		}
	return ERR_INTERNAL;
}

static int
method_bind(struct contract *contract, size_t i)
{
	struct contract_method *bound = &contract->methods[i];
	const struct embedded_file *file;
	char name[160];
	cJSON *json = NULL;
	int r;

	bound->method = methods[i];
	snprintf(name, sizeof(name), "methods/%s.json", methods[i]->name);
	if ((file = file_find(name)) == NULL || (r = json_parse(file->data, file->len, &json)) != 0)
		return ERR_INTERNAL;
	r = permission_read(json, &bound->permission);
	cJSON_Delete(json);
	snprintf(name, sizeof(name), "methods/%s.json#/params", methods[i]->name);
	bound->params = schema_find(contract->schemas, name);
	return r != 0 || bound->params == NULL ? ERR_INTERNAL : 0;
}

static bool
files_all_bound(void)
{
	size_t count = 0;

	for (size_t i = 0; i < embedded_files_count; i++)
		count += strncmp(embedded_files[i].name, "methods/", 8) == 0;
	return count == methods_count;
}

int
contract_new(struct contract **ret_contract)
{
	struct contract *contract = calloc(1, sizeof(*contract));
	char *problem = NULL;

	if (contract == NULL)
		return ERR_INTERNAL;
	contract->methods = calloc(methods_count, sizeof(*contract->methods));
	if (contract->methods == NULL || schema_set_new(&contract->schemas) != 0 ||
	    schema_set_add_embedded(contract->schemas, &problem) != 0 || schema_set_finish(contract->schemas, &problem) != 0) {
		log_error("the contract can't be used: %s", problem != NULL ? problem : "no memory");
		goto fail;
	}
	for (size_t i = 0; i < methods_count; i++)
		if (method_bind(contract, i) != 0) {
			log_error("method %s has no valid file in proto/methods", methods[i]->name);
			goto fail;
		}
	if (!files_all_bound()) {
		log_error("a file in proto/methods has no method");
		goto fail;
	}
	*ret_contract = contract;
	return 0;
fail:
	free(problem);
	contract_free(contract);
	return ERR_INTERNAL;
}

void
contract_free(struct contract *contract)
{
	if (contract == NULL)
		return;
	schema_set_free(contract->schemas);
	free(contract->methods);
	free(contract);
}

static int
name_compare(const void *name, const void *method)
{
	return strcmp(name, ((const struct contract_method *)method)->method->name);
}

const struct contract_method *
contract_find(const struct contract *contract, const char *name)
{
	return bsearch(name, contract->methods, methods_count, sizeof(*contract->methods), name_compare);
}

unsigned
contract_topic(const char *notification)
{
	if (strncmp(notification, "reader.", 7) == 0)
		return TOPIC_READERS;
	if (strncmp(notification, "card.", 5) == 0)
		return TOPIC_CARDS;
	return strncmp(notification, "operation.", 10) == 0 ? TOPIC_OPERATIONS : 0;
}
