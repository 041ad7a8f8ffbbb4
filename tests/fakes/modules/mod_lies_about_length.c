/* SPDX-License-Identifier: Apache-2.0 */
/* mod_lies_about_length.c: MOD_CALL (C_Sign when unset) gives the length MOD_LENGTH (a million when unset), whatever it wrote. */
#include "mod_core.h"

static void
lie(const char *call, CK_ULONG *length)
{
	if (mod_call_is(call, "C_Sign"))
		*length = (CK_ULONG)mod_number("MOD_LENGTH", 1000000);
}

void
mod_setup(void)
{
	mod.length = lie;
}
