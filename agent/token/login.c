/* SPDX-License-Identifier: Apache-2.0 */
/* token/login.c: C_Login and what it answers. */
#include "token/login.h"

#include <stdint.h>
#include <unistd.h>

#include "base/err.h"
#include "token/ckr.h"
#include "token/slots.h"

int
login_read_pin(struct helper_call *call, size_t i, struct secret **ret_pin)
{
	int fd = helper_take_fd(call, i), r;
	struct secret *pin = NULL;

	if (fd < 0)
		return call_fail(call, ERR_INVALID_PARAMS, "no descriptor to read a PIN from");
	if ((pin = secret_new()) == NULL) {
		r = call_fail(call, ERR_INTERNAL, "no memory can be locked for a PIN");
		goto out;
	}
	if ((r = secret_read(pin, fd)) == ERR_TOO_LARGE)
		r = call_fail(call, ERR_PIN_POLICY, "too many bytes for a PIN");
	if (r != 0)
		goto out;
	*ret_pin = pin;
	pin = NULL;
out:
	secret_free(&pin);
	close(fd);
	return r;
}

int
login_fail(struct helper_call *call, int err, const CK_TOKEN_INFO *info)
{
	cJSON *pin = pin_state_json(info);

	if (call->error == NULL)
		call->error = cJSON_CreateObject();
	if (!cJSON_AddItemToObject(call->error, "pin", pin))
		cJSON_Delete(pin);
	return err;
}

int
login_check_token(struct module *module, CK_SLOT_ID slot, const char *serial, struct helper_call *call, CK_TOKEN_INFO *ret_info)
{
	CK_TOKEN_INFO info;
	int r = slot_check_token(module, slot, serial, call, &info);

	if (r != 0)
		return r;
	if (info.flags & CKF_USER_PIN_LOCKED)
		return login_fail(call, ERR_PIN_LOCKED, &info);
	*ret_info = info;
	return 0;
}

int
login_check_pin(const struct secret *pin, const CK_TOKEN_INFO *info, struct helper_call *call)
{
	CK_ULONG min = pin_limit(info->ulMinPinLen), max = pin_limit(info->ulMaxPinLen);
	const char *why = secret_len(pin) < min || (max > 0 && secret_len(pin) > max) ? "the PIN's length is not one that the token takes" : NULL;

	for (size_t i = 0; i < secret_len(pin); i++)
		if (secret_data(pin)[i] < '0' || secret_data(pin)[i] > '9')
			why = "a PIN consists of digits";
	if (why == NULL)
		return 0;
	call_fail(call, ERR_PIN_POLICY, why);
	return login_fail(call, ERR_PIN_POLICY, info);
}

void
login_event(struct helper_call *call, const char *state)
{
	cJSON *members = cJSON_CreateObject();

	cJSON_AddStringToObject(members, "state", state);
	helper_event(call, "login", members);
}

static CK_RV
login_call(struct session *session, CK_USER_TYPE user, const struct secret *pin)
{
	CK_FUNCTION_LIST *fn = session->module->fn;
	CK_UTF8CHAR *data = pin != NULL ? (CK_UTF8CHAR *)(uintptr_t)secret_data(pin) : NULL;

	return module_note(session->module, fn->C_Login(session->handle, user, data, pin != NULL ? secret_len(pin) : 0));
}

int
login_refused(struct session *session, CK_SLOT_ID slot, const char *function, CK_RV rv, struct helper_call *call)
{
	int r = ckr_fail(call, function, rv);
	CK_TOKEN_INFO info;

	if ((r != ERR_PIN_INCORRECT && r != ERR_PIN_LOCKED && r != ERR_PIN_POLICY) ||
	    slot_token_info(session->module, slot, call, &info) != 0)
		return r;
	/* Some modules say that the last try was wrong, not that it was the last. */
	if (r == ERR_PIN_INCORRECT && (info.flags & CKF_USER_PIN_LOCKED) != 0)
		r = ERR_PIN_LOCKED;
	return login_fail(call, r, &info);
}

void
login_proved(struct module *module, CK_TOKEN_INFO *info)
{
	const CK_FLAGS stale = CKF_USER_PIN_COUNT_LOW | CKF_USER_PIN_FINAL_TRY | CKF_USER_PIN_LOCKED;

	/* OpenSC 0.23 says "final try" for as long as it runs, though the card counts from the start again. */
	if ((info->flags & stale) != 0)
		module->suspect = true;
	info->flags &= ~stale;
}

int
login_try(struct session *session, CK_SLOT_ID slot, CK_USER_TYPE user, const struct secret *pin, struct helper_call *call)
{
	CK_TOKEN_INFO info;
	CK_RV rv;

	login_event(call, "started");
	rv = login_call(session, user, pin);
	/* A login that someone left behind proves nothing about this user: end it. The module has not looked at the PIN yet. */
	if (rv == CKR_USER_ALREADY_LOGGED_IN && user == CKU_USER) {
		login_end(session);
		rv = login_call(session, user, pin);
	}
	login_event(call, "done");
	if (rv != CKR_OK)
		return login_refused(session, slot, "C_Login", rv, call);
	if (user == CKU_USER && slot_token_info(session->module, slot, call, &info) == 0)
		login_proved(session->module, &info);
	return 0;
}

void
login_end(struct session *session)
{
	session->module->fn->C_Logout(session->handle);
}
