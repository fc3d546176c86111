/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "resolve.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static bool
known(const struct listen_list *l, const struct addrinfo *ai)
{
	for (unsigned i = 0; i < l->n; i++) {
		if (l->at[i].len == ai->ai_addrlen &&
		    memcmp(&l->at[i].addr, ai->ai_addr, ai->ai_addrlen) == 0)
			return true;
	}
	return false;
}

static int
append(struct listen_list *l, const struct addrinfo *ai)
{
	if (ai->ai_family != AF_INET && ai->ai_family != AF_INET6)
		return 0;
	if (ai->ai_addrlen > sizeof(l->at[0].addr) || known(l, ai))
		return 0;
	if (l->n >= LIMIT_LISTEN)
		return -E2BIG;
	memset(&l->at[l->n].addr, 0, sizeof(l->at[l->n].addr));
	memcpy(&l->at[l->n].addr, ai->ai_addr, ai->ai_addrlen);
	l->at[l->n].len = ai->ai_addrlen;
	l->n++;
	return 0;
}

/* "[::1]", as in a URL, without its brackets. */
static const char *
without_brackets(const char *host, char *room, size_t len)
{
	size_t n = strlen(host);

	if (n < 3 || host[0] != '[' || host[n - 1] != ']' || n - 1 > len)
		return host;
	memcpy(room, host + 1, n - 2);
	room[n - 2] = '\0';
	return room;
}

int
resolve_listen(struct listen_list *l, const char *host, uint16_t port,
    char *err, size_t errlen)
{
	const struct addrinfo hints = {
		.ai_flags = AI_PASSIVE | AI_NUMERICSERV,
		.ai_family = AF_UNSPEC,
		.ai_socktype = SOCK_STREAM,
	};
	struct addrinfo *list = NULL;
	char service[8], literal[128];
	int r;

	(void)snprintf(service, sizeof(service), "%u", (unsigned)port);
	if (host != NULL)
		host = without_brackets(host, literal, sizeof(literal));
	r = getaddrinfo(host, service, &hints, &list);
	if (r != 0) {
		(void)snprintf(err, errlen,
		    "--listen: \"%.80s\": %s; give an address of this machine",
		    host != NULL ? host : "*", gai_strerror(r));
		return -ENOENT;
	}
	r = 0;
	for (const struct addrinfo *ai = list; ai != NULL && r == 0;
	     ai = ai->ai_next)
		r = append(l, ai);
	freeaddrinfo(list);
	if (r == -E2BIG)
		(void)snprintf(err, errlen,
		    "--listen: more than %u addresses; leave it out to listen "
		    "on all of them",
		    LIMIT_LISTEN);
	return r;
}
