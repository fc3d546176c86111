/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "resolve.h"
#include "look_up.h"

#include <errno.h>
#include <netdb.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static bool
known(const struct listen_list *l, const struct sockaddr_storage *a)
{
	for (unsigned i = 0; i < l->n; i++)
		if (memcmp(&l->at[i].addr, a, sizeof(*a)) == 0)
			return true;
	return false;
}

static int
append(struct listen_list *l, const struct sockaddr_storage *a)
{
	if (known(l, a))
		return 0;
	if (l->n >= LIMIT_LISTEN)
		return -E2BIG;
	l->at[l->n].addr = *a;
	l->at[l->n++].len = look_up_length(a->ss_family);
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
	static struct look_up found;
	char literal[128];
	int r;

	if (host != NULL)
		host = without_brackets(host, literal, sizeof(literal));
	r = look_up(&found, host, port, LOOK_UP_S);
	if (r != 0) {
		(void)snprintf(err, errlen,
		    "--listen: \"%.80s\": %s; give an address of this machine",
		    host != NULL ? host : "*", gai_strerror(r));
		return -ENOENT;
	}
	for (unsigned i = 0; i < found.n && r == 0; i++)
		r = append(l, &found.at[i]);
	if (r == -E2BIG)
		(void)snprintf(err, errlen,
		    "--listen: more than %u addresses; leave it out to listen "
		    "on all of them",
		    LIMIT_LISTEN);
	return r;
}
