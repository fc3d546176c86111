/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * immure-front: the role that meets the network's bytes.  It can frame, store
 * and send, and nothing else: no file, no exec, no connect, some fifteen
 * system calls (front.policy).  It trusts the kernel's word on whose socket it
 * was given, and nobody else.  It must never decompress, parse beyond framing,
 * or hold two clients' bytes in one buffer longer than a read.
 */
#include "conn.h"
#include "../common/limits.h"
#include "../common/message.h"
#include "../common/role.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <syslog.h>
#include <unistd.h>
#include <node/common/by_hand.h>

extern const struct filter filter_front;

#define ROWS(t) (sizeof(t) / sizeof((t)[0]))

static struct front front = { .epoll_fd = -1, .drip_us = UINT64_MAX };

static int
on_conn(void *ctx, struct msg *m)
{
	const struct imsg_conn *ic = (const void *)m->body;
	struct front *f = ctx;
	struct conn *c = conn_new(f, m->hdr.job, msg_take_fd(m, 0), &ic->peer);

	if (c == NULL) { /* conn_new has closed it */
		role_log(LOG_ERR, &ic->peer, "conn.memory",
		    "closed: no memory for the connection");
		return msg_send(ROLE_FD_MONITOR, IMSG_CONN_END, m->hdr.job,
		    NULL, 0, NULL, 0);
	}
	if (f->draining)
		conn_end(c, OVER_DRAINED);
	return 0;
}

static int
on_drain(void *ctx, struct msg *m)
{
	struct front *f = ctx;

	(void)m;
	f->draining = true;
	/* What is not whole yet could take for ever to be. */
	for (struct conn *c = f->conns; c != NULL; c = c->next)
		if (!c->over && (c->phase == CONN_READING ||
		    c->phase == CONN_RESERVING))
			conn_end(c, OVER_DRAINED);
	return 0;
}

static int
on_reserved(void *ctx, struct msg *m)
{
	const struct imsg_reserve *r = (const void *)m->body;
	struct front *f = ctx;
	struct conn *c = conn_find(f, m->hdr.job);

	if (f->asked == 0)
		return -EPROTO;
	f->asked--;
	if (c == NULL)
		return 0; /* it has ended meanwhile */
	if (c->phase != CONN_RESERVING || c->unasked != 0)
		return -EPROTO;
	upload_reserved(f, c, r->bytes);
	return 0;
}

static int
on_reply(void *ctx, struct msg *m)
{
	const struct imsg_job_reply *r = (const void *)m->body;
	struct conn *c = conn_find(ctx, m->hdr.job);

	if (c == NULL)
		return 0;
	if (c->phase != CONN_WAITING)
		return -EPROTO;
	answer_start(ctx, c, r, msg_take_fd(m, 0));
	return 0;
}

static int
on_close(void *ctx, struct msg *m)
{
	struct conn *c = conn_find(ctx, m->hdr.job);

	if (c != NULL)
		conn_end(c, OVER_CLOSED);
	return 0;
}

/* Its bytes are others' by now: whatever it does, it ends. */
static int
on_shed(void *ctx, struct msg *m)
{
	struct conn *c = conn_find(ctx, m->hdr.job);

	if (c != NULL)
		conn_end(c, OVER_SHED);
	return 0;
}

static int
on_conn_shed(void *ctx, struct msg *m)
{
	(void)m;
	shed_slowest(ctx);
	return 0;
}

static int
on_settings(void *ctx, struct msg *m)
{
	const struct imsg_settings *s = (const void *)m->body;
	struct front *f = ctx;

	if (!limits_are_valid(&s->limits))
		return -EPROTO;
	f->settings = *s;
	drip_settings(f);
	return 0;
}

static int
on_started(void *ctx, struct msg *m)
{
	struct conn *c = conn_find(ctx, m->hdr.job);

	if (c == NULL)
		return 0;
	if (c->phase != CONN_WAITING || c->started_us != 0)
		return -EPROTO;
	drip_started(ctx, c);
	return 0;
}

static const struct msg_rule monitor_rules[] = {
	{ IMSG_CONN, MSG_ANY_STATE, sizeof(struct imsg_conn), 1, on_conn },
	{ IMSG_CONN_SHED, MSG_ANY_STATE, 0, 0, on_conn_shed },
	{ IMSG_DRAIN, MSG_ANY_STATE, 0, 0, on_drain },
	{ IMSG_SETTINGS, MSG_ANY_STATE, sizeof(struct imsg_settings), 0,
	    on_settings },
};

static const struct msg_rule broker_rules[] = {
	{ IMSG_RESERVED, MSG_ANY_STATE, sizeof(struct imsg_reserve), 0,
	    on_reserved },
	{ IMSG_JOB_REPLY, MSG_ANY_STATE, sizeof(struct imsg_job_reply), 1,
	    on_reply },
	{ IMSG_JOB_CLOSE, MSG_ANY_STATE, 0, 0, on_close },
	{ IMSG_JOB_STARTED, MSG_ANY_STATE, 0, 0, on_started },
	{ IMSG_SHED, MSG_ANY_STATE, 0, 0, on_shed },
};

static void
serve_role(struct front *f, int sock, const struct msg_rule *rules, size_t n)
{
	const int wrong = sock == FRONT_FD_BROKER ? ROLE_EXIT_BROKER :
	                                            ROLE_EXIT_PROTOCOL;
	struct msg m;
	int r;

	while ((r = msg_recv(sock, &m)) > 0) {
		r = msg_dispatch(rules, n, 0, f, &m);
		msg_done(&m);
		if (r < 0)
			role_die(wrong, "front.message",
			    "message %#x of the %s is not permitted: %s",
			    m.hdr.type, wrong == ROLE_EXIT_BROKER ? "broker" :
			    "monitor", strerror(-r));
	}
	if (r == 0)
		_exit(ROLE_EXIT_OK);
	if (r != -EAGAIN)
		role_die(wrong, "front.message", "what came is no message");
}

static void
serve_conn(struct front *f, struct conn *c, uint32_t events)
{
	if (c->over)
		return;
	if ((events & (EPOLLERR | EPOLLHUP)) != 0 &&
	    c->phase != CONN_READING) {
		conn_end(c,
		    c->phase == CONN_LINGERING ? OVER_ANSWERED : OVER_GONE);
		return;
	}
	switch (c->phase) {
	case CONN_READING:
		upload_readable(f, c);
		break;
	case CONN_WAITING: /* half-close is an abort (wire-protocol §1.5) */
		if ((events & EPOLLRDHUP) != 0)
			conn_end(c, OVER_GONE);
		break;
	case CONN_REPLYING:
		answer_writable(f, c);
		break;
	case CONN_LINGERING:
		answer_linger(c);
		break;
	case CONN_RESERVING:
	case CONN_HANDING:
	default:
		break;
	}
}

static void
expire(struct front *f)
{
	uint64_t now = now_us();

	for (struct conn *c = f->conns; c != NULL; c = c->next) {
		if (c->over || now < c->deadline_us)
			continue;
		if (c->phase == CONN_LINGERING)
			conn_end(c, OVER_ANSWERED);
		else if (c->phase == CONN_REPLYING)
			conn_end(c, OVER_TIMEOUT);
		else
			upload_expired(c);
	}
}

static void
watch_role(struct front *f, int sock, void *tag)
{
	struct epoll_event ev = { .events = EPOLLIN, .data.ptr = tag };

	if (epoll_ctl(f->epoll_fd, EPOLL_CTL_ADD, sock, &ev) < 0)
		role_die(ROLE_EXIT_SYSTEM, "front.epoll", "epoll_ctl: %s",
		    strerror(errno));
}

static char tag_monitor, tag_broker;

static void
round_of_events(struct front *f)
{
	struct epoll_event ev[64];
	int n;

	n = epoll_wait(f->epoll_fd, ev, 64,
	    drip_next_ms(f, f->untold ? 10 : 1000));
	for (int i = 0; i < n; i++) {
		if (ev[i].data.ptr == &tag_broker)
			serve_role(f, FRONT_FD_BROKER, broker_rules,
			    ROWS(broker_rules));
		else if (ev[i].data.ptr == &tag_monitor)
			serve_role(f, ROLE_FD_MONITOR, monitor_rules,
			    ROWS(monitor_rules));
		else
			serve_conn(f, ev[i].data.ptr, ev[i].events);
	}
	drip_due(f);
	conn_sweep(f);
}

int
main(int argc, char *argv[])
{
	const struct role_confinement c = { .role = ROLE_FRONT,
		.filter = &filter_front, .last_fd = FRONT_FD_BROKER,
		.nofile = LIMIT_CONNS * 3UL + 64, .as_bytes = 64 * GIB,
		.landlock = -1 };
	uint64_t swept = 0;
	uint32_t gid;

	by_hand(argc, argv, "speaks with clients");
	front.settings.limits = limits_built_in; /* until it is told */
	role_ids(ROLE_BROKER, &front.broker_uid, &gid);
	role_ids(ROLE_EXECUTOR, &front.executor_uid, &gid);
	role_confine(&c);
	front.epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	if (front.epoll_fd < 0)
		role_die(ROLE_EXIT_SYSTEM, "front.epoll", "epoll_create1: %s",
		    strerror(errno));
	watch_role(&front, ROLE_FD_MONITOR, &tag_monitor);
	watch_role(&front, FRONT_FD_BROKER, &tag_broker);
	role_ready();
	for (;;) {
		round_of_events(&front);
		if (now_us() - swept > 1000000U) {
			expire(&front);
			conn_sweep(&front);
			swept = now_us();
		}
	}
}
