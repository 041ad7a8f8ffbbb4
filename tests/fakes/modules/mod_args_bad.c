/* SPDX-License-Identifier: Apache-2.0 */
/* mod_args_bad.c: C_Initialize takes no arguments, as AKIS on macOS. */
#include "mod_core.h"

void
mod_setup(void)
{
	mod.refuses_args = true;
}
