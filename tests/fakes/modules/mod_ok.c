/* SPDX-License-Identifier: Apache-2.0 */
/* mod_ok.c: misbehaves in nothing. */
#include "mod_core.h"

void
mod_setup(void)
{
}
