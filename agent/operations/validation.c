/* SPDX-License-Identifier: Apache-2.0 */
/* operations/validation.c: one process of imza-fetch for one certificate, and its findings in the wire's words. */
#include "operations/validation.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/err.h"
#include "base/json.h"
#include "helpers/helper.h"
#include "operations/reasons.h"

#define AUTHORITIES_MAX 16

struct validation {
	const char *argv[3];
	struct helper_program program;
	struct helper *helper;
	char id[65];
	bool qualified;
	void (*done)(void *context, int err, const cJSON *result);
	void *context;
};

cJSON *
token_authorities(const cJSON *token)
{
	cJSON *list = cJSON_CreateArray();
	const cJSON *entry;

	cJSON_ArrayForEach(entry, json_member(token, "certificates")) {
		struct certificate *certificate = NULL;
		unsigned char *der = NULL;
		size_t len;

		if (cJSON_GetArraySize(list) < AUTHORITIES_MAX && json_base64(entry, "der", &der, &len) == 0 &&
		    certificate_new(der, len, &certificate) == 0 && certificate_is_authority(certificate))
			cJSON_AddItemToArray(list, cJSON_Duplicate(json_member(entry, "der"), true));
		certificate_free(certificate);
		free(der);
	}
	return list;
}

/* --- the result --- */

/* A link of the chain as the wire has it: what people read of the certificate, and what was heard of it. Both are of imza-fetch's making. */
static cJSON *
link_to_json(const cJSON *link)
{
	static const char *const parts[] = { "id", "subject", "issuer", "serialNumber", "notBefore", "notAfter", "der" };
	struct certificate *certificate = NULL;
	unsigned char *der = NULL;
	cJSON *json = NULL, *all = NULL;
	size_t len;

	if (json_base64(link, "der", &der, &len) == 0 && certificate_new(der, len, &certificate) == 0 &&
	    (all = certificate_to_json(certificate, time(NULL))) != NULL && (json = cJSON_CreateObject()) != NULL) {
		for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
			cJSON_AddItemToObject(json, parts[i], cJSON_DetachItemFromObjectCaseSensitive(all, parts[i]));
		cJSON_AddBoolToObject(json, "anchor", json_true(link, "anchor"));
		if (json_member(link, "revocation") != NULL)
			cJSON_AddItemToObject(json, "revocation", cJSON_Duplicate(json_member(link, "revocation"), true));
	}
	cJSON_Delete(all);
	certificate_free(certificate);
	free(der);
	return json;
}

static int
result_make(const struct validation *validation, const cJSON *found, cJSON **ret_result)
{
	cJSON *result = cJSON_CreateObject(), *chain = cJSON_AddArrayToObject(result, "chain"), *reasons = cJSON_AddArrayToObject(result, "reasons");
	const cJSON *item;

	cJSON_AddStringToObject(result, "certificate", validation->id);
	cJSON_AddItemToObject(result, "status", cJSON_Duplicate(json_member(found, "status"), true));
	cJSON_AddItemToObject(result, "at", cJSON_Duplicate(json_member(found, "at"), true));
	cJSON_AddBoolToObject(result, "qualified", validation->qualified);
	cJSON_AddItemToObject(result, "anchored", cJSON_Duplicate(json_member(found, "anchored"), true));
	cJSON_ArrayForEach(item, json_member(found, "reasons"))
		cJSON_AddItemToArray(reasons, reason_to_json(json_string(item, "code"), (int)json_integer(item, "depth", 0), json_string(item, "detail")));
	/* Who has set nothing up hears so, instead of suspecting the certificate. */
	if (json_integer(found, "anchors", 0) == 0)
		cJSON_AddItemToArray(reasons, reason_to_json("NO_TRUST_ANCHORS", 0, NULL));
	cJSON_ArrayForEach(item, json_member(found, "chain")) {
		cJSON *link = link_to_json(item);

		if (link == NULL) {
			cJSON_Delete(result);
			return ERR_INTERNAL;
		}
		cJSON_AddItemToArray(chain, link);
	}
	if (json_member(found, "clockOff") != NULL)
		cJSON_AddItemToObject(result, "clockOff", cJSON_Duplicate(json_member(found, "clockOff"), true));
	*ret_result = result;
	return 0;
}

/* --- the process --- */

static void
validation_answered(void *context, int err, const cJSON *content)
{
	struct validation *validation = context;
	void (*done)(void *context, int err, const cJSON *result) = validation->done;
	void *done_context = validation->context;
	cJSON *result = NULL;

	/* The one that fetches is no module, and what it died of is no document. */
	if (err == ERR_MODULE_FAILED)
		err = ERR_INTERNAL;
	if (err == 0)
		err = result_make(validation, content, &result);
	validation_cancel(&validation);
	done(done_context, err, result);
	cJSON_Delete(result);
}

static cJSON *
members_make(const struct services *services, const struct validation_terms *terms)
{
	const struct config_list *hosts = &services->config->fetch_hosts;
	cJSON *members = cJSON_CreateObject(), *list = cJSON_AddArrayToObject(members, "hosts");
	size_t len;
	const unsigned char *der = certificate_der(terms->certificate, &len);

	json_add_base64(members, "certificate", der, len);
	cJSON_AddItemToObject(members, "extra", token_authorities(terms->token));
	if (terms->at != 0)
		cJSON_AddNumberToObject(members, "at", (double)terms->at);
	cJSON_AddBoolToObject(members, "offline", terms->offline);
	for (size_t i = 0; i < hosts->count; i++)
		cJSON_AddItemToArray(list, cJSON_CreateString(hosts->items[i]));
	if (services->config->fetch_proxy != NULL)
		cJSON_AddStringToObject(members, "proxy", services->config->fetch_proxy);
	return members;
}

struct validation *
validation_start(struct services *services, const struct validation_terms *terms, void (*done)(void *context, int err, const cJSON *result),
    void *context)
{
	struct validation *validation = calloc(1, sizeof(*validation));
	int anchors = anchors_fd(services->anchors), fd = -1;

	if (validation == NULL || anchors < 0 || (fd = fcntl(anchors, F_DUPFD_CLOEXEC, 0)) < 0) {
		free(validation);
		return NULL;
	}
	*validation = (struct validation){ .argv = { services->programs->fetch, services->cache, NULL },
		.qualified = certificate_is_qualified(terms->certificate), .done = done, .context = context };
	memcpy(validation->id, certificate_id(terms->certificate), sizeof(validation->id) - 1);
	validation->program = (struct helper_program){ validation->argv, (const char *const *)services->programs->document_environment, 0 };
	if (helper_start(services->loop, &validation->program, NULL, NULL, &validation->helper) != 0) {
		close(fd);
		validation_cancel(&validation);
	} else if (helper_request(validation->helper, "validate", members_make(services, terms), &fd, 1, VALIDATION_SECONDS * 1000, ERR_TIMEOUT,
	    (struct helper_callbacks){ validation_answered, NULL, validation }) == NULL) {
		validation_cancel(&validation);
	}
	return validation;
}

void
validation_cancel(struct validation **validation)
{
	if (*validation == NULL)
		return;
	helper_end(&(*validation)->helper);
	free(*validation);
	*validation = NULL;
}
