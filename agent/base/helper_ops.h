/* SPDX-License-Identifier: Apache-2.0 */
/* base/helper_ops.h: a helper's requests by name, each with its share of processor time. */
#ifndef BASE_HELPER_OPS_H
#define BASE_HELPER_OPS_H

#include <stddef.h>

#include "base/helper.h"

struct helper_op {
	const char *name;	/* agent/HELPERS.md */
	int (*run)(struct helper_call *call, void *context, cJSON **ret_result);
};

struct helper_ops {
	const struct helper_op *ops;
	size_t count;
	void *context;	/* of every op */
};

/* Answers requests until the agent goes. The exit status. */
int helper_ops_run(struct helper_ops *ops);

#endif
