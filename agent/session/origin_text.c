/* SPDX-License-Identifier: Apache-2.0 */
/* session/origin_text.c: reads scheme, host and port of an origin byte by byte. */
#include "session/origin_text.h"

#include <stdlib.h>
#include <string.h>

/* The length of a host name or bracketed IPv6 literal in canonical form, 0 when it is none. */
static size_t
host_len(const char *host)
{
	size_t len, label = 0;

	if (*host == '[') {
		len = strspn(host + 1, "0123456789abcdef:");
		return len > 1 && host[len + 1] == ']' ? len + 2 : 0;
	}
	len = strspn(host, "abcdefghijklmnopqrstuvwxyz0123456789-._");
	for (size_t i = 0; i < len; i++) {
		label = host[i] == '.' ? 0 : label + 1;
		if (label > 63 || (label == 0 && (i == 0 || i + 1 == len || host[i + 1] == '.')))
			return 0;
	}
	return len <= 253 ? len : 0;
}

/* Scheme, host and optional port as browsers serialise them; the default port is never written. */
static bool
is_canonical(const char *origin, const char *scheme, unsigned long default_port)
{
	size_t scheme_len = strlen(scheme), len;
	const char *p = origin + scheme_len;
	unsigned long port;
	char *end;

	if (strlen(origin) > ORIGIN_MAX || strncmp(origin, scheme, scheme_len) != 0 || (len = host_len(p)) == 0)
		return false;
	p += len;
	if (*p == '\0')
		return true;
	if (*p != ':' || p[1] < '1' || p[1] > '9' || strspn(p + 1, "0123456789") > 5)
		return false;
	port = strtoul(p + 1, &end, 10);
	return *end == '\0' && port <= 65535 && port != default_port;
}

bool
origin_text_is_https(const char *origin)
{
	return is_canonical(origin, "https://", 443);
}

bool
origin_text_is_http(const char *origin)
{
	return is_canonical(origin, "http://", 80);
}
