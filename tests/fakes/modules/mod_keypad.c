/* SPDX-License-Identifier: Apache-2.0 */
/* mod_keypad.c: its reader has a keypad; a PIN from a program is an error. */
#include "mod_core.h"

void
mod_setup(void)
{
	mod.flags |= CKF_PROTECTED_AUTHENTICATION_PATH;
}
