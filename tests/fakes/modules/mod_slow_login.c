/* SPDX-License-Identifier: Apache-2.0 */
/* mod_slow_login.c: thinks for 1.5 seconds about a PIN. */
#include "mod_core.h"

#include <string.h>
#include <time.h>

static CK_RV
think(const char *call)
{
	const struct timespec pause = { 1, 500000000 };

	if (strcmp(call, "C_Login") == 0)
		nanosleep(&pause, NULL);
	return CKR_OK;
}

void
mod_setup(void)
{
	mod.before = think;
}
