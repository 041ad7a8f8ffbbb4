/* SPDX-License-Identifier: Apache-2.0 */
/* base/pin_lengths.h: how many digits a PIN has: what the token says, narrowed by what is known of its kind of card (cards.d). */
#ifndef BASE_PIN_LENGTHS_H
#define BASE_PIN_LENGTHS_H

#include <cjson/cJSON.h>

/* Digits; 0: not known. */
struct pin_lengths {
	unsigned min, max;
};

/* Reads minLength and maxLength of an object; what is not there, or no length, is 0. json may be NULL. */
struct pin_lengths pin_lengths_read(const cJSON *json);

/*
 * The lengths that both allow.  Where the two contradict each other the token is right: it is the one that counts the tries.
 */
struct pin_lengths pin_lengths_narrow(struct pin_lengths token, struct pin_lengths kind);

#endif
