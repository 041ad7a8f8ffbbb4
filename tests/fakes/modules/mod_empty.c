/* SPDX-License-Identifier: Apache-2.0 */
/* mod_empty.c: one card that is not recognised and one with nothing on it; with MOD_BLANK=1 that one is not even initialised. */
#include "mod_core.h"

void
mod_setup(void)
{
	mod.unknown_slot = true;
	mod.no_objects = true;
	if (mod_number("MOD_BLANK", 0) != 0)
		mod.flags &= ~(CK_FLAGS)CKF_TOKEN_INITIALIZED;
}
