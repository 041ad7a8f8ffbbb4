/* SPDX-License-Identifier: Apache-2.0 */
/* token/module.c: loading through p11-kit, and C_Initialize as modules want it. */
#include "token/module.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <p11-kit/p11-kit.h>

#include "base/err.h"
#include "base/log.h"
#include "base/trusted_file.h"
#include "token/ckr.h"
#include "token/padded.h"

#define UNLOAD_SECONDS 3

static CK_RV
module_initialize(CK_FUNCTION_LIST *fn)
{
	CK_C_INITIALIZE_ARGS args = { .flags = CKF_OS_LOCKING_OK };
	CK_RV rv = fn->C_Initialize(&args);

	/* AKIS on macOS and on older Linux refuses any argument. We call from one thread only, so none is as good. */
	if (rv == CKR_ARGUMENTS_BAD || rv == CKR_CANT_LOCK)
		rv = fn->C_Initialize(NULL);
	return rv == CKR_CRYPTOKI_ALREADY_INITIALIZED ? CKR_OK : rv;
}

static char *
why_text(const char *what, const char *why)
{
	char *text;

	return asprintf(&text, "%s: %s", what, why != NULL ? why : "no reason given") < 0 ? NULL : text;
}

int
module_load(const char *path, struct module *ret_module, char **ret_why)
{
	struct module module = { NULL, false };
	const char *why = NULL;
	char *resolved = NULL;
	CK_RV rv;
	int r = ERR_MODULE_FAILED;

	if (trusted_file_resolve(path, &resolved, &why) != 0) {
		*ret_why = why_text("the module's file is refused", why);
		goto out;
	}
	/* Unmanaged: the module's own functions. p11-kit's managed wrapper would put its own bookkeeping between us and the card. */
	module.fn = p11_kit_module_load(resolved, P11_KIT_MODULE_UNMANAGED | P11_KIT_MODULE_CRITICAL);
	if (module.fn == NULL) {
		*ret_why = why_text("the module can't be loaded", p11_kit_message());
		goto out;
	}
	if ((rv = module_initialize(module.fn)) != CKR_OK) {
		*ret_why = why_text("C_Initialize", ckr_name(rv));
		goto out;
	}
	*ret_module = module;
	module.fn = NULL;
	r = 0;
out:
	if (module.fn != NULL)
		p11_kit_module_release(module.fn);
	free(resolved);
	return r;
}

CK_RV
module_restart(struct module *module)
{
	log_warning("starting the module anew");
	module->suspect = false;
	module->fn->C_Finalize(NULL);
	return module_initialize(module->fn);
}

CK_RV
module_note(struct module *module, CK_RV rv)
{
	if (rv == CKR_GENERAL_ERROR || rv == CKR_CRYPTOKI_NOT_INITIALIZED)
		module->suspect = true;
	return rv;
}

cJSON *
module_describe(const struct module *module)
{
	cJSON *members = cJSON_CreateObject(), *description = cJSON_AddObjectToObject(members, "module");
	CK_INFO info = { 0 };
	char version[16];

	if (module->fn->C_GetInfo(&info) != CKR_OK)
		info = (CK_INFO){ 0 };
	snprintf(version, sizeof(version), "%u.%u", info.libraryVersion.major, info.libraryVersion.minor);
	if (description == NULL || !padded_add(description, "manufacturer", info.manufacturerID, sizeof(info.manufacturerID)) ||
	    !padded_add(description, "description", info.libraryDescription, sizeof(info.libraryDescription)) ||
	    cJSON_AddStringToObject(description, "version", version) == NULL) {
		cJSON_Delete(members);
		return NULL;
	}
	return members;
}

void
module_unload(struct module *module)
{
	alarm(UNLOAD_SECONDS);
	module->fn->C_Finalize(NULL);
	p11_kit_module_release(module->fn);
	module->fn = NULL;
	alarm(0);
}
