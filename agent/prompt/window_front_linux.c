/* SPDX-License-Identifier: Apache-2.0 */
/* prompt/window_front_linux.c: X11's way to the front (EWMH). Under Wayland gtk_window_present() is all there is. */
#include "prompt/window_front.h"

#include <gdk/x11/gdkx.h>

#define STATE_ADD 1
#define SOURCE_APPLICATION 1

G_GNUC_BEGIN_IGNORE_DEPRECATIONS	/* GTK 4.18 gives X11 up, and names nothing to use instead */

/* The window manager keeps it over the others: behind the browser it would be waited for in vain. */
static void
keep_above(GdkDisplay *display, GdkSurface *surface)
{
	Display *x = gdk_x11_display_get_xdisplay(display);
	XEvent event = { .xclient = { .type = ClientMessage, .window = gdk_x11_surface_get_xid(surface), .format = 32,
		.message_type = gdk_x11_get_xatom_by_name_for_display(display, "_NET_WM_STATE"),
		.data.l = { STATE_ADD, (long)gdk_x11_get_xatom_by_name_for_display(display, "_NET_WM_STATE_ABOVE"), 0, SOURCE_APPLICATION } } };

	XSendEvent(x, gdk_x11_display_get_xrootwindow(display), False, SubstructureRedirectMask | SubstructureNotifyMask, &event);
}

void
window_to_front(GtkWindow *window)
{
	GdkSurface *surface = gtk_native_get_surface(GTK_NATIVE(window));
	GdkDisplay *display = gdk_surface_get_display(surface);
	guint32 now;

	if (!GDK_IS_X11_DISPLAY(display))
		return;
	/* An old time stamp would be the user's last key in another window, and reason to leave this one behind. */
	now = gdk_x11_get_server_time(surface);
	gdk_x11_surface_set_user_time(surface, now);
	gdk_x11_surface_move_to_current_desktop(surface);
	gdk_x11_surface_set_urgency_hint(surface, TRUE);
	keep_above(display, surface);
	gtk_window_present_with_time(window, now);
}

G_GNUC_END_IGNORE_DEPRECATIONS
