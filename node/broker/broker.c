/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * immure-broker: the role that decides.  It reads the heads of requests and
 * the table of toolchains, picks a compiler, judges the options, writes the
 * plan, gives out slots, refuses, and records.  It opens no file and touches
 * no body but to digest it.  Fronts and executors are trusted with nothing
 * beyond their own messages: a wrong one is reported to the monitor
 * (IMSG_PEER_BAD), which ends the sender.
 */
#include "broker.h"
#include "../common/fd.h"
#include "../common/limits.h"
#include "../common/memfd.h"
#include "../common/message.h"
#include "../common/role.h"
#include "../toolchain/choose.h"
#include "job_done.h"
#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>
#include <node/common/by_hand.h>

/* What a peer gets to end when it is hung up on. */
#define HUNG_US (3U * 1000000U)
/* check_peers() looks once a second. */
#define GAP_US (5U * 1000000U)
/* What the auditor gets to take the last records. */
#define STOP_MS 150
/* How often records that wait are offered again. */
#define RECORDS_AGAIN_MS 10

#define ROWS(t) (sizeof(t) / sizeof((t)[0]))

extern const struct filter filter_broker;

static struct broker broker;
static enum tag_kind monitor_tag = TAG_MONITOR;

static void
watch(struct broker *b, int fd, void *tag)
{
	struct epoll_event ev = { .events = EPOLLIN, .data.ptr = tag };

	if (epoll_ctl(b->epoll_fd, EPOLL_CTL_ADD, fd, &ev) < 0)
		role_die(ROLE_EXIT_SYSTEM, "broker.epoll", "epoll_ctl: %s",
		    strerror(errno));
}

void
blame(enum role role, uint32_t index, uint64_t generation, uint64_t serial)
{
	struct imsg_peer p = { .role = (uint32_t)role, .index = index,
		.generation = generation, .serial = serial };

	(void)msg_send(ROLE_FD_MONITOR, IMSG_PEER_BAD, 0, &p, sizeof(p), NULL,
	    0);
}

/* -- monitor -- */

static int
add_front(struct broker *b, const struct imsg_peer *p, int sock)
{
	struct front_peer *fp;

	if (p->index >= FRONTS_MAX)
		return -EPROTO;
	fp = &b->fronts[p->index];
	*fp = (struct front_peer){ .kind = TAG_FRONT, .sock = sock,
		.index = p->index, .serial = p->serial };
	watch(b, sock, fp);
	return 0;
}

static void hear_slot(struct broker *b, struct slot *s);

static int
add_slot(struct broker *b, const struct imsg_peer *p, int sock)
{
	struct slot *s;

	if (p->index >= SLOTS_MAX)
		return -EPROTO;
	s = &b->slots[p->index];
	if (s->sock >= 0) { /* the monitor knows of its end before we do */
		hear_slot(b, s);
		slot_close(b, s);
	}
	*s = (struct slot){ .kind = TAG_SLOT, .sock = sock,
		.index = p->index, .generation = p->generation,
		.serial = p->serial };
	watch(b, sock, s);
	return 0;
}

static void front_close(struct broker *b, struct front_peer *fp);

static int
on_peer(void *ctx, struct msg *m)
{
	const struct imsg_peer *p = (const void *)m->body;
	struct broker *b = ctx;
	int sock = msg_take_fd(m, 0);

	switch (p->role) {
	case ROLE_FRONT:
		if (p->index < FRONTS_MAX && b->fronts[p->index].sock >= 0)
			front_close(b, &b->fronts[p->index]);
		return add_front(b, p, sock);
	case ROLE_EXECUTOR:
		return add_slot(b, p, sock);
	case ROLE_AUDITOR:
		if (b->auditor >= 0)
			return -EPROTO;
		b->auditor = sock;
		msg_refuse_fds(sock);
		return 0;
	case ROLE_STATUS:
		(void)fd_close(b->status);
		b->status = sock;
		b->status_us = 0; /* a new one knows nothing yet */
		return 0;
	default:
		return -EPROTO;
	}
}

static int
load_table(struct image *img, int fd, const struct imsg_image *im, uid_t uid)
{
	ssize_t n;

	img->generation = im->generation;
	if (im->table_len > 16 * MIB ||
	    memfd_check(fd, im->table_len, uid) != MEMFD_OK)
		return -EPROTO;
	img->buf = malloc(im->table_len);
	if (img->buf == NULL)
		return -ENOMEM;
	n = pread(fd, img->buf, im->table_len, 0);
	if (n < 0 || (uint64_t)n != im->table_len)
		return -EIO;
	return table_parse(&img->table, img->buf, im->table_len);
}

/* Aliases that lead nowhere are told, once for each set of toolchains. */
static void
check_aliases(struct broker *b)
{
	struct chosen c;

	for (unsigned i = 0; b->image.buf != NULL && i < b->aliases.n; i++) {
		const struct alias *a = &b->aliases.v[i];
		enum choice why = choose_alias(&b->image.table, a, &c);

		if (why != CHOICE_READY)
			record_event(b, LOG_WARNING, "alias.useless",
			    "[alias] %s = %s: %s: jobs that ask for it are "
			    "refused; see `immure toolchains`", a->name,
			    a->target, choice_word(why));
	}
}

/* New images: slots of the old ones take no more jobs; those that are idle
 * are closed now, the others when their job ends. */
static int
on_image(void *ctx, struct msg *m)
{
	struct broker *b = ctx;
	struct image img = { 0 };
	int r;

	r = load_table(&img, m->fds[0], (const void *)m->body, b->imager_uid);
	if (r < 0)
		free(img.buf);
	if (r == -EPROTO) { /* the monitor does not look into it */
		blame(ROLE_IMAGER, 0, img.generation, 0);
		return 0;
	}
	if (r < 0)
		return r;
	free(b->image.buf);
	b->image = img;
	check_aliases(b);
	for (int i = 0; i < SLOTS_MAX; i++)
		slot_retire(b, &b->slots[i]);
	return 0;
}

static int
on_alias(void *ctx, struct msg *m)
{
	struct broker *b = ctx;
	int r = aliases_take(&b->aliases_new, (const void *)m->body);

	if (r > 0) {
		b->aliases = b->aliases_new;
		check_aliases(b);
	}
	return r < 0 ? r : 0;
}

static int
on_drain(void *ctx, struct msg *m)
{
	struct broker *b = ctx;

	(void)m;
	b->draining = true;
	(void)refuse_held(b, true);
	dispatch_refuse(b, "node.drain");
	return 0;
}

static void
set_limits(struct broker *b, const struct limits *l)
{
	b->limits = *l;
	memory_limits(&b->memory, l->memory, l->job_memory);
	budget_limits(&b->budget, l->budget, l->client_budget, l->site_budget);
	b->budget.slow_ms = l->slow_ms;
}

static int
on_settings(void *ctx, struct msg *m)
{
	const struct imsg_settings *s = (const void *)m->body;
	struct broker *b = ctx;

	if (!limits_are_valid(&s->limits))
		return -EPROTO;
	if (s->again == 0)
		record_counts(b); /* until here they were those of before */
	set_limits(b, &s->limits);
	b->wall_ms = s->job_ms; /* of jobs that start from now on */
	b->wait_ms = s->wait_ms;
	b->slot_jobs = s->slot_jobs;
	b->nslots = s->slots;
	b->selftest = s->selftest != 0;
	for (uint32_t i = 0; i < SLOTS_MAX; i++)
		slot_retire(b, &b->slots[i]);
	return 0;
}

static int
on_meminfo(void *ctx, struct msg *m)
{
	struct broker *b = ctx;

	(void)fd_close(b->brake.fd);
	b->brake = (struct brake){ .fd = msg_take_fd(m, 0) };
	return 0;
}

static const struct msg_rule monitor_rules[] = {
	{ IMSG_PEER, MSG_ANY_STATE, sizeof(struct imsg_peer), 1, on_peer },
	{ IMSG_IMAGE, MSG_ANY_STATE, sizeof(struct imsg_image), 1, on_image },
	{ IMSG_ALIAS, MSG_ANY_STATE, sizeof(struct alias_message), 0,
	    on_alias },
	{ IMSG_DRAIN, MSG_ANY_STATE, 0, 0, on_drain },
	{ IMSG_SETTINGS, MSG_ANY_STATE, sizeof(struct imsg_settings), 0,
	    on_settings },
	{ IMSG_MEMINFO, MSG_ANY_STATE, 0, 1, on_meminfo },
};

static void
serve_monitor(struct broker *b)
{
	struct msg m;
	int r;

	while ((r = msg_recv(ROLE_FD_MONITOR, &m)) > 0) {
		r = msg_dispatch(monitor_rules, ROWS(monitor_rules), 0, b,
		    &m);
		msg_done(&m);
		if (r < 0)
			role_die(ROLE_EXIT_PROTOCOL, "broker.monitor",
			    "message %#x of the monitor: %s", m.hdr.type,
			    strerror(-r));
	}
	if (r != -EAGAIN) {
		jobs_stop(b);
		record_counts(b);
		record_flush(b, STOP_MS); /* nobody waits for us any more */
		_exit(ROLE_EXIT_OK);
	}
	dispatch(b);
}

/* -- fronts -- */

struct front_call {
	struct broker *b;
	struct front_peer *fp;
};

static int
on_reserve(void *ctx, struct msg *m)
{
	const struct imsg_reserve *req = (const void *)m->body;
	struct front_call *c = ctx;
	struct imsg_reserve a = { .bytes = 0 };

	a.bytes = reserve(c->b, c->fp, m->hdr.job, &req->peer, req->bytes);
	return front_tell(c->b, c->fp, IMSG_RESERVED, m->hdr.job, &a,
	    sizeof(a), NULL) == -EPROTO ? -EPROTO : 0;
}

static int
on_job_request(void *ctx, struct msg *m)
{
	struct front_call *c = ctx;

	return job_request(c->b, c->fp, m);
}

static int
on_conn_over(void *ctx, struct msg *m)
{
	const struct imsg_conn_over *over = (const void *)m->body;
	struct front_call *c = ctx;
	struct job *j = job_find(c->b, c->fp, m->hdr.job);

	budget_release(&c->b->budget, BUDGET_OWNER(c->fp->index, m->hdr.job));
	stats_conn(&c->b->stats, over->reason, j != NULL ||
	    over->where == WHERE_JOB || over->where == WHERE_REPLY);
	if (j != NULL)
		job_over(c->b, j, false);
	else
		record_conn(c->b, over);
	return 0;
}

static const struct msg_rule front_rules[] = {
	{ IMSG_RESERVE, MSG_ANY_STATE, sizeof(struct imsg_reserve), 0,
	    on_reserve },
	{ IMSG_JOB_REQUEST, MSG_ANY_STATE, sizeof(struct imsg_job_request), 2,
	    on_job_request },
	{ IMSG_CONN_OVER, MSG_ANY_STATE, sizeof(struct imsg_conn_over), 0,
	    on_conn_over },
};

static void
front_close(struct broker *b, struct front_peer *fp)
{
	struct job *j, *next;

	fp->sock = fd_close(fp->sock);
	fp->hung_us = now_us();
	front_forget(fp);
	/* They were accepted, and no front says that they ended. */
	b->stats.sum.accepted += budget_release_front(&b->budget, fp->index);
	for (j = b->jobs; j != NULL; j = next) {
		next = j->next;
		if (j->front == fp)
			job_over(b, j, true);
	}
}

static void
serve_front(struct broker *b, struct front_peer *fp, uint32_t events)
{
	struct front_call c = { b, fp };
	struct msg m;
	int r;

	if (fp->sock >= 0 && (events & EPOLLOUT) != 0)
		front_flush(b, fp);
	/* A bounded number of messages a turn: one front cannot starve the
	 * others. */
	for (int i = 0; i < 64 && fp->sock >= 0; i++) {
		r = msg_recv(fp->sock, &m);
		if (r == -EAGAIN)
			return;
		if (r > 0) {
			r = msg_dispatch(front_rules, 3, 0, &c, &m);
			msg_done(&m);
			if (r == 0)
				continue;
		}
		if (r < 0) {
			record_event(b, LOG_CRIT, "front.bad",
			    "front %u sent what it must not (%s); ended",
			    fp->index, strerror(-r));
			blame(ROLE_FRONT, fp->index, 0, fp->serial);
		}
		front_close(b, fp);
		return;
	}
}

/* -- executors -- */

struct slot_call {
	struct broker *b;
	struct slot *s;
};

static int
on_slot_ready(void *ctx, struct msg *m)
{
	const struct imsg_slot *is = (const void *)m->body;
	struct slot_call *c = ctx;

	if (c->s->ready || is->slot != c->s->index ||
	    is->generation != c->s->generation)
		return -EPROTO;
	c->s->ready = true;
	c->b->slots_gone_us = 0;
	return 0;
}

static int
on_job_taken(void *ctx, struct msg *m)
{
	struct slot_call *c = ctx;
	struct job *j = c->s->job;

	if (j == NULL || j->taken || m->hdr.job != j->conn)
		return -EPROTO;
	j->taken = true;
	if (j->state == JOB_RUNNING)
		c->s->due_us = now_us() + c->b->wall_ms * 1000ULL +
		    LIMIT_DONE_LATE_US;
	return 0;
}

static int
on_job_done(void *ctx, struct msg *m)
{
	const struct imsg_job_done *d = (const void *)m->body;
	struct slot_call *c = ctx;
	uint64_t size;

	if (c->s->job == NULL || m->hdr.job != c->s->job->conn ||
	    job_done_check(d, &size) != 0 ||
	    memfd_check(m->fds[0], size, c->b->executor_uid) != MEMFD_OK)
		return -EPROTO;
	job_ended(c->b, c->s, d, msg_take_fd(m, 0));
	/* Before anything is dispatched: nobody reads that socket any more. */
	if (d->last != 0)
		slot_close(c->b, c->s);
	return 0;
}

static const struct msg_rule slot_rules[] = {
	{ IMSG_SLOT_READY, MSG_ANY_STATE, sizeof(struct imsg_slot), 0,
	    on_slot_ready },
	{ IMSG_JOB_TAKEN, MSG_ANY_STATE, 0, 0, on_job_taken },
	{ IMSG_JOB_DONE, MSG_ANY_STATE, sizeof(struct imsg_job_done), 1,
	    on_job_done },
};

/* All that it has said, and that it is gone. */
static void
hear_slot(struct broker *b, struct slot *s)
{
	struct slot_call c = { b, s };
	struct msg m;
	int r = -EAGAIN;

	while (s->sock >= 0 && (r = msg_recv(s->sock, &m)) > 0) {
		r = msg_dispatch(slot_rules, ROWS(slot_rules), 0, &c, &m);
		msg_done(&m);
		if (r < 0)
			break;
	}
	if (s->sock < 0 || r == -EAGAIN)
		return;
	if (r < 0) {
		record_event(b, LOG_CRIT, "executor.bad",
		    "the executor of slot %u sent what it must not (%s); ended",
		    s->index, strerror(-r));
		blame(ROLE_EXECUTOR, s->index, s->generation, s->serial);
	}
	slot_close(b, s);
}

static void
serve_slot(struct broker *b, struct slot *s)
{
	hear_slot(b, s);
	slot_retire(b, s);
	dispatch(b);
}

/* -- peers that do not do what they must -- */

/* It ends when it is hung up on, or it is ended. */
static void
check_hung(uint64_t *hung_us, enum role role, uint32_t index, uint64_t serial,
    uint64_t now)
{
	if (*hung_us == 0 || now - *hung_us < HUNG_US)
		return;
	*hung_us = 0;
	blame(role, index, 0, serial);
}

/* Its own deadlines have passed long ago. */
static void
check_due(struct broker *b, struct slot *s, uint64_t now)
{
	if (s->sock < 0 || s->job == NULL || now < s->due_us)
		return;
	record_event(b, LOG_CRIT, "executor.bad",
	    "the executor of slot %u says nothing of its job; ended",
	    s->index);
	blame(ROLE_EXECUTOR, s->index, s->generation, s->serial);
	slot_close(b, s);
}

/* For @us nobody can have done anything: what came due then is not. */
static void
put_off(struct broker *b, uint64_t us, uint64_t now)
{
	for (uint32_t i = 0; i < FRONTS_MAX; i++)
		if (b->fronts[i].hung_us != 0 && b->fronts[i].hung_us + us <= now)
			b->fronts[i].hung_us += us;
	for (uint32_t i = 0; i < SLOTS_MAX; i++) {
		if (b->slots[i].due_us <= now)
			b->slots[i].due_us += us;
		if (b->slots[i].hung_us != 0 && b->slots[i].hung_us + us <= now)
			b->slots[i].hung_us += us;
	}
}

static void
check_peers(struct broker *b)
{
	static uint64_t last_us;
	uint64_t now = now_us(), gap;

	if (now - last_us < 1000000U)
		return;
	gap = last_us == 0 ? 0 : now - last_us;
	last_us = now;
	/* We were stopped, or the machine was, and so were they. */
	if (gap > GAP_US)
		put_off(b, gap, now);
	for (uint32_t i = 0; i < FRONTS_MAX; i++)
		check_hung(&b->fronts[i].hung_us, ROLE_FRONT, i,
		    b->fronts[i].serial, now);
	for (uint32_t i = 0; i < SLOTS_MAX; i++) {
		check_hung(&b->slots[i].hung_us, ROLE_EXECUTOR, i,
		    b->slots[i].serial, now);
		check_due(b, &b->slots[i], now);
	}
}

static bool
any_hung(const struct broker *b)
{
	for (int i = 0; i < FRONTS_MAX; i++)
		if (b->fronts[i].hung_us != 0)
			return true;
	for (int i = 0; i < SLOTS_MAX; i++)
		if (b->slots[i].hung_us != 0)
			return true;
	return false;
}

/* ms until @us; -1 = never */
static int
ms_until(uint64_t us)
{
	uint64_t now = now_us();

	if (us == UINT64_MAX)
		return -1;
	return us <= now ? 0 : (int)((us - now) / 1000 + 1);
}

static int
sooner(int a, int b)
{
	return a < 0 || (b >= 0 && b < a) ? b : a;
}

static void
round_of_events(struct broker *b)
{
	uint64_t let_go = b->njobs > 0 ?
	    share_held_until(&b->share, now_us()) : UINT64_MAX;
	struct epoll_event ev[64];
	enum tag_kind *tag;
	int n, held = refuse_held(b, false), timeout;

	timeout = record_lost(b) || b->njobs > 0 || b->status >= 0 ? 1000 : -1;
	if (any_hung(b))
		timeout = 1000;
	if (record_waits(b))
		timeout = RECORDS_AGAIN_MS;
	if (record_digest(b))
		timeout = 0;
	timeout = sooner(timeout, sooner(held, ms_until(let_go)));
	timeout = sooner(timeout, counts_next_ms(&b->counts, now_us()));
	n = epoll_wait(b->epoll_fd, ev, 64, timeout);
	for (int i = 0; i < n; i++) {
		tag = ev[i].data.ptr;
		if (*tag == TAG_MONITOR)
			serve_monitor(b);
		else if (*tag == TAG_FRONT)
			serve_front(b, (struct front_peer *)(void *)tag,
			    ev[i].events);
		else if (((struct slot *)(void *)tag)->sock >= 0)
			serve_slot(b, (struct slot *)(void *)tag);
	}
	record_flush(b, 0);
	check_peers(b);
	if (b->njobs > 0) {
		dispatch_expire(b);
		dispatch(b); /* what waited for memory behind one that is gone */
	}
	status_tell(b);
	if (counts_next_ms(&b->counts, now_us()) == 0)
		record_counts(b);
}

static void
init(struct broker *b)
{
	uint32_t gid;

	b->auditor = b->status = -1;
	for (int i = 0; i < FRONTS_MAX; i++)
		b->fronts[i].sock = -1;
	for (int i = 0; i < SLOTS_MAX; i++)
		b->slots[i].sock = -1;
	b->brake.fd = -1;
	set_limits(b, &limits_built_in); /* until it is told */
	role_ids(ROLE_FRONT, &b->front_uid, &gid);
	role_ids(ROLE_EXECUTOR, &b->executor_uid, &gid);
	role_ids(ROLE_IMAGER, &b->imager_uid, &gid);
}

int
main(int argc, char *argv[])
{
	const struct role_confinement c = { .role = ROLE_BROKER,
		.filter = &filter_broker, .last_fd = ROLE_FD_MONITOR,
		.nofile = 65536, .as_bytes = 64 * GIB, .landlock = -1 };
	struct broker *b = &broker;

	by_hand(argc, argv, "decides which job runs, and where");
	if (sodium_init() < 0)
		return ROLE_EXIT_SYSTEM;
	b->wall_ms = LIMIT_WALL_MS;
	b->wait_ms = LIMIT_SLOT_WAIT_MS;
	b->slot_jobs = LIMIT_SLOT_JOBS;
	init(b);
	role_confine(&c);
	b->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	if (b->epoll_fd < 0)
		role_die(ROLE_EXIT_SYSTEM, "broker.epoll", "epoll_create1: %s",
		    strerror(errno));
	watch(b, ROLE_FD_MONITOR, &monitor_tag);
	role_ready();
	for (;;)
		round_of_events(b);
}
