/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * immure-auditor: puts on record what the monitor and the broker report.
 *
 * It is told where to write by the monitor alone, as descriptors, and trusts
 * it; the broker is heard, not believed: what it says is checked for form,
 * escaped, and attributed to it.  A broker that sends anything else is taken
 * over: it is cut off, and that goes on record.  The auditor outlives the
 * broker, so that the last records before a crash are not lost with it, and
 * ends with the monitor.  It must never wait: not for a disk, a reader of a
 * pipe, syslog, or a peer's queue.
 */
#include "job_json.h"
#include "job_line.h"
#include "record.h"
#include "sink.h"

#include <node/common/by_hand.h>
#include <node/common/clock.h>
#include <node/common/fd.h>
#include <node/common/imsg.h>
#include <node/common/limits.h>
#include <node/common/message.h>
#include <node/common/role.h>
#include <node/common/selftest_mark.h>
#include <sandbox/filter.h>
#include <errno.h>
#include <jansson.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <syslog.h>
#include <time.h>

#define SINK_COUNT 4
/* The node's, and one of `immure selftest`. */
#define BROKERS 2
/* Messages taken from one peer before the other has its turn. */
#define TURN_MESSAGES 64
/* How often a sink that failed is tried again when nothing happens, in ms. */
#define RETRY_MS 2000

static const char *const sink_names[SINK_COUNT] = {
	[LOG_SINK_TEXT] = "text",
	[LOG_SINK_JSON] = "audit",
	[LOG_SINK_SYSLOG] = "system",
	[LOG_SINK_SELFTEST] = "selftest's",
};

extern const struct filter filter_auditor;

struct auditor {
	struct sink sinks[SINK_COUNT]; /* by enum log_sink */
	int brokers[BROKERS];	       /* owned; -1 between two of a kind */
	uint64_t serials[BROKERS];     /* the monitor's number for each */
	pid_t pid;
	uint64_t asked_us; /* when syslog's socket was last asked for */
};

/* The messages of one peer and whose they are. */
struct source {
	struct auditor *a;
	enum role role;
	bool selftest; /* what it tells was done on purpose */
};

static uint64_t
realtime_us(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_REALTIME, &ts);
	return (uint64_t)ts.tv_sec * 1000000U + (uint64_t)ts.tv_nsec / 1000U;
}

/* Into the form that @s takes; 0 or -errno. */
static int
format_event(
    const struct sink *s, struct line *l, const struct imsg_audit_event *e)
{
	if (s->kind == LOG_SINK_JSON)
		return event_json(l, e, realtime_us());
	event_line(l, e);
	return 0;
}

/* "N lines lost", once the sink takes lines again.  0 when nothing is owed. */
static int
report_loss(struct auditor *a, struct sink *s)
{
	static struct line l;
	struct imsg_audit_event e = { .level = LOG_ERR, .role = ROLE_AUDITOR };
	int r;

	if (s->lost == 0)
		return 0;
	(void)snprintf(e.word, sizeof(e.word), "audit.lost");
	(void)snprintf(e.text, sizeof(e.text), "%llu lines were lost here: %s",
	    (unsigned long long)s->lost, strerror(s->error));
	r = format_event(s, &l, &e);
	if (r < 0)
		return r;
	r = sink_write(s, &l, a->pid);
	if (r < 0)
		s->lost--; /* the report itself is not one of the lost lines */
	else
		s->lost = 0;
	return r;
}

static void
deliver(struct auditor *a, struct sink *s, const struct line *l)
{
	bool was_well = s->lost == 0;

	/* Its reader reads on, or has gone: nothing that anybody misses. */
	if (s == &a->sinks[LOG_SINK_SELFTEST]) {
		if (sink_write(s, l, a->pid) == -EPIPE)
			s->fd = fd_close(s->fd);
		s->lost = 0;
		return;
	}
	if (report_loss(a, s) < 0) {
		s->lost++;
		return;
	}
	if (sink_write(s, l, a->pid) < 0 && was_well)
		role_log(LOG_ERR, NULL, "audit.lost",
		    "cannot write to the %s log: %s",
		    sink_names[s - a->sinks],
		    strerror(s->error));
}

/* Whoever reads /dev/log was started again: it has another socket now. */
static bool
is_dead(const struct sink *s)
{
	return s->kind == LOG_SINK_SYSLOG && s->lost > 0 &&
	    (s->error == ECONNREFUSED || s->error == ENOTCONN ||
	    s->error == ECONNRESET || s->error == EPIPE);
}

/* Not more often than a sink is tried again: it may stay away. */
static void
ask_again(struct auditor *a)
{
	uint64_t now = now_us();

	if (!is_dead(&a->sinks[LOG_SINK_SYSLOG]) ||
	    now - a->asked_us < RETRY_MS * 1000U)
		return;
	a->asked_us = now;
	(void)msg_send(ROLE_FD_MONITOR, IMSG_LOG_AGAIN, 0, NULL, 0, NULL, 0);
}

/* A record that could not even be formatted counts as lost. */
static void
lose(struct sink *s, int error)
{
	s->lost++;
	s->error = -error;
}

static void
record_event(struct auditor *a, const struct imsg_audit_event *e)
{
	static struct line l;

	for (size_t i = 0; i < SINK_COUNT; i++) {
		struct sink *s = &a->sinks[i];
		int r;

		if (s->fd < 0 || (int)e->level > s->level ||
		    i == LOG_SINK_SELFTEST)
			continue;
		r = format_event(s, &l, e);
		if (r < 0)
			lose(s, r);
		else
			deliver(a, s, &l);
	}
}

static void
record_job(struct auditor *a, const struct imsg_audit_job *j)
{
	static struct line l;

	for (size_t i = 0; i < SINK_COUNT; i++) {
		struct sink *s = &a->sinks[i];
		int r = 0;

		if (s->fd < 0)
			continue;
		if (s->kind == LOG_SINK_JSON)
			r = job_json(&l, j, realtime_us());
		else
			job_line(&l, j);
		if (r < 0)
			lose(s, r);
		else if (l.level <= s->level)
			deliver(a, s, &l);
	}
}

static int
on_log_file(void *ctx, struct msg *m)
{
	struct source *src = ctx;
	struct imsg_log_file f;

	memcpy(&f, m->body, sizeof(f));
	if (f.sink >= SINK_COUNT || f.level > LOG_DEBUG || f.json > 1 ||
	    (f.json == 1 && f.sink != LOG_SINK_TEXT))
		return -EPROTO;
	/* --log-level is for people: the record holds every job whatever it
	 * says (promise 8). */
	if (f.sink == LOG_SINK_JSON && f.level < LOG_NOTICE)
		f.level = LOG_NOTICE;
	if (f.sink == LOG_SINK_SELFTEST)
		f.level = LOG_NOTICE; /* every job */
	sink_open(&src->a->sinks[f.sink], msg_take_fd(m, 0),
	    f.json != 0 || f.sink == LOG_SINK_SELFTEST ? LOG_SINK_JSON : (enum log_sink)f.sink,
	    (int)f.level);
	return 0;
}

static int
on_peer(void *ctx, struct msg *m)
{
	struct source *src = ctx;
	struct imsg_peer p;

	memcpy(&p, m->body, sizeof(p));
	if (p.role != ROLE_BROKER || p.index >= BROKERS)
		return -EPROTO;
	(void)fd_close(src->a->brokers[p.index]);
	src->a->brokers[p.index] = msg_take_fd(m, 0);
	src->a->serials[p.index] = p.serial;
	/* A broker has nothing to hand over (security-rules 13). */
	msg_refuse_fds(src->a->brokers[p.index]);
	return 0;
}

static int
on_job(void *ctx, struct msg *m)
{
	static struct imsg_audit_job j;
	struct source *src = ctx;

	memcpy(&j, m->body, sizeof(j));
	if (!record_check(&j))
		return -EPROTO;
	j.selftest = src->selftest;
	record_job(src->a, &j);
	return 0;
}

static int
on_event(void *ctx, struct msg *m)
{
	struct source *src = ctx;
	struct imsg_audit_event e;

	memcpy(&e, m->body, sizeof(e));
	if (!event_check(&e))
		return -EPROTO;
	/* The monitor knows from whose socket an event came; others speak for
	 * themselves alone. */
	if (src->role != ROLE_MONITOR)
		e.role = src->role;
	if (src->selftest)
		selftest_mark(&e);
	record_event(src->a, &e);
	return 0;
}

/* clang-format off */
static const struct msg_rule monitor_rules[] = {
	{ IMSG_LOG_FILE, MSG_ANY_STATE, sizeof(struct imsg_log_file), 1,
	    on_log_file },
	{ IMSG_PEER, MSG_ANY_STATE, sizeof(struct imsg_peer), 1, on_peer },
	{ IMSG_AUDIT_JOB, MSG_ANY_STATE, sizeof(struct imsg_audit_job), 0,
	    on_job },
	{ IMSG_AUDIT_EVENT, MSG_ANY_STATE, sizeof(struct imsg_audit_event), 0,
	    on_event },
};
static const struct msg_rule broker_rules[] = {
	{ IMSG_AUDIT_JOB, MSG_ANY_STATE, sizeof(struct imsg_audit_job), 0,
	    on_job },
	{ IMSG_AUDIT_EVENT, MSG_ANY_STATE, sizeof(struct imsg_audit_event), 0,
	    on_event },
};
/* clang-format on */

/*
 * Take what @sock holds, at most one turn.  1 = may go on, 0 = the peer has
 * closed, negative errno = it broke the rules.
 */
static int
take_turn(struct source *src, int sock, const struct msg_rule *rules, size_t n)
{
	static struct msg m;

	for (int i = 0; i < TURN_MESSAGES; i++) {
		int r = msg_recv(sock, &m);

		if (r == -EAGAIN)
			return 1;
		if (r <= 0)
			return r;
		r = msg_dispatch(rules, n, 0, src, &m);
		msg_done(&m);
		if (r < 0)
			return r;
	}
	return 1;
}

/* It would go on, with nobody who records what it does. */
static void
accuse_broker(const struct auditor *a, unsigned which)
{
	const struct imsg_peer p = { .role = ROLE_BROKER,
		.serial = a->serials[which] };

	(void)msg_send(ROLE_FD_MONITOR, IMSG_PEER_BAD, 0, &p, sizeof(p), NULL,
	    0);
}

static void
serve_broker(struct auditor *a, unsigned which)
{
	struct source src = { a, ROLE_BROKER, which > 0 };
	int sock = a->brokers[which];
	int r = take_turn(&src, sock, broker_rules,
	    sizeof(broker_rules) / sizeof(broker_rules[0]));

	if (r > 0)
		return;
	if (r < 0) {
		struct imsg_audit_event e = { .level = LOG_CRIT,
			.role = ROLE_AUDITOR };

		(void)snprintf(e.word, sizeof(e.word), "role.protocol");
		(void)snprintf(e.text, sizeof(e.text),
		    "the broker sent what it must not: %s; it is cut off",
		    strerror(-r));
		record_event(a, &e);
		accuse_broker(a, which);
	}
	a->brokers[which] = fd_close(a->brokers[which]);
}

static void
serve_monitor(struct auditor *a)
{
	struct source src = { a, ROLE_MONITOR, false };
	int r = take_turn(&src, ROLE_FD_MONITOR, monitor_rules,
	    sizeof(monitor_rules) / sizeof(monitor_rules[0]));

	if (r > 0)
		return;
	if (r < 0)
		role_die(ROLE_EXIT_PROTOCOL, "role.protocol",
		    "the monitor sent what it must not: %s", strerror(-r));
	/* The end: what the broker has sent already is still written, as far
	 * as a socket's queue reaches. */
	for (unsigned which = 0; which < BROKERS; which++)
		for (int i = 0; i < TURN_MESSAGES && a->brokers[which] >= 0;
		     i++)
			serve_broker(a, which);
	_exit(ROLE_EXIT_OK);
}

static bool
owes_reports(const struct auditor *a)
{
	for (size_t i = 0; i < SINK_COUNT; i++) {
		if (a->sinks[i].fd >= 0 && a->sinks[i].lost > 0)
			return true;
	}
	return false;
}

static void
serve_peers(struct auditor *a, const struct pollfd p[1 + BROKERS])
{
	/* The brokers first: a newer one may be announced by the monitor. */
	for (unsigned i = 0; i < BROKERS; i++)
		if (p[1 + i].revents != 0)
			serve_broker(a, i);
	if (p[0].revents != 0)
		serve_monitor(a);
}

static void
serve_once(struct auditor *a)
{
	struct pollfd p[1 + BROKERS] = {
		{ .fd = ROLE_FD_MONITOR, .events = POLLIN },
		{ .fd = a->brokers[0], .events = POLLIN },
		{ .fd = a->brokers[1], .events = POLLIN },
	};
	int n = poll(p, 1 + BROKERS, owes_reports(a) ? RETRY_MS : -1);

	if (n < 0 && errno != EINTR)
		role_die(ROLE_EXIT_SYSTEM, "auditor.poll", "poll: %s",
		    strerror(errno));
	if (n == 0) {
		for (size_t i = 0; i < SINK_COUNT; i++) {
			if (a->sinks[i].fd >= 0)
				(void)report_loss(a, &a->sinks[i]);
		}
	}
	if (n > 0)
		serve_peers(a, p);
	ask_again(a);
}

int
main(int argc, char *argv[])
{
	const struct role_confinement c = {
		.role = ROLE_AUDITOR,
		.filter = &filter_auditor,
		.last_fd = ROLE_FD_MONITOR,
		/* stdio, monitor, brokers, sinks, one message's descriptors,
		 * and those that are parked */
		.nofile = 4 + BROKERS + SINK_COUNT + MSG_FDS_MAX + FD_PARKED_MAX + 8,
		.as_bytes = 256 * MIB,
		.landlock = -1,
	};
	struct auditor a = { .brokers = { -1, -1 }, .pid = getpid() };

	by_hand(argc, argv, "writes the log and the audit file");
	for (size_t i = 0; i < SINK_COUNT; i++)
		a.sinks[i].fd = -1;
	/* Both open files, which the confined process cannot: /etc/localtime
	 * for syslog's dates, /dev/urandom for jansson's hash seed. */
	tzset();
	json_object_seed(0);
	role_confine(&c);
	/* A limit on file size is a write error like any other. */
	(void)signal(SIGXFSZ, SIG_IGN);
	role_ready();
	for (;;)
		serve_once(&a);
}
