/* SPDX-License-Identifier: Apache-2.0 */
/* token/sign.c: what can be known is checked before the PIN is waited for, and again when it is there. */
#include "token/sign.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/encoding.h"
#include "base/clock.h"
#include "base/err.h"
#include "token/ckr.h"
#include "token/key.h"
#include "token/slots.h"

#define PROGRESS_MS 20	/* the agent finishes documents while the card goes on */

static int
request_check_once(struct module *module, const struct sign_request *request, struct helper_call *call, CK_TOKEN_INFO *ret_info)
{
	struct session session = { .open = false };
	int r;

	if ((r = login_check_token(module, request->slot, request->serial, call, ret_info)) == 0 && (r = key_check_mechanism(module, request, call)) == 0 &&
	    (r = session_open(module, request->slot, 0, call, &session)) == 0)
		r = key_check_certificate(&session, request, call);
	session_close(&session);
	return r;
}

/* Everything that can fail without a login, so that nobody types a PIN for nothing. */
static int
request_check(struct module *module, const struct sign_request *request, struct helper_call *call, CK_TOKEN_INFO *ret_info)
{
	CK_ULONG count = 0;
	int r = request_check_once(module, request, call, ret_info);

	if (r != ERR_CARD_REMOVED)
		return r;
	/* OpenSC looks at a reader once a second: a card that was put back within it is "removed" until it is asked for its slots. */
	module->fn->C_GetSlotList(CK_TRUE, NULL, &count);
	cJSON_Delete(call->error);
	call->error = NULL;
	return request_check_once(module, request, call, ret_info);
}

/* What of a batch has been told to the agent. */
struct told {
	size_t count;
	int64_t at;	/* milliseconds */
};

/* Tells how far it is, with the signatures that were not told yet: a card that is pulled next does not take them along. */
static void
progress_tell(struct helper_call *call, const cJSON *signatures, size_t total, struct told *told)
{
	cJSON *members = cJSON_CreateObject(), *made = cJSON_AddArrayToObject(members, "signatures");
	const cJSON *item = cJSON_GetArrayItem(signatures, (int)told->count);
	size_t done = told->count;

	for (; item != NULL; item = item->next, done++)
		cJSON_AddItemToArray(made, cJSON_CreateStringReference(item->valuestring));
	told->count = done;
	told->at = clock_ms();
	cJSON_AddNumberToObject(members, "done", (double)done);
	cJSON_AddNumberToObject(members, "total", (double)total);
	helper_event(call, "progress", members);
}

static bool
signature_append(cJSON *signatures, const unsigned char *signature, size_t len)
{
	char *text = base64_encode(signature, len);
	cJSON *item = text != NULL ? cJSON_CreateString(text) : NULL;

	free(text);
	return item != NULL && cJSON_AddItemToArray(signatures, item);
}

static int
digests_sign(struct session *session, const struct key *key, const struct sign_request *request, const struct secret *pin,
    struct helper_call *call, cJSON *signatures)
{
	struct told told = { .at = clock_ms() - PROGRESS_MS };
	unsigned char signature[SIGNATURE_MAX];
	size_t len = 0, made = 0;
	int r = 0;

	for (; r == 0 && made < request->count; made++) {
		if ((r = key_sign(session, key, request, made, pin, call, signature, &len)) != 0)
			break;
		if (!signature_append(signatures, signature, len))
			r = ERR_INTERNAL;
		else if (made + 1 < request->count && clock_ms() - told.at >= PROGRESS_MS)
			progress_tell(call, signatures, request->count, &told);
	}
	/* The answer itself tells the end, but an error carries no signatures. */
	if (r != 0 && told.count < made)
		progress_tell(call, signatures, request->count, &told);
	return r;
}

/* The time of being logged in. Takes *pin: it is wiped as soon as no further login can come. */
static int
logged_in_sign(struct session *session, const struct sign_request *request, struct secret **pin, struct helper_call *call, cJSON *signatures)
{
	struct key key;
	int r;

	if ((r = login_try(session, request->slot, CKU_USER, *pin, call)) != 0) {
		secret_free(pin);
		return r;
	}
	r = key_find(session, request, call, &key);
	if (r != 0 || !key.always_authenticate)
		secret_free(pin);
	if (r == 0)
		r = digests_sign(session, &key, request, *pin, call, signatures);
	secret_free(pin);
	login_end(session);
	return r;
}

int
sign_batch(struct helper_call *call, struct module *module, cJSON **ret_result)
{
	cJSON *result = cJSON_CreateObject(), *signatures = cJSON_AddArrayToObject(result, "signatures");
	struct session session = { .open = false };
	struct sign_request request = { 0 };
	struct secret *pin = NULL;
	const char *member = NULL;
	CK_TOKEN_INFO info;
	int r = ERR_INTERNAL;

	if (signatures == NULL)
		goto out;
	if ((r = sign_request_read(call->request, &request, &member)) != 0) {
		call_fail(call, r, member);
		goto out;
	}
	if ((r = request_check(module, &request, call, &info)) != 0)
		goto out;
	if ((info.flags & CKF_PROTECTED_AUTHENTICATION_PATH) == 0) {
		if ((r = login_read_pin(call, 0, &pin)) == ERR_PIN_POLICY)
			login_fail(call, r, &info);
		/* The user took time to type: the card may be another one by now, or locked. */
		if (r != 0 || (r = login_check_token(module, request.slot, request.serial, call, &info)) != 0 || (r = login_check_pin(pin, &info, call)) != 0)
			goto out;
	}
	if ((r = session_open(module, request.slot, 0, call, &session)) != 0 ||
	    (r = logged_in_sign(&session, &request, &pin, call, signatures)) != 0)
		goto out;
	*ret_result = result;
	result = NULL;
out:
	if (slot_lost_its_token(module, request.slot, r))
		r = call_fail(call, ERR_CARD_REMOVED, "the slot has no token any more");
	secret_free(&pin);
	session_close(&session);
	sign_request_clear(&request);
	cJSON_Delete(result);
	return r;
}
