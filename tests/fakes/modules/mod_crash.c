/* SPDX-License-Identifier: Apache-2.0 */
/* mod_crash.c: crashes in MOD_CALL (C_Login when unset). */
#include "mod_core.h"

#include <signal.h>

static CK_RV
crash(const char *call)
{
	if (mod_call_is(call, "C_Login"))
		raise(SIGSEGV);
	return CKR_OK;
}

void
mod_setup(void)
{
	mod.before = crash;
}
