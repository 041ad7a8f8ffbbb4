/* SPDX-License-Identifier: Apache-2.0 */
/* token/login.h: the PIN's way from the pipe into C_Login; every try is the user's own, none is made by program. */
#ifndef TOKEN_LOGIN_H
#define TOKEN_LOGIN_H

#include "base/secret.h"
#include "token/session.h"

/*
 * Reads the PIN from the request's first descriptor until its writer closes it.  0: *ret_pin is the caller's.  ERR_USER_CANCELLED: nothing
 * came; ERR_PIN_POLICY: more than any PIN; ERR_INVALID_PARAMS: there is no descriptor; ERR_INTERNAL.
 */
int login_read_pin(struct helper_call *call, struct secret **ret_pin);

/* The token's own rule on length. 0 or ERR_PIN_POLICY, with `pin`. */
int login_check_pin(const struct secret *pin, const CK_TOKEN_INFO *info, struct helper_call *call);

/*
 * C_Login for CKU_USER or CKU_CONTEXT_SPECIFIC between its two events; pin NULL: the reader has a keypad.  0 or an error, told to call;
 * the errors about a PIN carry `pin` as the token says it afterwards.
 */
int login_try(struct session *session, CK_SLOT_ID slot, CK_USER_TYPE user, const struct secret *pin, struct helper_call *call);

/* C_Logout; a module may say that nobody was logged in. */
void login_end(struct session *session);

/* Adds `pin` to the failed answer and returns err. */
int login_fail(struct helper_call *call, int err, const CK_TOKEN_INFO *info);

#endif
