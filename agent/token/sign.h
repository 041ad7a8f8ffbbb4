/* SPDX-License-Identifier: Apache-2.0 */
/* token/sign.h: one consented operation on a token: login, every digest, logout. */
#ifndef TOKEN_SIGN_H
#define TOKEN_SIGN_H

#include "token/module.h"

/* The op `sign`; events, result and errors as in agent/HELPERS.md. */
int sign_batch(struct helper_call *call, struct module *module, cJSON **ret_result);

#endif
