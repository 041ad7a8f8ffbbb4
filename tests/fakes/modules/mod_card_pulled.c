/* SPDX-License-Identifier: Apache-2.0 */
/* mod_card_pulled.c: its card is pulled in MOD_CALL's MOD_COUNT-th call (the second C_Sign when unset), and is back at the next but one list. */
#include "mod_core.h"

#include <string.h>

static CK_RV
pull(const char *call)
{
	static long calls, lists;

	if (mod_call_is(call, "C_Sign") && ++calls == mod_number("MOD_COUNT", 2)) {
		mod.present = false;
		return CKR_DEVICE_REMOVED;
	}
	/* Each list is two calls: how many, and which. */
	if (strcmp(call, "C_GetSlotList") == 0 && !mod.present && ++lists > 2)
		mod.present = true;
	return CKR_OK;
}

void
mod_setup(void)
{
	mod.before = pull;
}
