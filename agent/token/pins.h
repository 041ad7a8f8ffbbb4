/* SPDX-License-Identifier: Apache-2.0 */
/* token/pins.h: a PIN verified, changed, or set anew with the PUK. */
#ifndef TOKEN_PINS_H
#define TOKEN_PINS_H

#include "token/module.h"

/* The ops `pin_verify`, `pin_change`, `pin_unblock`; members, events, result and errors as in agent/HELPERS.md. */
int pins_verify(struct helper_call *call, struct module *module, cJSON **ret_result);
int pins_change(struct helper_call *call, struct module *module, cJSON **ret_result);
int pins_unblock(struct helper_call *call, struct module *module, cJSON **ret_result);

#endif
