/* SPDX-License-Identifier: Apache-2.0 */
/* token/certificates.h: what certificates a token shows to someone who has not logged in. */
#ifndef TOKEN_CERTIFICATES_H
#define TOKEN_CERTIFICATES_H

#include "token/module.h"

/* The op `certificates`; result and errors as in agent/HELPERS.md. */
int certificates_list(struct helper_call *call, struct module *module, cJSON **ret_result);

#endif
