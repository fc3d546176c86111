/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Addresses of clients; see peer.h.  Pure. */
#include "peer.h"
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
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
peer_from_uid(struct peer *p, uint32_t uid)
{
	uint32_t net = htonl(uid);

	memset(p, 0, sizeof(*p));
	p->kind = PEER_UNIX;
	memcpy(p->addr + 12, &net, sizeof(net));
}

void
peer_format_host(const struct peer *p, char text[PEER_HOST_MAX])
{
	uint32_t net;

	_Static_assert(PEER_HOST_MAX >= INET6_ADDRSTRLEN, "room for any");
	if (p->kind == PEER_UNIX) {
		memcpy(&net, p->addr + 12, sizeof(net));
		snprintf(text, PEER_HOST_MAX, "unix:%u", ntohl(net));
	} else if (is_mapped(p)) {
		inet_ntop(AF_INET, p->addr + 12, text, PEER_HOST_MAX);
	} else {
		inet_ntop(AF_INET6, p->addr, text, PEER_HOST_MAX);
	}
}

void
peer_format(const struct peer *p, char text[PEER_TEXT_MAX])
{
	char host[PEER_HOST_MAX];

	peer_format_host(p, host);
	if (p->kind == PEER_UNIX)
		snprintf(text, PEER_TEXT_MAX, "%s", host);
	else if (is_mapped(p))
		snprintf(text, PEER_TEXT_MAX, "%s:%u", host, p->port);
	else
		snprintf(text, PEER_TEXT_MAX, "[%s]:%u", host, p->port);
}

bool
peer_same_client(const struct peer *a, const struct peer *b)
{
	size_t n = is_mapped(a) || is_mapped(b) || a->kind == PEER_UNIX ?
	    16 : 8;

	if (a->kind != b->kind)
		return false;

	return memcmp(a->addr, b->addr, n) == 0;
}

static bool
is_root(const struct peer *p)
{
	static const uint8_t zero[16];

	return memcmp(p->addr, zero, sizeof(zero)) == 0;
}

bool
peer_has_site(const struct peer *p)
{
	if (p->kind == PEER_UNIX)
		return !is_root(p);
	return p->kind == PEER_ADDRESS && !is_mapped(p);
}

bool
peer_same_site(const struct peer *a, const struct peer *b)
{
	if (a->kind != b->kind || !peer_has_site(a) || !peer_has_site(b))
		return false;
	return a->kind == PEER_UNIX || memcmp(a->addr, b->addr, 6) == 0;
}
