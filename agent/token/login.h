/* SPDX-License-Identifier: Apache-2.0 */
/* token/login.h: the PIN's way from the pipe into C_Login; every try is the user's own, none is made by program. */
#ifndef TOKEN_LOGIN_H
#define TOKEN_LOGIN_H

#include "base/secret.h"
#include "token/session.h"

/*
 * Reads a PIN from the request's descriptor number i until its writer closes it.  0: *ret_pin is the caller's.  ERR_USER_CANCELLED: nothing
 * came; ERR_PIN_POLICY: more than any PIN; ERR_INVALID_PARAMS: there is no descriptor; ERR_INTERNAL.
 */
int login_read_pin(struct helper_call *call, size_t i, struct secret **ret_pin);

/* slot_check_token(), and that its PIN is not locked: ERR_PIN_LOCKED with `pin`. */
int login_check_token(struct module *module, CK_SLOT_ID slot, const char *serial, struct helper_call *call, CK_TOKEN_INFO *ret_info);

/* imza's rule, digits only, and the token's own on length. 0 or ERR_PIN_POLICY, with `pin`. */
int login_check_pin(const struct secret *pin, const CK_TOKEN_INFO *info, struct helper_call *call);

/*
 * C_Login for CKU_USER or CKU_CONTEXT_SPECIFIC between its two events; pin NULL: the reader has a keypad.  0 or an error, told to call;
 * the errors about a PIN carry `pin` as the token says it afterwards.
 */
int login_try(struct session *session, CK_SLOT_ID slot, CK_USER_TYPE user, const struct secret *pin, struct helper_call *call);

/* The event around a call that a PIN is in: `state` is "started" straight before, "done" after it returned. */
void login_event(struct helper_call *call, const char *state);

/* What C_Login or C_SetPIN said of the user's PIN: login_try()'s errors from rv, which is not CKR_OK. */
int login_refused(struct session *session, CK_SLOT_ID slot, const char *function, CK_RV rv, struct helper_call *call);

/*
 * The card has taken the PIN, so all its tries are back: takes out of info what says otherwise, and has such a module started anew before
 * the next list of slots.
 */
void login_proved(struct module *module, CK_TOKEN_INFO *info);

/* C_Logout; a module may say that nobody was logged in. */
void login_end(struct session *session);

/* Adds `pin` to the failed answer and returns err. */
int login_fail(struct helper_call *call, int err, const CK_TOKEN_INFO *info);

#endif
