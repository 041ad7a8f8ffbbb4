/* SPDX-License-Identifier: Apache-2.0 */
/* prompt/window_access.c: may this site use the agent: once, always, or not. */
#include "base/err.h"
#include "prompt/language.h"
#include "prompt/window.h"
#include "prompt/window_parts.h"
#include "prompt/windows.h"

#define WIDTH 600
#define HEIGHT 360

enum { ONCE = WINDOW_REFUSED + 1, ALWAYS };

int
access_window(const struct prompt *prompt, const struct site *site, const char *words, const char **ret_answer)
{
	struct window *window = window_new(prompt, _("e-signature: access"), _("Refuse"), WIDTH, HEIGHT);
	const char *asked = _("This site wants to use the e-signature agent of this computer.");
	GtkBox *content, *head, *pane;
	int r, answer;

	if (window == NULL)
		return ERR_NO_DISPLAY;
	content = window_content(window);
	head = part_head(site, asked);
	pane = GTK_BOX(gtk_box_new(GTK_ORIENTATION_VERTICAL, 16));
	gtk_widget_add_css_class(GTK_WIDGET(pane), "pane");
	if (words != NULL)
		gtk_box_append(pane, part_label(words, NULL));
	gtk_box_append(pane, part_label(_("If you allow it, it can see the cards in your readers and the name and identity number in their "
	    "certificates, and ask you for signatures. Each signature still needs your consent and your PIN."), NULL));
	gtk_box_append(content, GTK_WIDGET(head));
	gtk_box_append(content, part_scrolled(GTK_WIDGET(pane)));
	window_describe(window, asked);
	window_add_button(window, _("Always allow"), ALWAYS, false);
	window_add_button(window, _("Allow once"), ONCE, false);
	if ((r = window_run(window, &answer)) == 0)
		*ret_answer = answer == ONCE ? "once" : answer == ALWAYS ? "always" : "denied";
	window_free(&window);
	return r;
}
