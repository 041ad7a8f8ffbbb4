/* SPDX-License-Identifier: Apache-2.0 */
/* transport/gate.c: the handshake gate: version, host, origin, path and subprotocol, before anything else of the page is read. */
#include "transport/gate.h"

#include <stdio.h>
#include <string.h>

#include "base/ascii.h"
#include "base/wire.h"

static bool
value_ok(const struct gate_value *value)
{
	return value->present && !value->too_long && value->len == strlen(value->text);
}

static bool
value_is(const struct gate_value *value, const char *expected)
{
	return value_ok(value) && strcmp(value->text, expected) == 0;
}

/* 127.0.0.1, localhost or [::1], with our port: a rebinding page brings its own name. */
static bool
host_is_ours(const struct gate_value *host, uint16_t port)
{
	static const char *const names[] = { "127.0.0.1", "localhost", "[::1]" };
	char expected[32];

	if (!value_ok(host))
		return false;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		snprintf(expected, sizeof(expected), "%s:%u", names[i], port);
		if (ascii_equal_folded(host->text, expected))
			return true;
	}
	return false;
}

/* Whether a comma-separated offer (RFC 6455 section 4.1, item 10) holds this subprotocol. */
static bool
protocol_is_offered(const struct gate_value *offer, const char *protocol)
{
	const char *p = offer->text;

	if (!value_ok(offer))
		return false;
	while (*p != '\0') {
		size_t len;

		p += strspn(p, " \t,");
		len = strcspn(p, " \t,");
		if (len == strlen(protocol) && memcmp(p, protocol, len) == 0)
			return true;
		p += len;
	}
	return false;
}

/* Browsers that send Sec-Fetch-* must say "a page opens a WebSocket"; those that don't are judged by Origin alone. */
static bool
fetch_metadata_fits(const struct gate_handshake *h)
{
	if (h->fetch_mode.present && !value_is(&h->fetch_mode, "websocket"))
		return false;
	return !h->fetch_site.present || value_is(&h->fetch_site, "cross-site") || value_is(&h->fetch_site, "same-site") ||
	    value_is(&h->fetch_site, "same-origin");
}

int
gate_check(const struct gate_handshake *h, uint16_t port, bool (*origin_may_connect)(void *context, const char *origin), void *context)
{
	if (!value_ok(&h->upgrade) || !ascii_equal_folded(h->upgrade.text, "websocket"))
		return 400;
	if (!value_is(&h->version, "13"))
		return 426;
	if (!host_is_ours(&h->host, port))
		return 421;
	if (!value_ok(&h->origin) || !fetch_metadata_fits(h) || !origin_may_connect(context, h->origin.text))
		return 403;
	if (!value_is(&h->uri, "/"))
		return 400;
	if (!protocol_is_offered(&h->protocol, WIRE_PROTOCOL) && !protocol_is_offered(&h->protocol, WIRE_VERSIONS))
		return 400;
	return 0;
}
