/* SPDX-License-Identifier: Apache-2.0 */
/* mod_hang.c: never comes back from MOD_CALL (C_Login when unset). */
#include "mod_core.h"

#include <unistd.h>

static CK_RV
hang(const char *call)
{
	while (mod_call_is(call, "C_Login"))
		pause();
	return CKR_OK;
}

void
mod_setup(void)
{
	mod.before = hang;
}
