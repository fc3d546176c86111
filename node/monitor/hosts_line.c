/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See hosts_line.h. */
#include "hosts_line.h"
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static const struct in6_addr *
v6(const struct sockaddr_storage *ss)
{
	return &((const struct sockaddr_in6 *)(const void *)ss)->sin6_addr;
}

static uint32_t
v4(const struct sockaddr_storage *ss)
{
	return ntohl(((const struct sockaddr_in *)(const void *)ss)->sin_addr
	    .s_addr);
}

bool
hosts_is_any(const struct sockaddr_storage *ss)
{
	return ss->ss_family == AF_INET6 ? IN6_IS_ADDR_UNSPECIFIED(v6(ss)) :
	    v4(ss) == INADDR_ANY;
}

bool
hosts_is_local(const struct sockaddr_storage *ss)
{
	return ss->ss_family == AF_INET6 ? IN6_IS_ADDR_LOOPBACK(v6(ss)) ||
	    IN6_IS_ADDR_LINKLOCAL(v6(ss)) : v4(ss) >> 24 == 127;
}

void
hosts_line(const struct sockaddr_storage *at, unsigned n, const char *name,
    uint16_t port, unsigned jobs, char *out, size_t len)
{
	char text[INET6_ADDRSTRLEN] = "";
	const struct sockaddr_storage *best = n > 0 ? &at[0] : NULL;
	bool brackets = false;

	for (unsigned i = 0; i < n; i++)
		if (!hosts_is_local(&at[i])) {
			best = &at[i];
			break;
		}
	if (best != NULL && !hosts_is_any(best)) {
		brackets = best->ss_family == AF_INET6;
		if (brackets)
			(void)inet_ntop(AF_INET6, v6(best), text,
			    sizeof(text));
		else
			(void)inet_ntop(AF_INET,
			    &((const struct sockaddr_in *)(const void *)best)
			        ->sin_addr, text, sizeof(text));
		name = text;
	}
	(void)snprintf(out, len, "%s%s%s:%u/%u", brackets ? "[" : "", name,
	    brackets ? "]" : "", port, jobs);
}
