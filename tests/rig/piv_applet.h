/* SPDX-License-Identifier: Apache-2.0 */
/* piv_applet.h: the part of a PIV card (NIST SP 800-73-4) that OpenSC talks to: objects, PIN and PUK, signatures. */
#ifndef PIV_APPLET_H
#define PIV_APPLET_H

#include <stddef.h>

#define APDU_MAX 4096

struct applet;

/*
 * A card from a folder: KEY.pem (private key) and KEY.der (certificate) for each key reference KEY of 9a, 9c, 9d, 9e, 82...; its number is the
 * serial's; PIN 123456, PUK 12345678, three tries each.  NULL after a line on stderr.
 */
struct applet *applet_new(const char *folder, unsigned number);
void applet_free(struct applet *applet);

/* Power-on: nothing is selected or verified. PIN and counters stay. */
void applet_reset(struct applet *applet);

/* Answers a command; out takes APDU_MAX bytes; the answer's length, status word included. */
size_t applet_answer(struct applet *applet, const unsigned char *apdu, size_t len, unsigned char *out);

/* Tries left, and how many times a PIN was sent for verification. */
int applet_pin_tries(const struct applet *applet);
int applet_puk_tries(const struct applet *applet);
unsigned applet_logins(const struct applet *applet);

#endif
