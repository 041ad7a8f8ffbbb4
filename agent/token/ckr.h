/* SPDX-License-Identifier: Apache-2.0 */
/* token/ckr.h: what a module answers (CK_RV), as our errors and as words for the log and for `detail`. */
#ifndef TOKEN_CKR_H
#define TOKEN_CKR_H

#include <p11-kit/pkcs11.h>

#include "base/helper.h"

/* "CKR_PIN_INCORRECT"; a value that PKCS #11 2.40 does not know reads "CKR_?". Static storage. */
const char *ckr_name(CK_RV rv);

/* The error that tells a user what rv means; 0 only for CKR_OK. */
int err_from_ckr(CK_RV rv);

/* Sets `detail` of the call's failed answer, the first one stays, and returns err. */
int call_fail(struct helper_call *call, int err, const char *detail);

/* call_fail() with err_from_ckr(rv) and "C_Function: CKR_NAME (0x...)". */
int ckr_fail(struct helper_call *call, const char *function, CK_RV rv);

#endif
