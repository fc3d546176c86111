/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Addresses of clients; see peer.h.  Pure. */
#include "peer.h"
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static const uint8_t mapped_prefix[12] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff,
	0xff };

static bool
is_mapped(const struct peer *p)
{
	return memcmp(p->addr, mapped_prefix, sizeof(mapped_prefix)) == 0;
}

int
peer_from_sockaddr(struct peer *p, const struct sockaddr *sa, size_t len)
{
	const struct sockaddr_in *v4 = (const void *)sa;
	const struct sockaddr_in6 *v6 = (const void *)sa;

	memset(p, 0, sizeof(*p));
	if (len >= sizeof(*v4) && sa->sa_family == AF_INET) {
		memcpy(p->addr, mapped_prefix, sizeof(mapped_prefix));
		memcpy(p->addr + 12, &v4->sin_addr, 4);
		p->port = ntohs(v4->sin_port);
		return 0;
	}
	if (len >= sizeof(*v6) && sa->sa_family == AF_INET6) {
		memcpy(p->addr, &v6->sin6_addr, 16);
		p->port = ntohs(v6->sin6_port);
		return 0;
	}
	return -EAFNOSUPPORT;
}

void
peer_format(const struct peer *p, char text[PEER_TEXT_MAX])
{
	char a[INET6_ADDRSTRLEN];

	if (is_mapped(p)) {
		inet_ntop(AF_INET, p->addr + 12, a, sizeof(a));
		snprintf(text, PEER_TEXT_MAX, "%s:%u", a, p->port);
		return;
	}
	inet_ntop(AF_INET6, p->addr, a, sizeof(a));
	snprintf(text, PEER_TEXT_MAX, "[%s]:%u", a, p->port);
}

int
peer_same_client(const struct peer *a, const struct peer *b)
{
	size_t n = is_mapped(a) || is_mapped(b) ? 16 : 8;

	return memcmp(a->addr, b->addr, n) == 0;
}
