/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The service manager learns how far we are: systemd (Type=notify), and OpenRC
 * from 0.62 on (notify=socket:ready).  One datagram of words a change, to the
 * socket that it names in NOTIFY_SOCKET: sd_notify(3), of which this is all
 * that is needed.  Opened before the monitor is confined, and nothing is ever
 * read from it.
 */
#include "monitor.h"
#include "../common/fd.h"
#include <errno.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>

/* A manager that does not read must not hold us up for longer. */
/* What ending takes beyond --drain, on a machine that is busy. */
#define END_US (10ULL * 1000 * 1000)

static const struct timeval patience = { .tv_sec = 1 };

static int manager = -1; /* owned */

/* A path, or "@" and an abstract name (unix(7)); 0 or -EINVAL. */
static int
address(const char *name, struct sockaddr_un *a, socklen_t *len)
{
	size_t n = strlen(name);

	if ((name[0] != '/' && name[0] != '@') || n < 2 ||
	    n >= sizeof(a->sun_path))
		return -EINVAL;
	memset(a, 0, sizeof(*a));
	a->sun_family = AF_UNIX;
	memcpy(a->sun_path, name, n);
	if (name[0] == '@')
		a->sun_path[0] = '\0';
	if (name[0] == '/')
		n++; /* its NUL counts, an abstract name has none */
	*len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + n);
	return 0;
}

static int
open_manager(const char *name)
{
	struct sockaddr_un a;
	socklen_t len;
	cleanup_fd int fd = -1;
	int r = address(name, &a, &len);

	if (r < 0)
		return r;
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0 ||
	    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience,
	        sizeof(patience)) < 0 ||
	    connect(fd, (void *)&a, len) < 0)
		return -errno;
	return fd_take(&fd);
}

void
notify_open(void)
{
	const char *name = getenv("NOTIFY_SOCKET");

	if (name == NULL)
		return;
	manager = open_manager(name);
	if (manager < 0)
		fprintf(stderr, "immured: warning: NOTIFY_SOCKET: %.200s: %s; "
		    "the service manager does not learn when it serves\n",
		    name, strerror(-manager));
}

/* Whoever does not listen any more need not know. */
static void
say(const char *fmt, ...)
{
	char text[256];
	va_list ap;
	int n;

	if (manager < 0)
		return;
	va_start(ap, fmt);
	n = vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (n > 0 && (size_t)n < sizeof(text))
		(void)send(manager, text, (size_t)n, MSG_NOSIGNAL);
}

void
notify_starting(void)
{
	say("STATUS=Finds, copies and tries the toolchains");
}

void
notify_serving(const struct monitor *m)
{
	if (m->cl->no_tcp)
		say("READY=1\nSTATUS=Serves this machine's users with %u slots",
		    m->cl->jobs);
	else
		say("READY=1\nSTATUS=Serves on port %u with %u slots",
		    m->cl->port, m->cl->jobs);
}

void
notify_reloading(void)
{
	say("RELOADING=1\nMONOTONIC_USEC=%llu", (unsigned long long)now_us());
}

/* Running jobs may have longer than the unit's TimeoutStopSec=. */
void
notify_stopping(const struct monitor *m)
{
	const uint64_t now = now_us();
	const uint64_t left = m->draining && m->drain_us > now ?
	    m->drain_us - now : 0;

	say("STOPPING=1\nEXTEND_TIMEOUT_USEC=%llu\nSTATUS=Takes nothing new; "
	    "%u connections are open", (unsigned long long)(left + END_US),
	    m->nconns);
}
