/* SPDX-License-Identifier: Apache-2.0 */
/* token/pins.c: the PIN by itself: C_Login, C_SetPIN, C_InitPIN; one try at the most for each thing that the user typed. */
#include "token/pins.h"

#include <stdint.h>

#include "base/err.h"
#include "base/json.h"
#include "token/ckr.h"
#include "token/login.h"
#include "token/slots.h"

/* What an op works on; zeroed before pins_begin(), ended by pins_end(). */
struct pins {
	struct helper_call *call;
	struct module *module;
	CK_SLOT_ID slot;
	const char *serial;
	CK_TOKEN_INFO info;
	struct secret *typed[2];	/* NULL: on the reader's keypad */
	struct session session;
};

static CK_UTF8CHAR *
bytes(const struct secret *secret)
{
	return secret != NULL ? (CK_UTF8CHAR *)(uintptr_t)secret_data(secret) : NULL;
}

static CK_ULONG
length(const struct secret *secret)
{
	return secret != NULL ? secret_len(secret) : 0;
}

static int
token_check(struct pins *pins, bool locked_is_fine)
{
	return locked_is_fine ? slot_check_token(pins->module, pins->slot, pins->serial, pins->call, &pins->info) :
	    login_check_token(pins->module, pins->slot, pins->serial, pins->call, &pins->info);
}

/* Reads the request and what the user types, count PINs of it, and opens a session. What can be known before is answered before. */
static int
pins_begin(struct pins *pins, struct helper_call *call, struct module *module, size_t count, bool locked_is_fine, CK_FLAGS flags)
{
	int64_t slot = json_integer(call->request, "slot", -1);
	int r;

	pins->call = call;
	pins->module = module;
	pins->slot = (CK_SLOT_ID)slot;
	if (slot < 0 || (pins->serial = json_string(call->request, "serial")) == NULL)
		return call_fail(call, ERR_INVALID_PARAMS, slot < 0 ? "slot" : "serial");
	if ((r = token_check(pins, locked_is_fine)) != 0)
		return r;
	if (locked_is_fine && (pins->info.flags & CKF_SO_PIN_LOCKED) != 0)
		return login_fail(call, ERR_PUK_LOCKED, &pins->info);
	if ((pins->info.flags & CKF_PROTECTED_AUTHENTICATION_PATH) == 0) {
		for (size_t i = 0; i < count; i++)
			if ((r = login_read_pin(call, i, &pins->typed[i])) != 0)
				return r == ERR_PIN_POLICY ? login_fail(call, r, &pins->info) : r;
		/* The user took time to type: the card may be another one by now, or locked. */
		if ((r = token_check(pins, locked_is_fine)) != 0)
			return r;
	}
	return session_open(module, pins->slot, flags, call, &pins->session);
}

/* Wipes what was typed; after a success gives the PIN's state as it is now. */
static int
pins_end(struct pins *pins, int r, cJSON **ret_result)
{
	CK_TOKEN_INFO info;
	cJSON *result, *pin;

	session_close(&pins->session);
	secret_free(&pins->typed[0]);
	secret_free(&pins->typed[1]);
	if (r != 0)
		return r;
	/* The change is done: a module that can't tell the state now is no failure. */
	if (slot_token_info(pins->module, pins->slot, pins->call, &info) != 0)
		info = pins->info;
	login_proved(pins->module, &info);
	result = cJSON_CreateObject();
	pin = pin_state_json(&info);
	if (!cJSON_AddItemToObject(result, "pin", pin)) {
		cJSON_Delete(pin);
		cJSON_Delete(result);
		return ERR_INTERNAL;
	}
	*ret_result = result;
	return 0;
}

static int
user_login(struct pins *pins)
{
	int r = pins->typed[0] != NULL ? login_check_pin(pins->typed[0], &pins->info, pins->call) : 0;

	return r != 0 ? r : login_try(&pins->session, pins->slot, CKU_USER, pins->typed[0], pins->call);
}

int
pins_verify(struct helper_call *call, struct module *module, cJSON **ret_result)
{
	struct pins pins = { 0 };
	int r;

	if ((r = pins_begin(&pins, call, module, 1, false, 0)) == 0 && (r = user_login(&pins)) == 0)
		login_end(&pins.session);
	return pins_end(&pins, r, ret_result);
}

/* Checked before the old one is tried: a new PIN that the card would refuse costs nothing. */
static int
new_pin_check(const struct pins *pins)
{
	return pins->typed[1] != NULL ? login_check_pin(pins->typed[1], &pins->info, pins->call) : 0;
}

int
pins_change(struct helper_call *call, struct module *module, cJSON **ret_result)
{
	struct pins pins = { 0 };
	CK_RV rv;
	int r;

	/*
	 * After a login, so that what C_SetPIN means does not hang on a module's settings; a wrong old PIN has then cost its one try in C_Login
	 * and goes no further.  On a keypad the login would have the user type the PIN twice: there C_SetPIN is alone.
	 */
	if ((r = pins_begin(&pins, call, module, 2, false, CKF_RW_SESSION)) != 0 || (r = new_pin_check(&pins)) != 0 ||
	    (pins.typed[0] != NULL && (r = user_login(&pins)) != 0))
		return pins_end(&pins, r, ret_result);
	login_event(call, "started");
	rv = module_note(module, module->fn->C_SetPIN(pins.session.handle, bytes(pins.typed[0]), length(pins.typed[0]), bytes(pins.typed[1]),
	    length(pins.typed[1])));
	login_event(call, "done");
	if (rv != CKR_OK)
		r = login_refused(&pins.session, pins.slot, "C_SetPIN", rv, call);
	if (pins.typed[0] != NULL)
		login_end(&pins.session);
	return pins_end(&pins, r, ret_result);
}

/* The security officer's login, which is what PKCS #11 makes of a PUK. Its errors are not about the PIN. */
static int
puk_login(struct pins *pins)
{
	CK_FUNCTION_LIST *fn = pins->module->fn;
	CK_TOKEN_INFO info;
	CK_RV rv;
	int r;

	login_event(pins->call, "started");
	rv = module_note(pins->module, fn->C_Login(pins->session.handle, CKU_SO, bytes(pins->typed[0]), length(pins->typed[0])));
	login_event(pins->call, "done");
	if (rv == CKR_OK)
		return 0;
	r = ckr_fail(pins->call, "C_Login", rv);
	if (rv == CKR_USER_TYPE_INVALID || rv == CKR_FUNCTION_NOT_SUPPORTED)
		return ERR_NOT_SUPPORTED;
	/* A PUK of the wrong form is a wrong PUK. */
	r = r == ERR_PIN_LOCKED ? ERR_PUK_LOCKED : r == ERR_PIN_INCORRECT || r == ERR_PIN_POLICY ? ERR_PUK_INCORRECT : r;
	if ((r != ERR_PUK_LOCKED && r != ERR_PUK_INCORRECT) || slot_token_info(pins->module, pins->slot, pins->call, &info) != 0)
		return r;
	if ((info.flags & CKF_SO_PIN_LOCKED) != 0)
		r = ERR_PUK_LOCKED;
	return login_fail(pins->call, r, &info);
}

int
pins_unblock(struct helper_call *call, struct module *module, cJSON **ret_result)
{
	struct pins pins = { 0 };
	CK_RV rv;
	int r;

	/*
	 * Never C_SetPIN without a login, though some modules unblock by it: with OpenSC's default settings that is a change of the user's
	 * PIN, and burns one of its tries.
	 */
	if ((r = pins_begin(&pins, call, module, 2, true, CKF_RW_SESSION)) != 0 || (r = new_pin_check(&pins)) != 0 || (r = puk_login(&pins)) != 0)
		return pins_end(&pins, r, ret_result);
	login_event(call, "started");
	rv = module_note(module, module->fn->C_InitPIN(pins.session.handle, bytes(pins.typed[1]), length(pins.typed[1])));
	login_event(call, "done");
	if (rv != CKR_OK)
		r = login_refused(&pins.session, pins.slot, "C_InitPIN", rv, call);
	login_end(&pins.session);
	return pins_end(&pins, r, ret_result);
}
