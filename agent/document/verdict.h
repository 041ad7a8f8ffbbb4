/* SPDX-License-Identifier: Apache-2.0 */
/* document/verdict.h: what is wrong with a signature: names of proto/verification/reasons.json, gathered as a set. */
#ifndef DOCUMENT_VERDICT_H
#define DOCUMENT_VERDICT_H

#include <stdbool.h>
#include <stdint.h>

#include "reason_list.h"

#define REASON_ENUM(name, cause) name,
enum reason { REASON_LIST(REASON_ENUM) REASON_COUNT };
#undef REASON_ENUM

_Static_assert(REASON_COUNT <= 64, "a set of reasons is a uint64_t");

/* A set of reasons; without any, nothing is wrong. */
struct reasons {
	uint64_t bits;
};

static inline void
reason_add(struct reasons *reasons, enum reason reason)
{
	reasons->bits |= UINT64_C(1) << reason;
}

static inline bool
reason_stands(const struct reasons *reasons, enum reason reason)
{
	return (reasons->bits >> reason & 1) != 0;
}

#endif
