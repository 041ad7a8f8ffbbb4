/* SPDX-License-Identifier: Apache-2.0 */
/* mod_answers.c: MOD_CALL (C_Login when unset) answers MOD_RV, the first MOD_TIMES times (always when unset). */
#include "mod_core.h"

static CK_RV
answer(const char *call)
{
	static long times;

	if (!mod_call_is(call, "C_Login") || times >= mod_number("MOD_TIMES", 1000000))
		return CKR_OK;
	times++;
	return (CK_RV)mod_number("MOD_RV", CKR_GENERAL_ERROR);
}

void
mod_setup(void)
{
	mod.before = answer;
}
