/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * immure-status: serves the page of distccd --stats.  It is given connections
 * by the monitor and numbers by the broker, and writes the page at once,
 * whatever was asked; what a client sends is thrown away unread.  It tells
 * nobody anything and has no way to: neither peer listens to it but for
 * events.  It must never wait for a client.
 */
#include "page.h"
#include "../common/by_hand.h"
#include "../common/clock.h"
#include "../common/fd.h"
#include "../common/limits.h"
#include "../common/message.h"
#include "../common/role.h"
#include <errno.h>
#include <unistd.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/sysinfo.h>

#define FD_BROKER 4
/* Clients that have their page and have not closed; the oldest goes first. */
#define CONNS 64U
/* Closing with bytes of its unread would take the page from the client
 * (RFC 1122 4.2.2.13), so it gets this long to close first. */
#define LINGER_US 2000000U
#define LOAD_UNIT 65536.0 /* sysinfo(2): 1 << SI_LOAD_SHIFT */

extern const struct filter filter_status;

struct status_conn {
	int fd; /* owned; -1 = free */
	uint64_t until_us;
};

static struct status {
	int epoll_fd;
	struct imsg_stats stats; /* the last that were told */
	struct status_conn conns[CONNS];
} status;

static char tag_monitor, tag_broker;

static struct status_conn *
free_or_oldest(struct status *s)
{
	struct status_conn *oldest = &s->conns[0];

	for (unsigned i = 0; i < CONNS; i++) {
		if (s->conns[i].fd < 0)
			return &s->conns[i];
		if (s->conns[i].until_us < oldest->until_us)
			oldest = &s->conns[i];
	}
	return oldest;
}

/* It may still be open in a message of the monitor: out of epoll first. */
static void
end_conn(struct status *s, struct status_conn *c)
{
	if (c->fd < 0)
		return;
	(void)epoll_ctl(s->epoll_fd, EPOLL_CTL_DEL, c->fd, NULL);
	c->fd = fd_close(c->fd);
}

/* A page is smaller than any socket's buffer: all of it goes, or the client's
 * connection is broken. */
static int
write_page(const struct status *s, int fd)
{
	char page[PAGE_MAX];
	struct iovec v = { .iov_base = page };
	const struct msghdr mh = { .msg_iov = &v, .msg_iovlen = 1 };
	struct page_machine m = { 0 };
	struct sysinfo si;

	if (sysinfo(&si) == 0) {
		for (int i = 0; i < 3; i++)
			m.load[i] = (double)si.loads[i] / LOAD_UNIT;
		m.free_bytes = (uint64_t)si.freeram * si.mem_unit;
	}
	v.iov_len = page_write(page, &s->stats, &m);
	if (sendmsg(fd, &mh, MSG_DONTWAIT | MSG_NOSIGNAL) !=
	    (ssize_t)v.iov_len)
		return -EPIPE;
	return shutdown(fd, SHUT_WR) < 0 ? -errno : 0;
}

static int
on_conn(void *ctx, struct msg *m)
{
	struct epoll_event ev = { .events = EPOLLIN };
	struct status *s = ctx;
	struct status_conn *c = free_or_oldest(s);

	end_conn(s, c);
	c->fd = msg_take_fd(m, 0);
	c->until_us = now_us() + LINGER_US;
	ev.data.ptr = c;
	if (write_page(s, c->fd) < 0 ||
	    epoll_ctl(s->epoll_fd, EPOLL_CTL_ADD, c->fd, &ev) < 0)
		end_conn(s, c);
	return 0;
}

static int
on_stats(void *ctx, struct msg *m)
{
	struct status *s = ctx;

	memcpy(&s->stats, m->body, sizeof(s->stats));
	return 0;
}

static const struct msg_rule monitor_rules[] = {
	{ IMSG_STATUS_CONN, MSG_ANY_STATE, 0, 1, on_conn },
};

static const struct msg_rule broker_rules[] = {
	{ IMSG_STATS, MSG_ANY_STATE, sizeof(struct imsg_stats), 0, on_stats },
};

static void
serve_role(struct status *s, int sock, const struct msg_rule *rule)
{
	struct msg m;
	int r;

	while ((r = msg_recv(sock, &m)) > 0) {
		r = msg_dispatch(rule, 1, 0, s, &m);
		msg_done(&m);
		if (r < 0)
			role_die(sock == FD_BROKER ? ROLE_EXIT_BROKER :
			    ROLE_EXIT_PROTOCOL, "status.message",
			    "message %#x is not permitted: %s", m.hdr.type,
			    strerror(-r));
	}
	if (r == 0)
		_exit(ROLE_EXIT_OK);
	if (r != -EAGAIN)
		_exit(sock == FD_BROKER ? ROLE_EXIT_BROKER :
		    ROLE_EXIT_PROTOCOL);
}

static void
discard(struct status *s, struct status_conn *c)
{
	uint8_t waste[4096];
	ssize_t n;

	if (c->fd < 0)
		return; /* ended in this very round */
	n = recv(c->fd, waste, sizeof(waste), MSG_DONTWAIT);
	if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR))
		end_conn(s, c);
}

static void
expire(struct status *s)
{
	uint64_t now = now_us();

	for (unsigned i = 0; i < CONNS; i++)
		if (s->conns[i].fd >= 0 && s->conns[i].until_us <= now)
			end_conn(s, &s->conns[i]);
}

static void
round_of_events(struct status *s)
{
	struct epoll_event ev[64];
	int n = epoll_wait(s->epoll_fd, ev, 64, 1000);

	for (int i = 0; i < n; i++) {
		if (ev[i].data.ptr == &tag_monitor)
			serve_role(s, ROLE_FD_MONITOR, monitor_rules);
		else if (ev[i].data.ptr == &tag_broker)
			serve_role(s, FD_BROKER, broker_rules);
		else
			discard(s, ev[i].data.ptr);
	}
	expire(s);
}

static void
watch(struct status *s, int fd, void *tag)
{
	struct epoll_event ev = { .events = EPOLLIN, .data.ptr = tag };

	if (epoll_ctl(s->epoll_fd, EPOLL_CTL_ADD, fd, &ev) < 0)
		role_die(ROLE_EXIT_SYSTEM, "status.epoll", "epoll_ctl: %s",
		    strerror(errno));
}

int
main(int argc, char **argv)
{
	const struct role_confinement c = { .role = ROLE_STATUS,
		.filter = &filter_status, .last_fd = FD_BROKER,
		.nofile = CONNS + 32, .as_bytes = GIB, .landlock = -1 };

	by_hand(argc, argv, "serves the page of --stats");
	for (unsigned i = 0; i < CONNS; i++)
		status.conns[i].fd = -1;
	role_confine(&c);
	status.epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	if (status.epoll_fd < 0)
		role_die(ROLE_EXIT_SYSTEM, "status.epoll", "epoll_create1: %s",
		    strerror(errno));
	watch(&status, ROLE_FD_MONITOR, &tag_monitor);
	watch(&status, FD_BROKER, &tag_broker);
	role_ready();
	for (;;)
		round_of_events(&status);
}
