/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Listening sockets, bound before anything else is done. */
#include "monitor.h"
#include "port_holder.h"
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdbool.h>
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

/* A port in use is most often distccd's, or an earlier node's. */
static void
complain_taken(const struct sockaddr *a, const char *host, const char *port,
    const char *option)
{
	struct port_holder h;
	bool found = port_holder(a, &h);

	fprintf(stderr, "immured: cannot listen on %s port %s: ", host, port);
	if (found && h.pid > 0)
		fprintf(stderr, "it is held by pid %d (%s); stop that or "
		    "choose another with %s\n", (int)h.pid, h.name, option);
	else if (found && h.uid == getuid())
		/* Nobody may look into a node, its own user included. */
		fprintf(stderr, "a program of this same user holds it, an "
		    "immured most likely (`pgrep -u %u -a immured`); stop that "
		    "or choose another with %s\n", (unsigned)h.uid, option);
	else if (found)
		fprintf(stderr, "a program of user %u, which this one may not "
		    "see, holds it; `ss -ltnp` as root names it, %s chooses "
		    "another\n", (unsigned)h.uid, option);
	else
		fprintf(stderr, "another program, which this user may not see, "
		    "holds it; `ss -ltnp` as root names it, %s chooses "
		    "another\n", option);
}

static void
complain(const struct sockaddr_storage *ss, socklen_t len, int error,
    const char *option)
{
	char host[NI_MAXHOST] = "?", port[NI_MAXSERV] = "?";

	(void)getnameinfo((const struct sockaddr *)ss, len, host, sizeof(host),
	    port, sizeof(port), NI_NUMERICHOST | NI_NUMERICSERV);
	if (error == EADDRINUSE)
		complain_taken((const void *)ss, host, port, option);
	else
		fprintf(stderr, "immured: cannot listen on %s port %s: %s; %s\n",
		    host, port, strerror(error), error == EACCES ?
		    "a port below 1024 needs root, --port chooses another" :
		    "`ip address` shows the addresses there are");
}

int
listen_port(const struct cmdline *cl, uint16_t port, const char *option,
    int *fds, unsigned *n)
{
	struct listen_list l = { .n = 0 };
	char err[CMDLINE_ERROR_MAX];
	unsigned i = 0;
	int fd;

	do {
		if (resolve_listen(&l, cl->nlisten > 0 ? cl->listen[i] : NULL,
		        port, err, sizeof(err)) < 0) {
			fprintf(stderr, "immured: %s\n", err);
			return CMDLINE_EXIT_BIND;
		}
	} while (++i < cl->nlisten);
	for (i = 0; i < l.n; i++) {
		fd = listen_one(&l.at[i].addr, l.at[i].len);
		/* A host without IPv6 still serves "every address". */
		if (fd == -EAFNOSUPPORT && l.n > 1)
			continue;
		if (fd < 0) {
			complain(&l.at[i].addr, l.at[i].len, -fd, option);
			return CMDLINE_EXIT_BIND;
		}
		fds[(*n)++] = fd;
	}
	return *n > 0 ? 0 : CMDLINE_EXIT_BIND;
}

int
bind_all(struct monitor *m)
{
	int r = 0;

	if (!m->cl->no_tcp)
		r = listen_port(m->cl, m->cl->port, "--port", m->listen_fds,
		    &m->nlisten);
	if (r == 0)
		r = status_listen(m);
	return r != 0 ? r : socket_listen(m);
}
