/* SPDX-License-Identifier: Apache-2.0 */
/* mod_always_auth.c: the key wants a login before each signature; login number MOD_WRONG_LOGIN (none when unset) is answered "incorrect". */
#include "mod_core.h"

#include <string.h>

static CK_RV
refuse(const char *call)
{
	static long logins;

	if (strcmp(call, "C_Login") == 0 && ++logins == mod_number("MOD_WRONG_LOGIN", 0)) {
		mod.tries--;
		return CKR_PIN_INCORRECT;
	}
	return CKR_OK;
}

void
mod_setup(void)
{
	mod.always_authenticate = true;
	mod.before = refuse;
}
