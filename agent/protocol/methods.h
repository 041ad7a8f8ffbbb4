/* SPDX-License-Identifier: Apache-2.0 */
/* protocol/methods.h: the table of methods. */
#ifndef PROTOCOL_METHODS_H
#define PROTOCOL_METHODS_H

#include <stddef.h>

#include "operations/call.h"

/* Sorted by name. */
extern const struct method *const methods[];
extern const size_t methods_count;

#endif
