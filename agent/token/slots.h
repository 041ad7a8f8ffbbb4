/* SPDX-License-Identifier: Apache-2.0 */
/* token/slots.h: the tokens that are in, and what each tells about its PIN. */
#ifndef TOKEN_SLOTS_H
#define TOKEN_SLOTS_H

#include <stdbool.h>

#include "token/module.h"

/* The op `tokens`; result and errors as in agent/HELPERS.md. */
int slots_list(struct helper_call *call, struct module *module, cJSON **ret_result);

/* C_GetTokenInfo, its PIN lengths narrowed by the request's pinLengths. 0 or an error, told to call. */
int slot_token_info(struct module *module, CK_SLOT_ID slot, struct helper_call *call, CK_TOKEN_INFO *ret_info);

/* slot_token_info() of the token with this serial number. 0, ERR_NOT_FOUND (another one is in the slot) or another error, told to call. */
int slot_check_token(struct module *module, CK_SLOT_ID slot, const char *serial, struct helper_call *call, CK_TOKEN_INFO *ret_info);

/*
 * Whether a failure came of a card that was pulled: modules find many words for that, and then say that the slot is empty.  Looks only when
 * err, the failure so far, could mean it.
 */
bool slot_lost_its_token(struct module *module, CK_SLOT_ID slot, int err);

/* "locked", "final", "low", "not_set" or "ok": the worst that the flags say. */
const char *pin_state_name(CK_FLAGS flags);

/* A length limit of PKCS #11, whose "no limit" and "unknown" are 0 here. */
CK_ULONG pin_limit(CK_ULONG length);

/* types.json pinState; NULL when memory runs out. */
cJSON *pin_state_json(const CK_TOKEN_INFO *info);

#endif
