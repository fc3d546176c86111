/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tcp_client.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <syslog.h>
#include <unistd.h>

static bool
same_file(int a, int b)
{
	struct stat of_a, of_b;

	return fstat(a, &of_a) == 0 && fstat(b, &of_b) == 0 &&
	    of_a.st_dev == of_b.st_dev && of_a.st_ino == of_b.st_ino;
}

bool
tcp_client_is(void)
{
	socklen_t len = sizeof(int);
	int domain = AF_UNSPEC, null;

	if (getsockopt(STDIN_FILENO, SOL_SOCKET, SO_DOMAIN, &domain, &len) < 0 ||
	    (domain != AF_INET && domain != AF_INET6))
		return false;
	null = same_file(STDIN_FILENO, STDERR_FILENO) ?
	    open("/dev/null", O_RDWR | O_CLOEXEC) : -1;
	if (null >= 0) {
		(void)dup2(null, STDERR_FILENO);
		(void)close(null);
	}
	return true;
}

/* 0 or -errno: the client has gone, for one. */
static int
who(struct peer *p)
{
	struct sockaddr_storage ss;
	socklen_t len = sizeof(ss);

	if (getpeername(STDIN_FILENO, (struct sockaddr *)&ss, &len) < 0)
		return -errno;
	return peer_from_sockaddr(p, (const struct sockaddr *)&ss, len);
}

static void
say(int level, const char *client, const char *what)
{
	fprintf(stderr, "immured: --inetd: %s: %s\n", client, what);
	openlog("immured", LOG_PID, LOG_DAEMON);
	syslog(level, "--inetd: %s: %s", client, what);
	closelog();
}

bool
tcp_client_allowed(const struct acl *allowed)
{
	char name[PEER_HOST_MAX] = "a client";
	struct peer p;
	int r = who(&p);

	if (r < 0) {
		say(LOG_WARNING, name, strerror(-r));
		return false;
	}
	peer_format_host(&p, name);
	if (acl_allows(allowed, &p))
		return true;
	say(LOG_WARNING, name, "closed: no --allow names this address");
	return false;
}

void
tcp_client_say(const char *what)
{
	char name[PEER_HOST_MAX] = "a client";
	struct peer p;

	if (who(&p) == 0)
		peer_format_host(&p, name);
	say(LOG_WARNING, name, what);
}

void
tcp_client_failed(int status)
{
	char name[PEER_HOST_MAX] = "a client", what[80];
	struct peer p;

	if (who(&p) == 0)
		peer_format_host(&p, name);
	(void)snprintf(what, sizeof(what), "its job reached no node: status "
	    "%d; started by hand it says why", status);
	say(LOG_ERR, name, what);
}
