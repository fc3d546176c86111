/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Connections until a front has them: accepted, matched against the access
 * list by the address the kernel gives, charged, handed on.  An address that
 * was in a front when it crashed is held back for a while; nobody else is
 * (security-rules 14).
 */
#include "monitor.h"
#include "../common/fd.h"
#include "../common/message.h"
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <syslog.h>
#include <unistd.h>

/* Addresses that were there when a front crashed. */
#define STRIKES 256
/* A front that cannot take a connection is asked again after this. */
#define HOLD_AGAIN_US 20000U

static struct strike {
	struct peer peer;
	unsigned count; /* 0 = free */
	uint64_t last_us;
} strikes[STRIKES];

static struct strike *
strike_of(const struct peer *p)
{
	uint64_t now = now_us();

	for (int i = 0; i < STRIKES; i++) {
		if (strikes[i].count > 0 &&
		    now - strikes[i].last_us > LIMIT_STRIKE_FORGET_MS * 1000U)
			strikes[i].count = 0;
		if (strikes[i].count > 0 &&
		    peer_same_client(&strikes[i].peer, p))
			return &strikes[i];
	}
	return NULL;
}

static void
strike_add(const struct peer *p)
{
	struct strike *s = strike_of(p), *oldest = &strikes[0];

	for (int i = 0; s == NULL && i < STRIKES; i++) {
		if (strikes[i].count == 0)
			s = &strikes[i];
		else if (strikes[i].last_us < oldest->last_us)
			oldest = &strikes[i];
	}
	if (s == NULL)
		s = oldest;
	if (s->count == 0 || !peer_same_client(&s->peer, p))
		*s = (struct strike){ .peer = *p };
	s->count++;
	s->last_us = now_us();
}

static uint64_t
hold_ms(const struct peer *p)
{
	const struct strike *s = strike_of(p);
	uint64_t ms;

	if (s == NULL)
		return 0;
	ms = (uint64_t)LIMIT_STRIKE_MS << (s->count > 6 ? 6 : s->count - 1);
	return ms > LIMIT_STRIKE_MOST_MS ? LIMIT_STRIKE_MOST_MS : ms;
}

void
clients_listen(struct monitor *m, bool on)
{
	struct epoll_event ev = { .events = EPOLLIN };

	if (m->accepting == on)
		return;
	for (unsigned i = 0; i < m->nlisten; i++) {
		ev.data.ptr = &m->listen_fds[i];
		(void)epoll_ctl(m->epoll_fd,
		    on ? EPOLL_CTL_ADD : EPOLL_CTL_DEL, m->listen_fds[i], &ev);
	}
	m->accepting = on;
}

static bool
is_full(const struct monitor *m)
{
	return m->nconns >= m->max_conns || m->nconns >= m->cl->limits.conns;
}

void
clients_resume(struct monitor *m)
{
	if (!m->stopping && !m->draining && m->serving)
		clients_listen(m, !is_full(m));
}

static struct client_conn *
conn_free_entry(struct monitor *m)
{
	for (unsigned i = 0; i < LIMIT_CONNS; i++)
		if (m->conns[i].id == 0)
			return &m->conns[i];
	return NULL;
}

/* As many as one client, or all of its site, may have. */
static bool
has_enough(const struct monitor *m, const struct peer *p)
{
	unsigned client = 0, site = 0, seen = 0;

	for (unsigned i = 0; i < LIMIT_CONNS && seen < m->nconns; i++) {
		if (m->conns[i].id == 0)
			continue;
		seen++;
		client += peer_same_client(&m->conns[i].peer, p);
		site += peer_same_site(&m->conns[i].peer, p);
	}
	return client >= m->cl->limits.client_conns ||
	    site >= m->cl->limits.site_conns;
}

static void
conn_drop(struct monitor *m, struct client_conn *c)
{
	(void)fd_close(c->held_fd);
	c->id = 0;
	m->nconns--;
	shed_ended();
	clients_resume(m);
}

/* One client always meets the same front, so that a crash it causes costs
 * few others their connections. */
static struct child *
front_for(struct monitor *m, const struct peer *p)
{
	unsigned h = 0;

	for (int i = 0; i < 16; i++)
		h = h * 31 + p->addr[i];
	for (unsigned i = 0; i < FRONTS; i++)
		if (m->fronts[(h + i) % FRONTS].state == CHILD_READY)
			return &m->fronts[(h + i) % FRONTS];
	return NULL;
}

static void
conn_hand_over(struct monitor *m, struct client_conn *c)
{
	const struct imsg_conn ic = { .peer = c->peer };
	struct child *f = front_for(m, &c->peer);
	int r = -EAGAIN;

	if (f != NULL) {
		c->front = f->index;
		r = msg_send(f->sock, IMSG_CONN, c->id, &ic, sizeof(ic),
		    &c->held_fd, 1);
		f->sent += r == 0;
	}
	/* None lives just now, or it is behind with its work: soon. */
	if (r == -EAGAIN || r == -ETOOMANYREFS) {
		c->hold_us = now_us() + HOLD_AGAIN_US;
		return;
	}
	if (r < 0) {
		clients_log_denied(m, &c->peer, "conn.lost",
		    "closed: its front took no connection any more");
		conn_drop(m, c);
		return;
	}
	c->held_fd = fd_close(c->held_fd);
}

static void
conn_take(struct monitor *m, int fd, const struct peer *p)
{
	struct client_conn *c = conn_free_entry(m);

	if (c == NULL) {
		clients_log_denied(m, p, "limit.connections",
		    "closed: there are too many connections");
		(void)close(fd);
		return;
	}
	*c = (struct client_conn){ .id = ++m->conn_serial, .peer = *p,
		.held_fd = fd, .hold_us = now_us() + hold_ms(p) * 1000 };
	m->nconns++;
	if (is_full(m)) {
		clients_log_denied(m, NULL, "limit.connections",
		    "as many connections as there may be: others wait until "
		    "one ends; one that is slow is ended (limit.shed)");
		clients_listen(m, false);
	}
	if (hold_ms(p) == 0)
		conn_hand_over(m, c);
	else
		clients_log_denied(m, p, "client.held",
		    "held back: a front crashed while it served this client");
}

/* The reply is one write; without this its tail would wait for an ACK.  A
 * client that vanished is noticed by probes. */
static void
conn_options(int fd)
{
	int on = 1, idle = 60;

	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	(void)setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on));
	(void)setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &idle, sizeof(idle));
}

static int
who(struct peer *p, const struct sockaddr_storage *ss, socklen_t len, int fd)
{
	if (ss->ss_family == AF_UNIX)
		return socket_peer(p, fd);
	return peer_from_sockaddr(p, (const struct sockaddr *)ss, len);
}

/* Nothing there any more, or gone before we came, is no failure. */
static void
log_accept(struct monitor *m, int error)
{
	if (error != EAGAIN && error != EINTR && error != ECONNABORTED)
		clients_log_denied(m, NULL, "conn.accept", strerror(error));
}

void
clients_accept(struct monitor *m, int listen_fd)
{
	struct sockaddr_storage ss;
	struct peer p;
	socklen_t len;
	int fd;

	for (int i = 0; i < 64 && m->accepting; i++) {
		len = sizeof(ss);
		fd = accept4(listen_fd, (struct sockaddr *)&ss, &len,
		    SOCK_CLOEXEC | SOCK_NONBLOCK);
		if (fd < 0) {
			log_accept(m, errno);
			return;
		}
		if (who(&p, &ss, len, fd) < 0) {
			clients_log_denied(m, NULL, "conn.unknown",
			    "closed: the kernel does not say whose it is");
			(void)close(fd);
		} else if (p.kind == PEER_ADDRESS &&
		    !acl_allows(&m->cl->acl, &p)) {
			clients_log_denied(m, &p, "access.denied",
			    "closed: no --allow names this address");
			(void)close(fd);
		} else if (has_enough(m, &p)) {
			clients_log_denied(m, &p, "limit.connections",
			    "closed: too many connections of one client or of "
			    "one IPv6 /48");
			(void)close(fd);
		} else {
			if (p.kind == PEER_ADDRESS)
				conn_options(fd);
			conn_take(m, fd, &p);
		}
	}
}

void
clients_ended(struct monitor *m, const struct child *front, uint64_t id)
{
	for (unsigned i = 0; i < LIMIT_CONNS; i++)
		if (m->conns[i].id == id && id != 0 &&
		    m->conns[i].held_fd < 0 &&
		    m->conns[i].front == front->index) {
			conn_drop(m, &m->conns[i]);
			return;
		}
}

void
clients_front_died(struct monitor *m, uint32_t front, bool crashed)
{
	for (unsigned i = 0; i < LIMIT_CONNS; i++) {
		struct client_conn *c = &m->conns[i];

		if (c->id == 0 || c->held_fd >= 0 || c->front != front)
			continue;
		if (crashed)
			strike_add(&c->peer);
		if (!m->stopping)
			clients_log_denied(m, &c->peer, "conn.lost",
			    "closed: its front has ended");
		conn_drop(m, c);
	}
}

void
clients_release(struct monitor *m)
{
	uint64_t now = now_us();

	for (unsigned i = 0; i < LIMIT_CONNS; i++)
		if (m->conns[i].id != 0 && m->conns[i].held_fd >= 0 &&
		    m->conns[i].hold_us <= now)
			conn_hand_over(m, &m->conns[i]);
	shed_due(m);
	socket_idle(m);
	denied_tell(m);
}

int
clients_next_ms(const struct monitor *m)
{
	uint64_t now = now_us(), best = UINT64_MAX;

	for (unsigned i = 0; i < LIMIT_CONNS; i++)
		if (m->conns[i].id != 0 && m->conns[i].held_fd >= 0 &&
		    m->conns[i].hold_us < best)
			best = m->conns[i].hold_us;
	if (best == UINT64_MAX)
		return socket_next_ms(m);
	return best <= now ? 0 : (int)((best - now) / 1000 + 1);
}
