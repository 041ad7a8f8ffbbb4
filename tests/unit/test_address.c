/* SPDX-License-Identifier: Apache-2.0 */
/* test_address.c: attack 26: where a certificate may send us. */
#include "test.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include "fetch/address.h"

static const struct {
	const char *address;
	bool public;
} addresses[] = {
	{ "8.8.8.8", true }, { "193.140.71.1", true }, { "9.255.255.255", true }, { "11.0.0.0", true }, { "172.15.255.255", true },
	{ "172.32.0.0", true }, { "192.167.255.255", true }, { "192.169.0.0", true }, { "100.63.255.255", true }, { "100.128.0.0", true },
	{ "169.253.255.255", true }, { "126.255.255.255", true }, { "128.0.0.1", true }, { "223.255.255.255", true },
	{ "0.0.0.0", false }, { "0.1.2.3", false }, { "10.0.0.0", false }, { "10.255.255.255", false }, { "127.0.0.1", false }, { "127.255.255.254", false },
	{ "169.254.169.254", false }, { "172.16.0.0", false }, { "172.31.255.255", false }, { "192.168.0.0", false }, { "192.168.255.255", false },
	{ "100.64.0.1", false }, { "100.127.255.255", false }, { "192.0.0.1", false }, { "192.0.2.1", false }, { "198.18.0.1", false }, { "198.19.255.255", false },
	{ "198.51.100.1", false }, { "203.0.113.1", false }, { "224.0.0.1", false }, { "239.255.255.250", false }, { "240.0.0.1", false },
	{ "255.255.255.255", false },
	{ "2001:4860:4860::8888", true }, { "2a00:1450::1", true }, { "64:ff9b::808:808", true }, { "2002:808:808::1", true }, { "::ffff:8.8.8.8", true },
	{ "::", false }, { "::1", false }, { "::127.0.0.1", false }, { "::ffff:127.0.0.1", false }, { "::ffff:169.254.169.254", false },
	{ "64:ff9b::a00:1", false }, { "2002:7f00:1::", false }, { "2002:a00:1::", false }, { "fe80::1", false }, { "febf::1", false }, { "fec0::1", false },
	{ "fc00::1", false }, { "fd12:3456::1", false }, { "ff02::1", false }, { "2001:db8::1", false }, { "2001::1", false }, { "100::1", false },
};

static void
only_addresses_of_the_public_network_are_public(void)
{
	for (size_t i = 0; i < COUNT_OF(addresses); i++) {
		struct sockaddr_in v4 = { .sin_family = AF_INET };
		struct sockaddr_in6 v6 = { .sin6_family = AF_INET6 };
		bool is_v6 = strchr(addresses[i].address, ':') != NULL;
		const struct sockaddr *address = is_v6 ? (const struct sockaddr *)&v6 : (const struct sockaddr *)&v4;

		CHECK(inet_pton(is_v6 ? AF_INET6 : AF_INET, addresses[i].address, is_v6 ? (void *)&v6.sin6_addr : (void *)&v4.sin_addr) == 1);
		CHECK_MSG(address_is_public(address) == addresses[i].public, "%s", addresses[i].address);
	}
	CHECK(!address_is_public(&(struct sockaddr){ .sa_family = AF_UNIX }));
}

static void
a_url_s_host_is_judged_as_far_as_it_is_an_address(void)
{
	CHECK(host_may_be_public("ocsp.kamusm.gov.tr"));
	CHECK(host_may_be_public("8.8.8.8"));
	CHECK(host_may_be_public("[2a00:1450::1]"));
	CHECK(!host_may_be_public("127.0.0.1"));
	CHECK(!host_may_be_public("[::1]"));
	CHECK(!host_may_be_public("[fe80::1%25eth0]"));
	CHECK(!host_may_be_public("[nonsense]"));
}

TEST_MAIN(TEST_CASE(only_addresses_of_the_public_network_are_public), TEST_CASE(a_url_s_host_is_judged_as_far_as_it_is_an_address))
