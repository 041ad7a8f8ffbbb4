/* SPDX-License-Identifier: Apache-2.0 */
/* mod_pin_locked.c: has MOD_TRIES tries left (0 when unset); a login while it is locked must never be tried, so it ends the process. */
#include "mod_core.h"

#include <stdlib.h>
#include <string.h>

static CK_RV
watch(const char *call)
{
	if (strcmp(call, "C_Login") == 0 && mod.tries == 0)
		abort();
	return CKR_OK;
}

void
mod_setup(void)
{
	mod.tries = (int)mod_number("MOD_TRIES", 0);
	mod.before = watch;
}
