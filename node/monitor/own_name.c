/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See own_name.h. */
#include "own_name.h"
#include "hosts_line.h"
#include "look_up.h"
#include <arpa/inet.h>
#include <ifaddrs.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define OWN_NAME_S 3U

static const void *
bytes_of(const struct sockaddr *a, size_t *len)
{
	*len = a->sa_family == AF_INET6 ? 16 : 4;
	return a->sa_family == AF_INET6 ?
	    (const void *)&((const struct sockaddr_in6 *)(const void *)a)
	        ->sin6_addr :
	    (const void *)&((const struct sockaddr_in *)(const void *)a)
	        ->sin_addr;
}

static bool
same_address(const struct sockaddr *a, const struct sockaddr *b)
{
	size_t len;
	const void *x = bytes_of(a, &len);

	return a->sa_family == b->sa_family &&
	    memcmp(x, bytes_of(b, &len), len) == 0;
}

/* Is @own listened on, and of use to others? */
static bool
serves(const struct sockaddr *own, const struct sockaddr_storage *at,
    unsigned n)
{
	struct sockaddr_storage ss = { .ss_family = AF_UNSPEC };
	size_t len = own != NULL ? look_up_length(own->sa_family) : 0;

	if (len == 0)
		return false;
	memcpy(&ss, own, len);
	for (unsigned i = 0; i < n && !hosts_is_local(&ss); i++)
		if (at[i].ss_family == ss.ss_family && (hosts_is_any(&at[i]) ||
		    same_address((const void *)&at[i], own)))
			return true;
	return false;
}

/* Does @name lead to an address of @own? */
static bool
is_known(const char *name, const struct ifaddrs *own,
    const struct sockaddr_storage *at, unsigned n)
{
	static struct look_up found;

	if (look_up(&found, name, 0, OWN_NAME_S) != 0)
		return false;
	for (unsigned k = 0; k < found.n; k++)
		for (const struct ifaddrs *i = own; i != NULL; i = i->ifa_next)
			if (serves(i->ifa_addr, at, n) &&
			    same_address((const void *)&found.at[k],
			        i->ifa_addr))
				return true;
	return false;
}

static void
put_address(const struct sockaddr *a, char *name, size_t len)
{
	char text[INET6_ADDRSTRLEN] = "";
	bool six = a->sa_family == AF_INET6;
	size_t n;

	(void)inet_ntop(a->sa_family, bytes_of(a, &n), text, sizeof(text));
	(void)snprintf(name, len, "%s%s%s", six ? "[" : "", text,
	    six ? "]" : "");
}

void
own_name(const struct sockaddr_storage *at, unsigned n, char *name, size_t len)
{
	struct ifaddrs *own = NULL;
	const struct ifaddrs *i;

	if (gethostname(name, len) < 0 || memchr(name, '\0', len) == NULL)
		(void)snprintf(name, len, "localhost");
	if (getifaddrs(&own) < 0)
		return;
	for (i = own; i != NULL && !serves(i->ifa_addr, at, n);)
		i = i->ifa_next;
	if (i != NULL && !is_known(name, own, at, n))
		put_address(i->ifa_addr, name, len);
	else if (i == NULL) /* nobody else can reach it */
		(void)snprintf(name, len, "127.0.0.1");
	freeifaddrs(own);
}
