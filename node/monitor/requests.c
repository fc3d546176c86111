/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What roles may say to the monitor: one table, of fixed lengths, by role.  A
 * role that says anything else is taken over, and is ended.
 */
#include "monitor.h"
#include "../common/fd.h"
#include "../common/message.h"
#include "../common/role.h"
#include <errno.h>
#include <string.h>
#include <syslog.h>

struct call {
	struct monitor *m;
	struct child *c;
};

static int
on_ready(void *ctx, struct msg *msg)
{
	struct call *call = ctx;

	(void)msg;
	if (call->c->state != CHILD_STARTED)
		return -EPROTO;
	if (walls_keep(call->m, call->c))
		call->c->state = CHILD_READY;
	return 0;
}

static int
on_event(void *ctx, struct msg *msg)
{
	struct imsg_audit_event *e = (void *)msg->body;
	struct call *call = ctx;

	/* The auditor would take us for the one who sends such a level. */
	if (e->level > LOG_DEBUG)
		return -EPROTO;
	monitor_relay(call->m, call->c, e);
	return 0;
}

static int
on_conn_end(void *ctx, struct msg *msg)
{
	struct call *call = ctx;

	/* A selftest's connections are nobody's to count. */
	if (!selftest_has(call->m, call->c))
		clients_ended(call->m, call->c, msg->hdr.job);
	return 0;
}

/* Of all who live now it is the one that this broker knows: they end and start
 * together. */
static int
end_auditor(struct monitor *m)
{
	if (m->auditor.state == CHILD_READY)
		child_end(m, &m->auditor, "role.silent",
		    "takes no records of the broker's");
	return 0;
}

/* All the auditor may say of anybody. */
static int
end_broker(struct monitor *m, const struct imsg_peer *p)
{
	if (p->role != ROLE_BROKER)
		return -EPROTO;
	if (m->broker.serial == p->serial && m->broker.pid > 0)
		child_end(m, &m->broker, "role.bad",
		    "sent the auditor what it must not");
	if (m->selftest[ST_BROKER].serial == p->serial)
		selftest_end(m);
	return 0;
}

static int
on_peer_bad(void *ctx, struct msg *msg)
{
	const struct imsg_peer *p = (const void *)msg->body;
	struct call *call = ctx;
	struct child *c = NULL;

	if (selftest_has(call->m, call->c)) {
		selftest_end(call->m);
		return 0;
	}
	if (call->c->role == ROLE_AUDITOR)
		return end_broker(call->m, p);
	if (p->role == ROLE_AUDITOR)
		return end_auditor(call->m);
	if (p->role == ROLE_IMAGER)
		return images_bad(call->m, p->generation);
	if (p->role == ROLE_FRONT && p->index < FRONTS)
		c = &call->m->fronts[p->index];
	else if (p->role == ROLE_EXECUTOR && p->index < call->m->nslots)
		c = &call->m->slots[p->index];
	if (c == NULL)
		return -EPROTO;
	if (c->serial == p->serial) {
		c->condemned = true;
		child_kill(c);
	}
	return 0;
}

static int
on_image_ready(void *ctx, struct msg *msg)
{
	struct call *call = ctx;

	if (selftest_has(call->m, call->c))
		return selftest_image(call->m, (const void *)msg->body,
		    msg_take_fd(msg, 0));
	return images_ready(call->m, (const void *)msg->body,
	    msg_take_fd(msg, 0));
}

static int
on_image_stale(void *ctx, struct msg *msg)
{
	static struct rate told; /* one that is taken over may say it all day */
	struct call *call = ctx;

	(void)msg;
	if (!rate_take(&told, 1, now_us()))
		return 0;
	monitor_log(call->m, LOG_NOTICE, NULL, "image.stale",
	    "the host's toolchains have changed; making new images");
	return 0;
}

static int
on_log_again(void *ctx, struct msg *msg)
{
	struct call *call = ctx;

	(void)msg;
	logs_again(call->m);
	return 0;
}

#define FROM(r) (1U << (r))
#define FROM_ANY                                                               \
	(FROM(ROLE_FRONT) | FROM(ROLE_BROKER) | FROM(ROLE_EXECUTOR) |          \
	    FROM(ROLE_AUDITOR) | FROM(ROLE_IMAGER) | FROM(ROLE_STATUS))

/* `states` is here a mask of roles: who may say it. */
static const struct msg_rule rules[] = {
	{ IMSG_READY, FROM_ANY, 0, 0, on_ready },
	{ IMSG_AUDIT_EVENT, FROM_ANY, sizeof(struct imsg_audit_event), 0,
	    on_event },
	{ IMSG_CONN_END, FROM(ROLE_FRONT), 0, 0, on_conn_end },
	{ IMSG_PEER_BAD, FROM(ROLE_BROKER) | FROM(ROLE_AUDITOR),
	    sizeof(struct imsg_peer), 0, on_peer_bad },
	{ IMSG_IMAGE_READY, FROM(ROLE_IMAGER), sizeof(struct imsg_image), 1,
	    on_image_ready },
	{ IMSG_LOG_AGAIN, FROM(ROLE_AUDITOR), 0, 0, on_log_again },
	{ IMSG_IMAGE_STALE, FROM(ROLE_IMAGER), 0, 0, on_image_stale },
};

/* Either it is ending by itself, which a signal does not change any more, or it
 * lives on, deaf to us. */
static void
hung_up(struct child *c)
{
	c->sock = fd_close(c->sock);
	child_kill(c);
}

void
child_serve(struct monitor *m, struct child *c)
{
	struct call call = { m, c };
	struct msg msg;
	int r;

	for (int i = 0; i < 64 && c->sock >= 0; i++) {
		r = msg_recv(c->sock, &msg);
		if (r == -EAGAIN)
			return;
		if (r == 0) {
			hung_up(c);
			return;
		}
		if (r < 0) {
			child_end(m, c, "role.bad", "sent what is no message");
			return;
		}
		r = msg_dispatch(rules, sizeof(rules) / sizeof(rules[0]),
		    (unsigned)c->role, &call, &msg);
		msg_done(&msg);
		if (r < 0) {
			child_end(m, c, "role.bad",
			    "sent what it must not (%#x: %s)", msg.hdr.type,
			    strerror(-r));
			return;
		}
	}
	/* after the last turn epoll speaks again */
}
