/* SPDX-License-Identifier: Apache-2.0 */
/* devices/atr.h: an answer to reset (ISO 7816-3 section 8.2) as hexadecimal text, and patterns over it. */
#ifndef DEVICES_ATR_H
#define DEVICES_ATR_H

#include <stdbool.h>

#define ATR_TEXT_MAX 67		/* 33 bytes and a NUL */

/* The historical bytes of an upper-case hexadecimal ATR. false when its lengths don't fit together. */
bool atr_historical(const char *atr, char ret_historical[ATR_TEXT_MAX]);

/* Whether text starts with the pattern, or is all of it; upper-case hexadecimal, a dot stands for any digit. */
bool atr_pattern_matches(const char *pattern, const char *text, bool whole);

#endif
