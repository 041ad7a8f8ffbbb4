/* SPDX-License-Identifier: Apache-2.0 */
/* operations/pin.h: what a card's PIN state allows. */
#ifndef OPERATIONS_PIN_H
#define OPERATIONS_PIN_H

#include <cjson/cJSON.h>

/* Whether a PIN may be asked for at all (types.json pinState). 0, ERR_PIN_LOCKED, ERR_PIN_NOT_SET: then no dialog is opened. */
int pin_may_be_asked(const cJSON *pin);

#endif
