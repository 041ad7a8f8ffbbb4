/* SPDX-License-Identifier: Apache-2.0 */
/* prompt/windows.h: the dialogs that have a window of their own, where there is a display for it; else pinentry asks. Only imza-window has them. */
#ifndef PROMPT_WINDOWS_H
#define PROMPT_WINDOWS_H

#include "prompt/prompt.h"
#include "prompt/site.h"
#include "prompt/summary.h"

/* Whether windows can be shown here. GTK is initialised by the first call that finds a display. */
bool window_possible(void);

/* words: the site's own, in a sentence that is safe to show, or NULL. 0 and *ret_answer (static: once, always, denied), ERR_TIMEOUT, ERR_NO_DISPLAY. */
int access_window(const struct prompt *prompt, const struct site *site, const char *words, const char **ret_answer);

/* 0: the signer agrees to all of it; ERR_USER_DENIED, ERR_TIMEOUT, ERR_NO_DISPLAY. */
int consent_window(const struct prompt *prompt, struct helper_call *call, const struct site *site, const struct summary *summary);

/* certificates: checked, count of them. 0 and *ret_chosen, its index; ERR_USER_CANCELLED, ERR_TIMEOUT, ERR_NO_DISPLAY. */
int select_window(const struct prompt *prompt, const struct site *site, const cJSON *certificates, size_t *ret_chosen);

#endif
