/* SPDX-License-Identifier: Apache-2.0 */
/* token/main.c: the program imza-token: one PKCS #11 module behind walls, served over descriptor 3 (agent/HELPERS.md). */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/confine.h"
#include "base/err.h"
#include "base/harden.h"
#include "base/helper.h"
#include "base/log.h"
#include "token/certificates.h"
#include "token/ckr.h"
#include "token/pins.h"
#include "token/sign.h"
#include "token/slots.h"

static const struct {
	const char *op;
	int (*run)(struct helper_call *call, struct module *module, cJSON **ret_result);
} ops[] = {
	{ "certificates", certificates_list },
	{ "pin_change", pins_change },
	{ "pin_unblock", pins_unblock },
	{ "pin_verify", pins_verify },
	{ "sign", sign_batch },
	{ "tokens", slots_list },
};

static int
op_run(struct helper_call *call, void *context, cJSON **ret_result)
{
	for (size_t i = 0; i < sizeof(ops) / sizeof(ops[0]); i++)
		if (strcmp(call->op, ops[i].op) == 0)
			return ops[i].run(call, context, ret_result);
	return call_fail(call, ERR_METHOD_NOT_FOUND, "op");
}

static int
module_refused(int err, char *why)
{
	cJSON *members = cJSON_CreateObject();

	log_error("%s", why != NULL ? why : "out of memory");
	cJSON_AddStringToObject(members, "detail", why != NULL ? why : "out of memory");
	helper_announce(err, NULL, members);
	free(why);
	return EXIT_FAILURE;
}

int
main(int argc, char *argv[])
{
	bool network = argc > 1 && strcmp(argv[1], "--network") == 0;
	char **path = argv + (network ? 2 : 1);
	struct module module;
	char *why = NULL;
	int r, status;

	log_init("imza-token", LOG_INFO);
	if (argc < (network ? 3 : 2)) {
		fprintf(stderr, "usage: imza-token [--network] MODULE-PATH [FOLDER...] (started by imza-agent, with its socket as descriptor %d)\n",
		    FRAME_HELPER_FD);
		return 2;
	}
	/* The module's own code runs from module_load() on: it starts no program and reaches no network that was not allowed. */
	if (harden_process() != 0 || fcntl(FRAME_HELPER_FD, F_SETFD, FD_CLOEXEC) != 0 ||
	    confine_process(&(struct confinement){ .writable = (const char *const *)path + 1, .network = network }) != 0) {
		log_error("can't harden this process, or descriptor %d is not open", FRAME_HELPER_FD);
		return EXIT_FAILURE;
	}
	if ((r = module_load(*path, &module, &why)) != 0)
		return module_refused(r, why);
	helper_announce(0, "ready", module_describe(&module));
	status = helper_run(op_run, &module);
	module_unload(&module);
	return status;
}
