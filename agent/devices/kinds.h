/* SPDX-License-Identifier: Apache-2.0 */
/* devices/kinds.h: what is known of kinds of cards (cards.d): how an ATR tells them, which PKCS #11 modules read them, where a driver is found. */
#ifndef DEVICES_KINDS_H
#define DEVICES_KINDS_H

#include <stdbool.h>
#include <cjson/cJSON.h>

#include "base/pin_lengths.h"

struct kinds;

/*
 * Reads a folder's *.json files; NULL: the installed ones, of which a file of the same name in the administrator's folder takes the place.
 * A file that is not as it should be is logged and left out.  0 or ERR_INTERNAL.
 */
int kinds_new(const char *folder, struct kinds **ret_kinds);
void kinds_free(struct kinds *kinds);

/* All of them, an array in the order of the files' names: kind, name {tr, en}, provider, modules[], and atr[], historical[], page, pin. Borrowed. */
const cJSON *kinds_all(const struct kinds *kinds);

/* The kind of the card with this ATR; NULL: unknown. Borrowed. */
const cJSON *kinds_find(const struct kinds *kinds, const char *atr);

/* How many digits a PIN of this kind has; zeros where that is not known. kind may be NULL. */
struct pin_lengths kind_pin_lengths(const cJSON *kind);

/* The place of a module's file name among those that read this kind, 0 the best; -1: it is none of them. kind may be NULL. */
int kind_module_rank(const cJSON *kind, const char *module);

#endif
