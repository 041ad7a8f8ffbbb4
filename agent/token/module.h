/* SPDX-License-Identifier: Apache-2.0 */
/* token/module.h: the one PKCS #11 module of this process. */
#ifndef TOKEN_MODULE_H
#define TOKEN_MODULE_H

#include <stdbool.h>
#include <p11-kit/pkcs11.h>

#include "base/helper.h"

struct module {
	CK_FUNCTION_LIST *fn;	/* the module's own list, not a wrapper */
	bool suspect;		/* an answer said that the module lost its footing: start it anew before the next list of slots */
};

/*
 * Checks path (base/trusted_file.h), loads the module that it leads to and initialises it.  Pair with module_unload().
 * 0, or ERR_MODULE_FAILED with *ret_why (English, the caller frees it; NULL when memory ran out).
 */
int module_load(const char *path, struct module *ret_module, char **ret_why);

/* C_Finalize and C_Initialize: after the smart card service has gone and come back, a module's old state is dead. */
CK_RV module_restart(struct module *module);

/* Remembers what rv says about the module's health, and gives it back. */
CK_RV module_note(struct module *module, CK_RV rv);

/* {"module": {manufacturer, description, version}} from C_GetInfo, which may fail (empty texts then). NULL when memory runs out. */
cJSON *module_describe(const struct module *module);

/* Finalises and unloads. A module that hangs in it takes the process with it after three seconds. */
void module_unload(struct module *module);

#endif
