/* SPDX-License-Identifier: Apache-2.0 */
/* prompt/pinentry.h: one pinentry process, driven over Assuan; what it shows is decided above. */
#ifndef PROMPT_PINENTRY_H
#define PROMPT_PINENTRY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/secret.h"

enum pinentry_answer { PINENTRY_OK, PINENTRY_NOTOK, PINENTRY_CANCEL };

struct pinentry;

/*
 * Starts the program (an absolute path that only root or we can change).  It dies with this process, and at the deadline (clock_ms())
 * at the latest: what waits for it then gets ERR_TIMEOUT.  0 and *ret_pinentry is the caller's, ERR_NO_DISPLAY or ERR_TIMEOUT.
 */
int pinentry_open(const char *path, int64_t deadline, struct pinentry **ret_pinentry);

/* Kills the process and with it the dialog; wipes what came from it. Leaves NULL behind; accepts a pointer to NULL. */
void pinentry_close(struct pinentry **pinentry);

/* True when it shows a third button (SETNOTOK) and tells it from the others. */
bool pinentry_has_third_button(const struct pinentry *pinentry);

/* Sends "COMMAND text" with text escaped. 0, ERR_TOO_LARGE, ERR_NO_DISPLAY or ERR_TIMEOUT. */
int pinentry_set(struct pinentry *pinentry, const char *command, const char *text);

/* Shows the dialog with its buttons and waits. 0 and *ret_answer, ERR_TIMEOUT, ERR_NO_DISPLAY or ERR_INTERNAL. */
int pinentry_confirm(struct pinentry *pinentry, enum pinentry_answer *ret_answer);

/*
 * Shows the dialog with the PIN field and waits.  The PIN goes into secret, by no other memory of ours than libassuan's line, which is
 * locked too.  0 and *ret_answer (secret holds something only with PINENTRY_OK); ERR_TOO_LARGE for more than SECRET_MAX bytes; else as above.
 */
int pinentry_pin(struct pinentry *pinentry, struct secret *secret, enum pinentry_answer *ret_answer);

/* Shows the text and does not wait; the dialog stays until pinentry_close(). 0 or ERR_NO_DISPLAY. */
int pinentry_message(struct pinentry *pinentry);

#endif
