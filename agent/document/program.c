/* SPDX-License-Identifier: Apache-2.0 */
/* document/program.c: limits for life and for each request. */
#include "document/program.h"

#include <string.h>
#include <sys/resource.h>
#include <openssl/crypto.h>

#include "base/err.h"
#include "base/harden.h"

#define MEMORY_MAX (1536ul << 20)	/* bytes of address space: a mapped document of DOCUMENT_MAX and room to work */
#define CPU_SECONDS_MAX 60		/* of one request */

int
program_harden(void)
{
	if (harden_process() != 0 || harden_limits(MEMORY_MAX, 0) != 0 || OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, NULL) != 1)
		return ERR_INTERNAL;
	return 0;
}

/* A request may take CPU_SECONDS_MAX, however many came before it: a batch is long. Past it the kernel ends the process. */
static int
cpu_allow(void)
{
	struct rusage used;
	struct rlimit limit;

	if (getrusage(RUSAGE_SELF, &used) != 0 || getrlimit(RLIMIT_CPU, &limit) != 0)
		return ERR_INTERNAL;
	limit.rlim_cur = (rlim_t)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) + CPU_SECONDS_MAX;
	if (limit.rlim_max != RLIM_INFINITY && limit.rlim_cur > limit.rlim_max)
		limit.rlim_cur = limit.rlim_max;
	return setrlimit(RLIMIT_CPU, &limit) != 0 ? ERR_INTERNAL : 0;
}

static int
serve(struct helper_call *call, void *context, cJSON **ret_result)
{
	const struct program *program = context;
	int r;

	if ((r = cpu_allow()) != 0)
		return r;
	for (size_t i = 0; i < program->ops_count; i++)
		if (strcmp(program->ops[i].name, call->op) == 0)
			return program->ops[i].run(call, program->context, ret_result);
	return ERR_METHOD_NOT_FOUND;
}

int
program_run(struct program *program)
{
	return helper_run(serve, program);
}
