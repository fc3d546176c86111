/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "control_ask.h"

#include "cli.h"

#include <node/common/fd.h>
#include <node/common/message.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

const char *
control_state_word(uint32_t state)
{
	static const char *const words[CONTROL_STATES] = { "starting",
		"serving", "draining" };

	return words[state < CONTROL_STATES ? state : CONTROL_STARTING];
}

/* A connection to a node of root's or of ours, or -errno. */
static int
connect_to(const char *job_socket)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	cleanup_fd int fd = -1;
	struct ucred c;
	socklen_t len = sizeof(c);

	if ((size_t)snprintf(a.sun_path, sizeof(a.sun_path),
	    "%s" CONTROL_SUFFIX, job_socket) >= sizeof(a.sun_path))
		return -ENAMETOOLONG;
	fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	if (fd < 0 || connect(fd, (const struct sockaddr *)&a, sizeof(a)) < 0 ||
	    getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &c, &len) < 0)
		return -errno;
	/* Whoever listens below /tmp may be anybody. */
	if (c.uid != 0 && c.uid != geteuid())
		return -EPERM;
	return fd_take(&fd);
}

static int
complain(const struct control *c, int error)
{
	struct stat st;
	char what[SOCKET_PATH_MAX + 64];

	snprintf(what, sizeof(what), "%s: the node at %s", c->command, c->path);
	if (error == -EACCES || error == -EPERM)
		cli_complain(what, "is another user's: its control socket is "
		    "for the user alone who started it",
		    "run this as that user (root for the system's node)");
	else if (geteuid() != 0 && error == -ENOENT &&
	    stat(SOCKET_SYSTEM, &st) == 0)
		cli_complain(what, "does not run; the system's node does, and "
		    "its control socket is root's alone",
		    "run this as root, or name a node's socket with --socket");
	else if (error == -ENOENT || error == -ECONNREFUSED)
		cli_complain(what, "does not run",
		    "start it, or name a node's job socket with --socket");
	else
		cli_complain(what, strerror(-error), NULL);
	return error;
}

/* Root's system node, or else the node that this user started. */
static int
open_default(struct control *c)
{
	int fd = geteuid() == 0 ? connect_to(SOCKET_SYSTEM) : -ENOENT;
	int r = socket_own(c->path);

	if (r == 0 && (fd == -ENOENT || fd == -ECONNREFUSED)) {
		r = connect_to(c->path);
		if (r >= 0 || geteuid() != 0)
			return r;
	}
	snprintf(c->path, sizeof(c->path), "%s", SOCKET_SYSTEM);
	return fd;
}

int
control_try(struct control *c, const char *command, const char *socket)
{
	*c = (struct control){ .fd = -1, .command = command };
	if (socket != NULL) {
		snprintf(c->path, sizeof(c->path), "%s", socket);
		c->fd = connect_to(socket);
	} else {
		c->fd = open_default(c);
	}
	return c->fd < 0 ? c->fd : 0;
}

int
control_open(struct control *c, const char *command, const char *socket)
{
	int r = control_try(c, command, socket);

	return r < 0 ? complain(c, r) : 0;
}

void
control_close(struct control *c)
{
	c->fd = fd_close(c->fd);
}

static int
receive(const struct control *c, uint32_t type, void *ret, size_t len,
    int timeout_ms)
{
	static struct msg m;
	int r = msg_recv_wait(c->fd, &m, timeout_ms);

	if (r == 0)
		return -ECONNRESET;
	if (r < 0)
		return r;
	r = m.hdr.type == type && m.hdr.len == len && m.nfds == 0 ? 0 :
	    -EPROTO;
	if (r == 0)
		memcpy(ret, m.body, len);
	msg_done(&m);
	return r;
}

int
control_ask(const struct control *c, uint32_t type, void *ret, size_t len,
    int timeout_ms)
{
	char what[SOCKET_PATH_MAX + 64];
	int r = msg_send(c->fd, type, 0, NULL, 0, NULL, 0);

	if (r == 0)
		r = receive(c, type + 1, ret, len, timeout_ms);
	if (r == 0)
		return 0;
	snprintf(what, sizeof(what), "%s: the node at %s", c->command, c->path);
	if (r == -EPROTO)
		cli_complain(what, "gives another answer than this program "
		    "knows", "are both of one version?");
	else
		cli_complain(what, r == -ECONNRESET || r == -EPIPE ?
		    "closed the connection" : strerror(-r),
		    "its log says why (control.denied, control.bad)");
	return r;
}

pid_t
control_node(const char *command, const char *socket)
{
	struct control_pong p = { .pid = 0 };
	struct control c;

	if (control_try(&c, command, socket) < 0)
		return 0;
	if (control_ask(&c, CONTROL_PING, &p, sizeof(p), CONTROL_WAIT_MS) < 0)
		p.pid = 0;
	control_close(&c);
	return p.pid;
}
