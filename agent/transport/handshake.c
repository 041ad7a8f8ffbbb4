/* SPDX-License-Identifier: Apache-2.0 */
/* transport/handshake.c: HTTP as libwebsockets gives it: headers read for the gate, refusals with real statuses, one line for a browser. */
#include "transport/handshake.h"

#include <string.h>

#include "base/wire.h"

static void
header_read(struct lws *wsi, enum lws_token_indexes token, struct gate_value *ret_value)
{
	int total = lws_hdr_total_length(wsi, token);

	*ret_value = (struct gate_value){ .present = total > 0, .len = total > 0 ? (size_t)total : 0 };
	if (total > 0 && lws_hdr_copy(wsi, ret_value->text, sizeof(ret_value->text), token) < 0)
		ret_value->too_long = true;
}

static void
custom_header_read(struct lws *wsi, const char *name, struct gate_value *ret_value)
{
	int total = lws_hdr_custom_length(wsi, name, (int)strlen(name));

	*ret_value = (struct gate_value){ .present = total >= 0, .len = total > 0 ? (size_t)total : 0 };
	if (total > 0 && lws_hdr_custom_copy(wsi, ret_value->text, sizeof(ret_value->text), name, (int)strlen(name)) < 0)
		ret_value->too_long = true;
}

static void
response_write(struct lws *wsi, int status, const char *extra_header, const char *body)
{
	const char *phrase = status == 200 ? "OK" : status == 400 ? "Bad Request" : status == 403 ? "Forbidden" :
	    status == 421 ? "Misdirected Request" : status == 426 ? "Upgrade Required" : status == 405 ? "Method Not Allowed" :
	    status == 503 ? "Service Unavailable" : "Not Found";
	unsigned char space[LWS_PRE + 512];
	int len = lws_snprintf((char *)space + LWS_PRE, sizeof(space) - LWS_PRE,
	    "HTTP/1.1 %d %s\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: %zu\r\nConnection: close\r\n"
	    "Cache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\n%s\r\n%s",
	    status, phrase, strlen(body), extra_header, body);

	lws_write(wsi, space + LWS_PRE, (size_t)len, LWS_WRITE_HTTP_HEADERS);
}

void
handshake_origin(struct lws *wsi, struct gate_value *ret_origin)
{
	header_read(wsi, WSI_TOKEN_ORIGIN, ret_origin);
}

void
handshake_read(struct lws *wsi, struct gate_handshake *ret_handshake)
{
	header_read(wsi, WSI_TOKEN_UPGRADE, &ret_handshake->upgrade);
	header_read(wsi, WSI_TOKEN_VERSION, &ret_handshake->version);
	header_read(wsi, WSI_TOKEN_HOST, &ret_handshake->host);
	header_read(wsi, WSI_TOKEN_ORIGIN, &ret_handshake->origin);
	header_read(wsi, WSI_TOKEN_PROTOCOL, &ret_handshake->protocol);
	header_read(wsi, WSI_TOKEN_GET_URI, &ret_handshake->uri);
	custom_header_read(wsi, "sec-fetch-mode:", &ret_handshake->fetch_mode);
	custom_header_read(wsi, "sec-fetch-site:", &ret_handshake->fetch_site);
}

void
handshake_refuse(struct lws *wsi, int status)
{
	response_write(wsi, status, status == 426 ? "Sec-WebSocket-Version: 13\r\n" : "",
	    status == 400 ? "This agent speaks " WIRE_PROTOCOL ".\n" : "");
}

int
handshake_plain(struct lws *wsi)
{
	struct gate_value uri;

	header_read(wsi, WSI_TOKEN_GET_URI, &uri);
	if (!uri.present)
		response_write(wsi, 405, "Allow: GET\r\n", "");
	else if (strcmp(uri.text, "/") == 0)
		response_write(wsi, 200, "", "imza-agent is running\n");
	else
		response_write(wsi, 404, "", "");
	return 1;
}
