/* SPDX-License-Identifier: Apache-2.0 */
/* prompt/window.h: one native window (GTK 4) that asks and waits: it refuses by default, and takes no answer that was not meant for it. */
#ifndef PROMPT_WINDOW_H
#define PROMPT_WINDOW_H

#include <gtk/gtk.h>

#include "prompt/prompt.h"

#define WINDOW_REFUSED 0	/* the answer of its first button, of Enter, Escape and closing */

struct window;

/* A window that is not shown yet, with its refusing button. NULL when windows are not possible. */
struct window *window_new(const struct prompt *prompt, const char *title, const char *refuse, int width, int height);

/* Takes it off the screen before it returns. Leaves NULL behind; accepts a pointer to NULL. */
void window_free(struct window **window);

/* The vertical box that the caller fills. */
GtkBox *window_content(struct window *window);

/* What a screen reader says when the window opens. */
void window_describe(struct window *window, const char *text);

/* Another button, right of the ones before; it works once the window has been in front for the time of arming. suggested: the last one. */
void window_add_button(struct window *window, const char *text, int answer, bool suggested);

/* Keeps those buttons off until something has been chosen. */
void window_set_ready(struct window *window, bool ready);

/* Shows it and waits. 0 and *ret_answer, or ERR_TIMEOUT at the prompt's deadline. */
int window_run(struct window *window, int *ret_answer);

#endif
