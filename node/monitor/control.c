/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The control socket: what the administrator asks of a running node
 * (common/control.h).  The file is its owner's alone, and who connected is the
 * kernel's word (SO_PEERCRED), looked at before anything is received.  Every
 * request is of exact length, so nothing is parsed; an answer that the
 * asker's queue does not take at once ends the connection.  There are few
 * connections, and a new one takes the place of the one that has been silent
 * for longest: whoever holds some keeps nobody out.
 */
#include "monitor.h"
#include "../common/control.h"
#include "../common/fd.h"
#include "../common/message.h"
#include <errno.h>
#include <sandbox/probe.h>
#include <sandbox/user_mode.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <syslog.h>
#include <unistd.h>

/* Linux 6.16; asm-generic/socket.h of 6.16 and later. */
#ifndef SO_PASSRIGHTS
#define SO_PASSRIGHTS 83
#endif

#define CONNS	   8U
#define ACCEPT_MAX 16 /* a round of events; epoll speaks again */

static struct control_conn {
	int fd; /* owned; -1 = free */
	pid_t pid; /* of whoever connected; for the log */
	uint64_t last_us;
	bool selftest; /* it has one, and is not the one that gives way */
} conns[CONNS] = { [0 ... CONNS - 1] = { .fd = -1 } };

/* A request under way. */
struct asked {
	struct monitor *m;
	struct control_conn *c;
};

void
control_serve(struct monitor *m)
{
	struct epoll_event ev = { .events = EPOLLIN,
		.data.ptr = &m->control_fd };

	if (m->control_fd >= 0)
		(void)epoll_ctl(m->epoll_fd, EPOLL_CTL_ADD, m->control_fd,
		    &ev);
}

bool
control_is(const struct monitor *m, const void *p)
{
	return p == &m->control_fd ||
	    ((const struct control_conn *)p >= conns &&
	        (const struct control_conn *)p < conns + CONNS);
}

/* -- connections -- */

static void
conn_close(struct monitor *m, struct control_conn *c)
{
	c->fd = fd_close(c->fd);
	if (c->selftest)
		selftest_end(m);
}

/* A free one, or the one that has been silent for longest. */
static struct control_conn *
conn_place(struct monitor *m)
{
	struct control_conn *best = NULL;

	for (unsigned i = 0; i < CONNS; i++) {
		if (conns[i].fd < 0)
			return &conns[i];
		if (!conns[i].selftest &&
		    (best == NULL || conns[i].last_us < best->last_us))
			best = &conns[i];
	}
	conn_close(m, best);
	return best;
}

/* The user who started the node; in an ordinary user's namespace that is 0. */
static bool
is_owner(struct monitor *m, int fd, pid_t *ret_pid)
{
	struct ucred c;
	socklen_t len = sizeof(c);
	struct peer p;

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &c, &len) < 0)
		return false;
	*ret_pid = c.pid;
	if (c.uid == geteuid())
		return true;
	peer_from_uid(&p, c.uid);
	clients_log_denied(m, &p, "control.denied",
	    "the control socket is for the user alone who started the node");
	return false;
}

static void
conn_add(struct monitor *m, int fd, pid_t pid)
{
	struct control_conn *c = conn_place(m);
	struct epoll_event ev = { .events = EPOLLIN, .data.ptr = c };
	int on = 1;

	*c = (struct control_conn){ .fd = fd, .pid = pid,
		.last_us = now_us() };
	/* The listening socket refuses descriptors, and what is accepted has
	 * that from it: strangers pass none.  The node's user may. */
	(void)setsockopt(fd, SOL_SOCKET, SO_PASSRIGHTS, &on, sizeof(on));
	if (epoll_ctl(m->epoll_fd, EPOLL_CTL_ADD, fd, &ev) < 0)
		conn_close(m, c);
}

static void
take_all(struct monitor *m)
{
	pid_t pid;
	int fd;

	for (int i = 0; i < ACCEPT_MAX; i++) {
		fd = accept4(m->control_fd, NULL, NULL,
		    SOCK_CLOEXEC | SOCK_NONBLOCK);
		if (fd < 0)
			return;
		if (is_owner(m, fd, &pid))
			conn_add(m, fd, pid);
		else
			(void)close(fd);
	}
}

/* -- requests -- */

static enum control_state
state_of(const struct monitor *m)
{
	return m->draining || m->stopping ? CONTROL_DRAINING :
	    m->serving ? CONTROL_SERVING : CONTROL_STARTING;
}

static int
answer(const struct asked *a, const struct msg *m, const void *body,
    size_t len)
{
	return msg_send(a->c->fd, m->hdr.type + 1, 0, body, len, NULL, 0);
}

static int
on_ping(void *ctx, struct msg *m)
{
	const struct asked *a = ctx;
	const struct control_pong p = { .pid = getpid(),
		.state = state_of(a->m) };

	return answer(a, m, &p, sizeof(p));
}

static void
log_asked(const struct asked *a, const char *what)
{
	monitor_log(a->m, LOG_NOTICE, NULL, "control.asked",
	    "%s, asked for over the control socket by pid %d", what,
	    (int)a->c->pid);
}

static int
on_reload(void *ctx, struct msg *m)
{
	const struct asked *a = ctx;
	struct control_result r = { .error = 0 };

	_Static_assert(sizeof(r.text) == CMDLINE_ERROR_MAX, "");
	log_asked(a, "reload");
	r.error = reload(a->m, r.text);
	if (r.error == 0)
		memset(r.text, 0, sizeof(r.text));
	return answer(a, m, &r, sizeof(r));
}

/* Once only: a second SIGTERM ends it all at once, a second one of these does
 * not. */
static int
on_drain(void *ctx, struct msg *m)
{
	const struct asked *a = ctx;
	struct control_result r = { .conns = a->m->nconns };

	if (state_of(a->m) != CONTROL_DRAINING) {
		log_asked(a, "drain");
		drain_begin(a->m);
	}
	return answer(a, m, &r, sizeof(r));
}

static void
count_roles(const struct monitor *m, struct control_node *n)
{
	const struct child *one[] = { &m->auditor, &m->broker, &m->imager,
		&m->status };

	for (int i = 0; i < 4; i++)
		if (one[i]->state == CHILD_READY)
			n->roles |= 1U << one[i]->role;
	for (int i = 0; i < FRONTS; i++)
		n->fronts += m->fronts[i].state == CHILD_READY;
	for (unsigned i = 0; i < m->nslots; i++)
		n->slots += m->slots[i].state == CHILD_READY;
}

static int
on_check(void *ctx, struct msg *m)
{
	const struct asked *a = ctx;
	struct control_node n = { .pid = getpid(), .state = state_of(a->m),
		.layers = probe_expected() | groups_layers(a->m),
		.generation = a->m->generation,
		.user_mode = user_mode(), .jobs = a->m->cl->jobs,
		.conns = a->m->nconns,
		.port = a->m->cl->no_tcp ? 0 : a->m->cl->port,
		.limits = a->m->cl->limits };

	count_roles(a->m, &n);
	snprintf(n.version, sizeof(n.version), "%s", IMMURE_VERSION);
	return answer(a, m, &n, sizeof(n));
}

/* Answered when it is ready, or has failed; at once where it cannot be. */
static int
on_selftest(void *ctx, struct msg *m)
{
	const struct control_selftest *s = (const void *)m->body;
	struct asked *a = ctx;
	int program = msg_take_fd(m, 0), records = msg_take_fd(m, 1);
	struct control_result r = { .error = 0 };

	log_asked(a, "selftest");
	r.error = selftest_begin(a->m, program, s->program_len, records);
	if (r.error == -EPROTO)
		return -EPROTO;
	if (r.error == 0) {
		a->c->selftest = true;
		return 0;
	}
	snprintf(r.text, sizeof(r.text), "%s", r.error == -EBUSY ?
	    "another selftest is under way" : r.error == -EAGAIN ?
	    "the node is not serving" : strerror(-r.error));
	return answer(a, m, &r, sizeof(r));
}

void
control_selftest_told(struct monitor *m, int error, const char *text)
{
	struct control_result r = { .error = error };

	snprintf(r.text, sizeof(r.text), "%s", text);
	for (unsigned i = 0; i < CONNS; i++) {
		if (!conns[i].selftest)
			continue;
		conns[i].selftest = error == 0;
		if (msg_send(conns[i].fd, CONTROL_SELFTEST + 1, 0, &r,
		        sizeof(r), NULL, 0) < 0)
			conn_close(m, &conns[i]);
	}
}

void
control_selftest_over(void)
{
	for (unsigned i = 0; i < CONNS; i++)
		conns[i].selftest = false;
}

static int
on_connect(void *ctx, struct msg *m)
{
	const struct asked *a = ctx;
	struct control_result r = { .error = 0 };
	int fd = a->c->selftest ? selftest_connect(a->m) : -EPERM;
	int sent;

	r.error = fd < 0 ? fd : 0;
	sent = msg_send(a->c->fd, m->hdr.type + 1, 0, &r, sizeof(r), &fd,
	    fd >= 0);
	if (fd >= 0)
		(void)close(fd);
	return sent;
}

static const struct msg_rule rules[] = {
	{ CONTROL_PING, MSG_ANY_STATE, 0, 0, on_ping },
	{ CONTROL_RELOAD, MSG_ANY_STATE, 0, 0, on_reload },
	{ CONTROL_DRAIN, MSG_ANY_STATE, 0, 0, on_drain },
	{ CONTROL_CHECK, MSG_ANY_STATE, 0, 0, on_check },
	{ CONTROL_SELFTEST, MSG_ANY_STATE, sizeof(struct control_selftest), 2,
	    on_selftest },
	{ CONTROL_CONNECT, MSG_ANY_STATE, 0, 0, on_connect },
};

/* One request; what else there is epoll says again. */
static void
hear(struct monitor *m, struct control_conn *c)
{
	struct asked a = { m, c };
	struct msg msg;
	int r;

	if (c->fd < 0)
		return; /* closed earlier in this round */
	r = msg_recv(c->fd, &msg);
	if (r == -EAGAIN)
		return;
	if (r > 0) {
		c->last_us = now_us();
		r = msg_dispatch(rules, sizeof(rules) / sizeof(rules[0]), 0,
		    &a, &msg);
		msg_done(&msg);
		if (r == 0)
			return;
	}
	if (r < 0)
		monitor_log(m, LOG_WARNING, NULL, "control.bad",
		    "pid %d: no request of the control socket (%s); closed",
		    (int)c->pid, strerror(-r));
	conn_close(m, c);
}

void
control_event(struct monitor *m, void *p)
{
	if (p == &m->control_fd)
		take_all(m);
	else
		hear(m, p);
}
