/* SPDX-License-Identifier: Apache-2.0 */
/* mod_slow_login.c: thinks for MOD_MS milliseconds (1500) in MOD_CALL (C_Login): about a PIN, when unset; and, saying so, as long as MOD_HOLD is not 0. */
#include "mod_core.h"

#include <stdio.h>
#include <time.h>

static void
pause_ms(long ms)
{
	const struct timespec pause = { ms / 1000, ms % 1000 * 1000000 };

	nanosleep(&pause, NULL);
}

static CK_RV
think(const char *call)
{
	if (!mod_call_is(call, "C_Login"))
		return CKR_OK;
	pause_ms(mod_number("MOD_MS", 1500));
	if (mod_number("MOD_HOLD", 0) != 0)
		fprintf(stderr, "mod_slow_login holds %s\n", call);
	while (mod_number("MOD_HOLD", 0) != 0)
		pause_ms(10);
	return CKR_OK;
}

void
mod_setup(void)
{
	mod.before = think;
}
