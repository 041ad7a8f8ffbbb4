/* SPDX-License-Identifier: Apache-2.0 */
/* fetch/validate.h: a certificate's chain and whether it still counts: trust, then OCSP, then CRL. */
#ifndef FETCH_VALIDATE_H
#define FETCH_VALIDATE_H

#include "base/helper.h"

/* The op `validate` of agent/HELPERS.md. cache: fetch/cache.h. */
int validate(struct helper_call *call, int cache, cJSON **ret_result);

#endif
