/* SPDX-License-Identifier: Apache-2.0 */
/* echo.c: a bare libwebsockets server that sends each message back: what of a call's time is libwebsockets and loopback. echo PORT */
#include <libwebsockets.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MESSAGE_MAX 4096

static unsigned char message[LWS_PRE + MESSAGE_MAX];
static size_t message_len;

static int
on_event(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in, size_t len)
{
	(void)user;
	switch ((int)reason) {
	case LWS_CALLBACK_RECEIVE:
		message_len = len <= MESSAGE_MAX ? len : MESSAGE_MAX;
		memcpy(message + LWS_PRE, in, message_len);
		lws_callback_on_writable(wsi);
		return 0;
	case LWS_CALLBACK_SERVER_WRITEABLE:
		return lws_write(wsi, message + LWS_PRE, message_len, LWS_WRITE_TEXT) == (int)message_len ? 0 : -1;
	default:
		return 0;
	}
}

int
main(int argc, char **argv)
{
	static const struct lws_protocols protocols[] = { { "imza.v1", on_event, 0, MESSAGE_MAX, 0, NULL, 0 }, { NULL, NULL, 0, 0, 0, NULL, 0 } };
	struct lws_context_creation_info info = { .protocols = protocols, .iface = "lo", .gid = (gid_t)-1, .uid = (uid_t)-1 };
	struct lws_context *context;

	info.port = argc == 2 ? atoi(argv[1]) : 0;
	lws_set_log_level(LLL_ERR, NULL);
	if (info.port == 0 || (context = lws_create_context(&info)) == NULL)
		return EXIT_FAILURE;
	puts("ready");
	fflush(stdout);
	while (lws_service(context, 0) >= 0)
		;
	lws_context_destroy(context);
	return EXIT_SUCCESS;
}
