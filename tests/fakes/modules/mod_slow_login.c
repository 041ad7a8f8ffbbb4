/* SPDX-License-Identifier: Apache-2.0 */
/* mod_slow_login.c: thinks for MOD_MS milliseconds (1500) in MOD_CALL (C_Login): about a PIN, when unset. */
#include "mod_core.h"

#include <time.h>

static CK_RV
think(const char *call)
{
	long ms = mod_number("MOD_MS", 1500);
	const struct timespec pause = { ms / 1000, ms % 1000 * 1000000 };

	if (mod_call_is(call, "C_Login"))
		nanosleep(&pause, NULL);
	return CKR_OK;
}

void
mod_setup(void)
{
	mod.before = think;
}
