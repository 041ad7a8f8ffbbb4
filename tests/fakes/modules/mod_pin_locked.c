/* SPDX-License-Identifier: Apache-2.0 */
/* mod_pin_locked.c: has MOD_TRIES tries left (0 when unset), the PUK MOD_PUK_TRIES (3), or no PUK with MOD_NO_PUK=1; a try too many ends it. */
#include "mod_core.h"

void
mod_setup(void)
{
	mod.tries = (int)mod_number("MOD_TRIES", 0);
	mod.puk_tries = (int)mod_number("MOD_PUK_TRIES", 3);
	mod.no_puk = mod_number("MOD_NO_PUK", 0) != 0;
	mod.ends_when_locked = true;
}
