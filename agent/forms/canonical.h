/* SPDX-License-Identifier: Apache-2.0 */
/* forms/canonical.h: one spelling of a form's data, so that its digest can be made again by anybody. */
#ifndef FORMS_CANONICAL_H
#define FORMS_CANONICAL_H

#include <cjson/cJSON.h>

#include "base/buf.h"

/*
 * Appends data as RFC 8785 (JCS) writes it; exact for member names in the Basic Multilingual Plane and for numbers of up to 15
 * digits from 1e-4 to below 1e15, which is what forms hold.  0, or ERR_INTERNAL: no memory, or buf's maximum.
 */
int form_canonical(const cJSON *data, struct buf *buf);

#endif
