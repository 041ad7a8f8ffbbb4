/* SPDX-License-Identifier: Apache-2.0 */
/* fetch/address.h: which network addresses a certificate may send us to. */
#ifndef FETCH_ADDRESS_H
#define FETCH_ADDRESS_H

#include <stdbool.h>
#include <sys/socket.h>

/*
 * Whether this IPv4 or IPv6 address is one of the public network: no loopback, link-local, private, shared, multicast, reserved or
 * unspecified one (RFC 6890), nor an IPv6 address that stands for such an IPv4 one.
 */
bool address_is_public(const struct sockaddr *address);

/* The same for a host as a URL has it ("10.0.0.1", "[::1]"); a name counts as public: what it resolves to is judged then. */
bool host_may_be_public(const char *host);

#endif
