/* SPDX-License-Identifier: Apache-2.0 */
/* prompt/prompt.h: the operations of imza-prompt, and what their dialogs share. */
#ifndef PROMPT_PROMPT_H
#define PROMPT_PROMPT_H

#include <stdint.h>

#include "base/helper.h"
#include "prompt/pages.h"
#include "prompt/pinentry.h"

struct prompt {
	const char *program;		/* pinentry's path */
	unsigned arm_ms;		/* an answer that comes earlier after showing was not meant for the dialog */
	int64_t deadline;		/* of the request in hand, clock_ms() */
	struct pinentry *pinentry;	/* NULL, or open; the keypad's message outlives its request */
};

/* What a dialog shows; the strings are borrowed. NULL: not set. */
struct dialog {
	const char *title, *text, *error, *prompt;
	const char *ok, *notok, *cancel;
};

/* Each answers one request as agent/HELPERS.md says: 0 and *ret_result, or a negative error. The pinentry may stay open; main closes it. */
int access_run(struct prompt *prompt, struct helper_call *call, cJSON **ret_result);
int consent_run(struct prompt *prompt, struct helper_call *call, cJSON **ret_result);
int pin_run(struct prompt *prompt, struct helper_call *call, cJSON **ret_result);
int pin_verify_run(struct prompt *prompt, struct helper_call *call, cJSON **ret_result);
int pin_change_run(struct prompt *prompt, struct helper_call *call, cJSON **ret_result);
int pin_unblock_run(struct prompt *prompt, struct helper_call *call, cJSON **ret_result);
int select_run(struct prompt *prompt, struct helper_call *call, cJSON **ret_result);

/*
 * Shows the dialog until it is answered later than arm_ms after showing: a click or a key that was on its way to another window, or that a
 * page provoked, decides nothing.  Starts pinentry where none runs.  0 and *ret_answer, or ERR_TIMEOUT, ERR_NO_DISPLAY, ERR_TOO_LARGE,
 * ERR_INTERNAL.
 */
int dialog_confirm(struct prompt *prompt, const struct dialog *dialog, enum pinentry_answer *ret_answer);

/* The same with a PIN field, and without that delay: nobody types a PIN by mistake. ERR_TOO_LARGE also for a PIN beyond SECRET_MAX. */
int dialog_pin(struct prompt *prompt, const struct dialog *dialog, struct secret *secret, enum pinentry_answer *ret_answer);

/* Shows the dialog and returns at once; it stays until the prompt's pinentry is closed. */
int dialog_message(struct prompt *prompt, const struct dialog *dialog);

/* Pages under the request's origin.  0 and *ret_pages is the caller's, ERR_INVALID_PARAMS (no origin, or one too long), ERR_INTERNAL. */
int pages_for_origin(const cJSON *request, struct pages **ret_pages);

/* Makes {"answer": word}. 0 or ERR_INTERNAL. */
int answer_make(const char *word, cJSON **ret_result);

#endif
