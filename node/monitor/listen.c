/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Listening sockets, bound before anything else is done. */
#include "monitor.h"
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define BACKLOG 1024 /* as distccd */

static int
listen_one(const struct sockaddr_storage *ss, socklen_t len)
{
	int on = 1, fd;

	fd = socket(ss->ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK,
	    0);
	if (fd < 0)
		return -errno;
	(void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (ss->ss_family == AF_INET6)
		(void)setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on,
		    sizeof(on));
	if (bind(fd, (const struct sockaddr *)ss, len) < 0 ||
	    listen(fd, BACKLOG) < 0) {
		on = -errno;
		(void)close(fd);
		return on;
	}
	return fd;
}

static void
complain(const struct sockaddr_storage *ss, socklen_t len, int error)
{
	char host[NI_MAXHOST] = "?", port[NI_MAXSERV] = "?";

	(void)getnameinfo((const struct sockaddr *)ss, len, host, sizeof(host),
	    port, sizeof(port), NI_NUMERICHOST | NI_NUMERICSERV);
	fprintf(stderr,
	    "immured: cannot listen on %s port %s: %s%s\n", host, port,
	    strerror(error),
	    error == EADDRINUSE ?
	        "; stop the other program (ss -ltnp shows it) or choose "
	        "another with --port" : "");
}

int
listen_all(struct monitor *m, const struct listen_list *l)
{
	int fd;

	for (unsigned i = 0; i < l->n; i++) {
		fd = listen_one(&l->at[i].addr, l->at[i].len);
		/* A host without IPv6 still serves "every address". */
		if (fd == -EAFNOSUPPORT && l->n > 1)
			continue;
		if (fd < 0) {
			complain(&l->at[i].addr, l->at[i].len, -fd);
			return CMDLINE_EXIT_BIND;
		}
		m->listen_fds[m->nlisten++] = fd;
	}
	return m->nlisten > 0 ? 0 : CMDLINE_EXIT_BIND;
}
