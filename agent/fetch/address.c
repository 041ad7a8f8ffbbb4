/* SPDX-License-Identifier: Apache-2.0 */
/* fetch/address.c: the special-purpose address registries (RFC 6890 and its successors), as far as they are not global. */
#include "fetch/address.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

static const struct {
	uint32_t network;
	int bits;
} special_v4[] = {
	{ 0x00000000, 8 },	/* this network */
	{ 0x0a000000, 8 },	/* private */
	{ 0x64400000, 10 },	/* shared by carriers */
	{ 0x7f000000, 8 },	/* loopback */
	{ 0xa9fe0000, 16 },	/* link-local; the clouds' metadata */
	{ 0xac100000, 12 },	/* private */
	{ 0xc0000000, 24 },	/* protocol assignments */
	{ 0xc0000200, 24 },	/* documentation */
	{ 0xc0586300, 24 },	/* 6to4 relays */
	{ 0xc0a80000, 16 },	/* private */
	{ 0xc6120000, 15 },	/* benchmarks */
	{ 0xc6336400, 24 },	/* documentation */
	{ 0xcb007100, 24 },	/* documentation */
	{ 0xe0000000, 4 },	/* multicast */
	{ 0xf0000000, 4 },	/* reserved, broadcast */
};

static bool
v4_is_public(uint32_t address)
{
	for (size_t i = 0; i < sizeof(special_v4) / sizeof(special_v4[0]); i++)
		if ((address ^ special_v4[i].network) >> (32 - special_v4[i].bits) == 0)
			return false;
	return true;
}

static uint32_t
v4_at(const unsigned char *bytes)
{
	return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
}

static bool
v6_is_public(const unsigned char *a)
{
	static const unsigned char zeros[12] = { 0 }, nat64[12] = { 0x00, 0x64, 0xff, 0x9b };

	/* IPv4 addresses in IPv6 clothes: mapped, compatible, NAT64, 6to4. */
	if (memcmp(a, zeros, 10) == 0 && a[10] == 0xff && a[11] == 0xff)
		return v4_is_public(v4_at(a + 12));
	if (memcmp(a, zeros, 12) == 0)
		return false;
	if (memcmp(a, nat64, 12) == 0)
		return v4_is_public(v4_at(a + 12));
	if (a[0] == 0x20 && a[1] == 0x02)
		return v4_is_public(v4_at(a + 2));
	/* Teredo, ORCHID, documentation and the like. */
	if (a[0] == 0x20 && a[1] == 0x01 && (a[2] < 2 || (a[2] == 0x0d && a[3] == 0xb8)))
		return false;
	/* All that is global unicast so far is 2000::/3; unique local, link-local, site-local and multicast are not. */
	return (a[0] & 0xe0) == 0x20;
}

bool
address_is_public(const struct sockaddr *address)
{
	if (address->sa_family == AF_INET)
		return v4_is_public(ntohl(((const struct sockaddr_in *)(const void *)address)->sin_addr.s_addr));
	if (address->sa_family == AF_INET6)
		return v6_is_public(((const struct sockaddr_in6 *)(const void *)address)->sin6_addr.s6_addr);
	return false;
}

bool
host_may_be_public(const char *host)
{
	struct in6_addr v6;
	struct in_addr v4;
	char bare[64];

	if (host[0] == '[') {
		snprintf(bare, sizeof(bare), "%.*s", (int)strcspn(host + 1, "]%"), host + 1);
		return inet_pton(AF_INET6, bare, &v6) == 1 && v6_is_public(v6.s6_addr);
	}
	return inet_pton(AF_INET, host, &v4) != 1 || v4_is_public(ntohl(v4.s_addr));
}
