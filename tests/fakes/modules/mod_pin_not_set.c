/* SPDX-License-Identifier: Apache-2.0 */
/* mod_pin_not_set.c: a new card: its first PIN is still to be made; MOD_TO_BE_CHANGED=1: it has one that must be changed before anything else. */
#include "mod_core.h"

void
mod_setup(void)
{
	mod.flags ^= mod_number("MOD_TO_BE_CHANGED", 0) != 0 ? CKF_USER_PIN_TO_BE_CHANGED : CKF_USER_PIN_INITIALIZED;
}
