/* SPDX-License-Identifier: Apache-2.0 */
/* base/helper_ops.c: the limit of a request, then its function. */
#include "base/helper_ops.h"

#include <string.h>
#include <sys/resource.h>

#include "base/err.h"

#define CPU_SECONDS_MAX 60		/* of one request */

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
	const struct helper_ops *ops = context;
	int r;

	if ((r = cpu_allow()) != 0)
		return r;
	for (size_t i = 0; i < ops->count; i++)
		if (strcmp(ops->ops[i].name, call->op) == 0)
			return ops->ops[i].run(call, ops->context, ret_result);
	return ERR_METHOD_NOT_FOUND;
}

int
helper_ops_run(struct helper_ops *ops)
{
	return helper_run(serve, ops);
}
