/* SPDX-License-Identifier: Apache-2.0 */
/* health/way.h: the way to a signature as far as it goes without the user: a document is prepared, and the card is asked to sign without a PIN. */
#ifndef HEALTH_WAY_H
#define HEALTH_WAY_H

#include "health/checks.h"

struct health_way;

/*
 * Prepares an empty document for this certificate (borrowed), then asks its module to sign, with a PIN pipe that brings nothing: slot,
 * certificate, mechanism and the PIN's state are looked at, C_Login is never called.  done is called once, later, with an outcome of
 * signing_way and what was measured (borrowed).  NULL when it can't be tried (no memory; a keypad, which would ask for the PIN by itself).
 */
struct health_way *health_way_start(struct services *services, const struct health_certificate *certificate,
    void (*done)(void *context, const char *outcome, const char *measured), void *context);

/* Leaves NULL behind; accepts NULL. */
void health_way_cancel(struct health_way **way);

#endif
