/* SPDX-License-Identifier: Apache-2.0 */
/* transport/peer_linux.c: the peer socket's owner, by sock_diag(7): one exact look-up, no scan of /proc. */
#include "transport/peer.h"

#include <arpa/inet.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

union address {
	struct sockaddr any;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
};

struct query {
	struct nlmsghdr header;
	struct inet_diag_req_v2 request;
};

/* The socket whose own address is `own` and whose peer is `other`. */
static bool
query_build(const union address *own, const union address *other, struct query *ret_query)
{
	struct query q = {
		.header = { .nlmsg_len = sizeof(q), .nlmsg_type = SOCK_DIAG_BY_FAMILY, .nlmsg_flags = NLM_F_REQUEST },
		.request = { .sdiag_family = (uint8_t)own->any.sa_family, .sdiag_protocol = IPPROTO_TCP, .idiag_states = ~0u },
	};

	q.request.id.idiag_cookie[0] = q.request.id.idiag_cookie[1] = INET_DIAG_NOCOOKIE;
	if (own->any.sa_family == AF_INET) {
		q.request.id.idiag_sport = own->v4.sin_port;
		q.request.id.idiag_dport = other->v4.sin_port;
		memcpy(q.request.id.idiag_src, &own->v4.sin_addr, 4);
		memcpy(q.request.id.idiag_dst, &other->v4.sin_addr, 4);
	} else if (own->any.sa_family == AF_INET6) {
		q.request.id.idiag_sport = own->v6.sin6_port;
		q.request.id.idiag_dport = other->v6.sin6_port;
		memcpy(q.request.id.idiag_src, &own->v6.sin6_addr, 16);
		memcpy(q.request.id.idiag_dst, &other->v6.sin6_addr, 16);
	} else {
		return false;
	}
	*ret_query = q;
	return true;
}

static bool
query_owner(const struct query *query, uid_t *ret_uid)
{
	const struct timeval patience = { .tv_sec = 1 };
	union {
		struct nlmsghdr header;
		char space[1024];
	} answer;
	bool found = false;
	ssize_t n;
	int fd = socket(AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);

	if (fd < 0)
		return false;
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	if (send(fd, query, sizeof(*query), 0) == sizeof(*query)) {
		n = recv(fd, &answer, sizeof(answer), 0);
		if (n > 0 && NLMSG_OK(&answer.header, (size_t)n) && answer.header.nlmsg_type == SOCK_DIAG_BY_FAMILY &&
		    answer.header.nlmsg_len >= NLMSG_LENGTH(sizeof(struct inet_diag_msg))) {
			*ret_uid = ((struct inet_diag_msg *)NLMSG_DATA(&answer.header))->idiag_uid;
			found = true;
		}
	}
	close(fd);
	return found;
}

bool
peer_is_own_user(int fd)
{
	union address ours = { 0 }, theirs = { 0 };
	socklen_t our_len = sizeof(ours), their_len = sizeof(theirs);
	struct query query;
	uid_t uid;

	return getsockname(fd, &ours.any, &our_len) == 0 && getpeername(fd, &theirs.any, &their_len) == 0 &&
	    query_build(&theirs, &ours, &query) && query_owner(&query, &uid) && uid == geteuid();
}
