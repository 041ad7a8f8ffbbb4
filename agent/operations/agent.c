/* SPDX-License-Identifier: Apache-2.0 */
/* operations/agent.c: agent.info, agent.requestAccess, agent.subscribe: the methods about the agent itself. */
#include "operations/methods.h"

#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/json.h"
#include "base/wire.h"
#include "tls/setup.h"

/* --- agent.info --- */

static int
agent_info_run(struct call *call, const cJSON *params)
{
	static const char *const features[] = { "certificate.select", "certificate.validate", "documents", "form.attachments", "form.canonical", "forms", "identity", "identity.prove", "pin",
		"sign.cades.B-B",
		"sign.pades.B-B", "sign.hash", "sign.manifest", "sign.partial", "verify.cades.B-B", "verify.pades.B-B" };
	const char *const protocols[] = { WIRE_PROTOCOL };
	const struct services *services = call->services;
	const char *challenge = json_string(params, "challenge");
	cJSON *result, *limits, *offered, *proof = NULL;
	int r;

	if (challenge != NULL && (r = identity_prove(services->identity, call->session->origin, challenge, &proof)) != 0)
		return r;
	result = cJSON_CreateObject();
	cJSON_AddStringToObject(result, "version", IMZA_VERSION);
	cJSON_AddItemToObject(result, "protocols", cJSON_CreateStringArray(protocols, 1));
	offered = cJSON_CreateStringArray(features, sizeof(features) / sizeof(features[0]));
	cJSON_AddItemToObject(result, "features", offered);
	if (setup_is_there(services->state))
		cJSON_AddItemToArray(offered, cJSON_CreateString("wss"));
	limits = cJSON_AddObjectToObject(result, "limits");
	cJSON_AddNumberToObject(limits, "requestBytes", WIRE_MESSAGE_MAX);
	cJSON_AddNumberToObject(limits, "documentBytes", DOCUMENT_SIZE_MAX);
	cJSON_AddNumberToObject(limits, "documentsPerBatch", WIRE_BATCH_MAX);
	cJSON_AddNumberToObject(limits, "jsonDepth", JSON_DEPTH_MAX);
	cJSON_AddNumberToObject(limits, "deadlineSeconds", services->config->dialog_seconds);
	cJSON_AddStringToObject(result, "locale", services->language);
	cJSON_AddStringToObject(result, "grant", grant_name(session_grant(call->session, services->origins)));
	if (manifests_are_wanted(services->manifests, call->session->origin))
		cJSON_AddTrueToObject(result, "manifest");
	if (proof != NULL)
		cJSON_AddItemToObject(result, "identity", proof);
	call_finish(call, 0, result);
	return 0;
}

const struct method method_agent_info = { "agent.info", agent_info_run };

/* --- agent.requestAccess --- */

struct access {
	struct call *call;
	struct prompt *prompt;
};

static void
access_cancel(void *context)
{
	struct access *access = context;

	prompt_close(&access->prompt);
	free(access);
}

static int
grant_answer(struct call *call)
{
	cJSON *result = cJSON_CreateObject();

	cJSON_AddStringToObject(result, "grant", grant_name(session_grant(call->session, call->services->origins)));
	call_finish(call, 0, result);
	return 0;
}

static void
access_answered(void *context, int err, const char *answer)
{
	struct access *access = context;
	struct call *call = access->call;
	struct session *session = call->session;

	/* "Always" lives in the store alone, so that taking it back there ends it on this connection too. A full disk: see origins_remember(). */
	if (err == 0 && strcmp(answer, "always") == 0)
		origins_remember(call->services->origins, session->origin, true);
	else if (err == 0)
		session->asked = strcmp(answer, "denied") == 0 ? GRANT_DENIED : GRANT_ONCE;
	if (err == 0 && strcmp(answer, "denied") == 0)
		call_user_refused(call);
	access_cancel(access);
	if (err != 0)
		call_finish(call, err, NULL);
	else
		grant_answer(call);
}

static int
agent_request_access_run(struct call *call, const cJSON *params)
{
	const char *reason = json_string(params, "reason");
	struct access *access;
	cJSON *members;
	int r;

	/* Settled already, or refused on this connection: a page can't ask again and again. */
	if (session_grant(call->session, call->services->origins) != GRANT_NONE)
		return grant_answer(call);
	if ((access = calloc(1, sizeof(*access))) == NULL)
		return ERR_INTERNAL;
	access->call = call;
	if ((r = call_dialogs_open(call, false, &access->prompt)) != 0) {
		free(access);
		return r;
	}
	members = cJSON_CreateObject();
	if (reason != NULL)
		cJSON_AddStringToObject(members, "reason", reason);
	call_extend(call, call->services->config->dialog_seconds + 30);
	if ((r = prompt_ask(access->prompt, "access", members, NULL, 0, access_answered, access)) != 0) {
		access_cancel(access);
		return r;
	}
	call_on_cancel(call, access_cancel, access);
	return 0;
}

const struct method method_agent_request_access = { "agent.requestAccess", agent_request_access_run };

/* --- agent.subscribe --- */

static int
agent_subscribe_run(struct call *call, const cJSON *params)
{
	static const struct { const char *name; enum topic topic; } topics[] = {
		{ "readers", TOPIC_READERS }, { "cards", TOPIC_CARDS }, { "operations", TOPIC_OPERATIONS },
	};
	const cJSON *wanted = json_member(params, "topics"), *item;
	cJSON *result = cJSON_CreateObject();

	call->session->topics = 0;
	cJSON_ArrayForEach(item, wanted)
		for (size_t i = 0; i < sizeof(topics) / sizeof(topics[0]); i++)
			if (strcmp(topics[i].name, cJSON_GetStringValue(item)) == 0)
				call->session->topics |= topics[i].topic;
	cJSON_AddItemToObject(result, "topics", cJSON_Duplicate(wanted, true));
	call_finish(call, 0, result);
	return 0;
}

const struct method method_agent_subscribe = { "agent.subscribe", agent_subscribe_run };
