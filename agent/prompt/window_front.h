/* SPDX-License-Identifier: Apache-2.0 */
/* prompt/window_front.h: a window that nobody clicked for comes before the browser's all the same. */
#ifndef PROMPT_WINDOW_FRONT_H
#define PROMPT_WINDOW_FRONT_H

#include <gtk/gtk.h>

/* To be called once it is shown. */
void window_to_front(GtkWindow *window);

#endif
