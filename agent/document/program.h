/* SPDX-License-Identifier: Apache-2.0 */
/* document/program.h: what imza-document and imza-fetch have in common: limits before anything is read, then one request after the other. */
#ifndef DOCUMENT_PROGRAM_H
#define DOCUMENT_PROGRAM_H

#include <stddef.h>

#include "base/helper.h"

struct program_op {
	const char *name;	/* agent/HELPERS.md */
	int (*run)(struct helper_call *call, void *context, cJSON **ret_result);
};

struct program {
	const struct program_op *ops;
	size_t ops_count;
	void *context;	/* of every op */
};

/* Not to be traced, no core, bounded memory, no OpenSSL configuration. 0 or ERR_INTERNAL. */
int program_harden(void);

/* Answers requests until the agent goes; each gets its share of processor time. The exit status. */
int program_run(struct program *program);

#endif
