/* SPDX-License-Identifier: Apache-2.0 */
/* fetch/main.c: imza-fetch [CACHE-FOLDER]: the only one that connects to servers; it reads no document and draws nothing (agent/HELPERS.md). */
#include <stdlib.h>
#include <openssl/crypto.h>

#include "base/err.h"
#include "base/harden.h"
#include "base/helper_ops.h"
#include "base/log.h"
#include "base/sandbox.h"
#include "fetch/cache.h"
#include "fetch/fetch.h"
#include "fetch/validate.h"

#define MEMORY_MAX (1024ul << 20)	/* bytes of address space */

static int
op_validate(struct helper_call *call, void *context, cJSON **ret_result)
{
	const int *cache = context;

	return validate(call, *cache, ret_result);
}

static int
fetch_sandbox(const char *folder, int *ret_cache)
{
	/* What finding a host and trusting a TLS server takes. */
	static const char *const readable[] = { "/etc/resolv.conf", "/etc/hosts", "/etc/host.conf", "/etc/nsswitch.conf", "/etc/gai.conf", "/etc/services",
		"/etc/ssl/certs", "/etc/ssl/cert.pem", "/usr/lib/ssl", "/usr/share/ca-certificates", "/usr/local/share/ca-certificates", NULL };

	if (fetch_init() != 0)
		return ERR_INTERNAL;
	*ret_cache = folder != NULL ? cache_open(folder) : -1;
	return sandbox_enter_network(readable, folder);
}

int
main(int argc, char **argv)
{
	static const struct helper_op ops[] = { { "validate", op_validate } };
	int cache = -1;

	log_init("imza-fetch", LOG_INFO);
	if (harden_process() != 0 || harden_limits(MEMORY_MAX, 0) != 0 || OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, NULL) != 1 ||
	    fetch_sandbox(argc > 1 ? argv[1] : NULL, &cache) != 0) {
		log_error("can't give up rights");
		return EXIT_FAILURE;
	}
	return helper_ops_run(&(struct helper_ops){ ops, 1, &cache });
}
