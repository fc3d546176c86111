/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The roles as processes: started, watched, ended, started again.  A role
 * whose peer is gone ends by itself, so the rule is simple: a front or an
 * executor that dies is started again alone; without broker or auditor
 * nothing can be decided or recorded, so then all end and start anew.
 */
#include "monitor.h"
#include "../common/fd.h"
#include "../common/message.h"
#include "../common/role.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/wait.h>
#include <syslog.h>
#include <unistd.h>

#define DELAY_FIRST_MS 10U
#define DELAY_MAX_MS   1000U
#define DELAY_IMAGER_MS 5000U
/* What an auditor gets to write its last records. */
#define AUDITOR_LAST_MS 500U
/* Two roles that speak against the broker within so long; and what it gets to
 * end by itself meanwhile. */
#define ACCUSED_US (60U * 1000000U)
#define JUDGE_MS   200U
/* For so long it may be that all of us were, and go on. */
#define STOPPED_MS 100
/* A role that lived this long has done well: its delay starts afresh. */
#define LIVED_US (10U * 1000000U)

void
child_init(struct child *c, enum role role, uint32_t index)
{
	*c = (struct child){ .role = role, .index = index, .pid = -1,
		.sock = -1, .wanted = true };
}

void
children_init(struct monitor *m)
{
	child_init(&m->auditor, ROLE_AUDITOR, 0);
	child_init(&m->broker, ROLE_BROKER, 0);
	child_init(&m->imager, ROLE_IMAGER, 0);
	child_init(&m->status, ROLE_STATUS, 0);
	selftest_init(m);
	m->status.wanted = m->cl->stats;
	for (uint32_t i = 0; i < FRONTS; i++)
		child_init(&m->fronts[i], ROLE_FRONT, i);
	for (uint32_t i = 0; i < LIMIT_SLOTS; i++)
		child_init(&m->slots[i], ROLE_EXECUTOR, i);
	children_resize(m);
}

/* A slot that is no longer wanted ends when the broker has closed it, after
 * its job: it does not become another one's. */
void
children_resize(struct monitor *m)
{
	for (uint32_t i = 0; i < LIMIT_SLOTS; i++)
		m->slots[i].wanted = i < m->cl->jobs;
	if (m->nslots < m->cl->jobs)
		m->nslots = m->cl->jobs;
}

/* Call @fn for every child; stops at the first for which it is true. */
static struct child *
find_child(struct monitor *m, bool (*fn)(const struct child *, const void *),
    const void *arg)
{
	struct child *one[] = { &m->auditor, &m->broker, &m->imager,
		&m->status };

	for (int i = 0; i < 4; i++)
		if (fn(one[i], arg))
			return one[i];
	for (int i = 0; i < FRONTS; i++)
		if (fn(&m->fronts[i], arg))
			return &m->fronts[i];
	for (int i = 0; i < ST_COUNT; i++)
		if (fn(&m->selftest[i], arg))
			return &m->selftest[i];
	for (unsigned i = 0; i < m->nslots; i++)
		if (fn(&m->slots[i], arg))
			return &m->slots[i];
	return NULL;
}

static bool
has_pid(const struct child *c, const void *arg)
{
	return c->pid == *(const pid_t *)arg;
}

static bool
lives_on_broker(const struct child *c, const void *arg)
{
	(void)arg;
	return c->pid > 0 && c->role != ROLE_IMAGER;
}

/* In the child: descriptors 3, 4, … and nothing else, no environment. */
static void
exec_child(const char *path, const char *const argv[], const int *fds,
    unsigned nfds)
{
	static char *const env[] = { NULL };
	sigset_t none;
	int high[4];

	for (unsigned i = 0; i < nfds; i++) {
		high[i] = fcntl(fds[i], F_DUPFD_CLOEXEC, 64);
		if (high[i] < 0)
			_exit(ROLE_EXIT_SYSTEM);
	}
	for (unsigned i = 0; i < nfds; i++)
		if (dup2(high[i], (int)(3 + i)) < 0)
			_exit(ROLE_EXIT_SYSTEM);
	(void)close_range(3 + nfds, ~0U, 0);
	sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
	execve(path, (char *const *)(uintptr_t)argv, env);
	dprintf(STDERR_FILENO, "immured: cannot start %s: %s\n", path,
	    strerror(errno));
	_exit(ROLE_EXIT_SYSTEM);
}

int
child_exec(struct monitor *m, struct child *c, const char *name,
    const char *const argv[], const int *fds, unsigned nfds)
{
	struct epoll_event ev = { .events = EPOLLIN, .data.ptr = c };
	char path[4096];
	int all[4], sv[2], r;

	snprintf(path, sizeof(path), "%s/%s", m->libexec, name);
	r = msg_pair(sv);
	if (r < 0)
		return r;
	all[0] = sv[1];
	for (unsigned i = 0; i < nfds && i < 3; i++)
		all[i + 1] = fds[i];
	c->pid = fork();
	if (c->pid == 0)
		exec_child(path, argv, all, nfds + 1);
	(void)close(sv[1]);
	if (c->pid < 0) {
		r = -errno;
		(void)close(sv[0]);
		return r;
	}
	if (c->role != ROLE_IMAGER)
		msg_refuse_fds(sv[0]);
	c->sock = sv[0];
	c->state = CHILD_STARTED;
	c->unread_us = 0;
	c->condemned = false;
	c->started_us = now_us();
	if (epoll_ctl(m->epoll_fd, EPOLL_CTL_ADD, c->sock, &ev) < 0)
		return -errno;
	return 0;
}

void
child_kill(struct child *c)
{
	if (c->pid > 0)
		(void)kill(c->pid, SIGKILL);
}

void
child_end(struct monitor *m, struct child *c, const char *word,
    const char *fmt, ...)
{
	char text[256];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	/* First: what is said of the auditor waits for the next one. */
	c->sock = fd_close(c->sock);
	c->condemned = true;
	child_kill(c);
	monitor_log(m, LOG_CRIT, NULL, word, "%s %u %s; ended",
	    role_name(c->role), c->index, text);
}

static bool
may_start(const struct monitor *m, const struct child *c)
{
	if (!c->wanted || c->pid > 0 || m->stopping || m->collapsing ||
	    now_us() < c->start_us)
		return false;
	switch (c->role) {
	case ROLE_AUDITOR:
		return true;
	case ROLE_IMAGER:
		return m->auditor.state == CHILD_READY;
	case ROLE_BROKER:
		return m->auditor.state == CHILD_READY && m->generation > 0;
	case ROLE_EXECUTOR:
		return m->broker.state == CHILD_READY && m->generation > 0;
	case ROLE_FRONT:
	case ROLE_STATUS:
		return m->broker.state == CHILD_READY;
	case ROLE_MONITOR:
	case ROLE_COUNT:
	default:
		return false;
	}
}

static void
start_one(struct monitor *m, struct child *c)
{
	int r;

	if (!may_start(m, c))
		return;
	r = start_role(m, c);
	if (r < 0) {
		monitor_log(m, LOG_ERR, NULL, "role.start",
		    "cannot start %s %u: %s", role_name(c->role), c->index,
		    strerror(-r));
		child_kill(c);
		c->start_us = now_us() + DELAY_MAX_MS * 1000U;
	}
}

void
children_start_due(struct monitor *m)
{
	start_one(m, &m->auditor);
	start_one(m, &m->imager);
	start_one(m, &m->broker);
	start_one(m, &m->status);
	for (int i = 0; i < FRONTS; i++)
		start_one(m, &m->fronts[i]);
	for (unsigned i = 0; i < m->nslots; i++)
		start_one(m, &m->slots[i]);
}

static int
due_ms(const struct monitor *m, const struct child *c, int best)
{
	uint64_t now = now_us();
	int ms;

	if (c->pid > 0 && c->stopped_us != 0)
		return best < 0 || best > STOPPED_MS ? STOPPED_MS : best;
	if (!c->wanted || c->pid > 0 || c->start_us <= now || m->stopping)
		return best;
	ms = (int)((c->start_us - now) / 1000 + 1);
	return best < 0 || ms < best ? ms : best;
}

/* Who says that the broker broke the rules.  One alone may be the liar; two that
 * say the same of one broker are believed. */
static struct {
	const struct child *by; /* borrowed; NULL = nobody yet */
	uint64_t broker_us, us; /* when that broker started; when it was said */
	bool both;
} accused;

static bool
accuses_broker(const struct monitor *m, const struct child *c, int status)
{
	if (m->stopping || m->collapsing || c->condemned ||
	    !WIFEXITED(status))
		return false;
	return WEXITSTATUS(status) == ROLE_EXIT_BROKER ||
	    (c->role == ROLE_FRONT && WEXITSTATUS(status) == ROLE_EXIT_OK);
}

static void
broker_accused(struct monitor *m, const struct child *c)
{
	uint64_t now = now_us();

	if (accused.by == NULL || accused.broker_us != m->broker.started_us ||
	    now - accused.us > ACCUSED_US) {
		accused.by = c;
		accused.broker_us = m->broker.started_us;
		accused.both = false;
	} else if (accused.by != c) {
		accused.both = true;
	}
	accused.us = now;
}

/* Not at once: that it has hung up on its fronts may be its own end. */
static void
judge_broker(struct monitor *m)
{
	if (!accused.both || now_us() - accused.us < JUDGE_MS * 1000U)
		return;
	accused.both = false;
	accused.by = NULL;
	if (m->broker.pid > 0 && m->broker.started_us == accused.broker_us &&
	    !m->collapsing)
		child_end(m, &m->broker, "role.bad",
		    "hung up on two roles, or sent them what it must not");
}

int
children_next_ms(const struct monitor *m)
{
	int best = m->collapsing ? (int)AUDITOR_LAST_MS :
	    accused.both	 ? (int)JUDGE_MS :
				   -1;

	best = due_ms(m, &m->auditor, best);
	best = due_ms(m, &m->broker, best);
	best = due_ms(m, &m->imager, best);
	best = due_ms(m, &m->status, best);
	for (int i = 0; i < FRONTS; i++)
		best = due_ms(m, &m->fronts[i], best);
	for (unsigned i = 0; i < m->nslots; i++)
		best = due_ms(m, &m->slots[i], best);
	return best;
}

static void
set_delay(struct child *c, bool orderly)
{
	uint64_t now = now_us();

	if (orderly || now - c->started_us > LIVED_US)
		c->delay_ms = 0;
	else if (c->delay_ms == 0)
		c->delay_ms = DELAY_FIRST_MS;
	else if (c->delay_ms < DELAY_MAX_MS)
		c->delay_ms *= 2;
	if (c->role == ROLE_IMAGER && !orderly)
		c->delay_ms = DELAY_IMAGER_MS;
	c->start_us = now + c->delay_ms * 1000U;
}

static void
log_end(struct monitor *m, const struct child *c, int status, bool orderly)
{
	if (orderly || m->stopping)
		return;
	if (WIFSIGNALED(status))
		monitor_log(m, LOG_ERR, NULL, "role.died",
		    "%s %u was killed by signal %d (%s); starting it again",
		    role_name(c->role), c->index, WTERMSIG(status),
		    strsignal(WTERMSIG(status)));
	else
		monitor_log(m, LOG_ERR, NULL, "role.died",
		    "%s %u exited with %d; starting it again",
		    role_name(c->role), c->index, WEXITSTATUS(status));
}

static void
collapse(struct monitor *m)
{
	if (m->collapsing || m->stopping)
		return;
	m->collapsing = true;
	m->collapse_us = now_us();
	for (int i = 0; i < FRONTS; i++)
		child_kill(&m->fronts[i]);
	for (unsigned i = 0; i < m->nslots; i++)
		child_kill(&m->slots[i]);
	child_kill(&m->broker);
	child_kill(&m->status);
	selftest_end(m);
	/* Without peers it writes what it still has, and ends. */
	m->auditor.sock = fd_close(m->auditor.sock);
}

/* An auditor that does not end by itself must not hold up the others. */
static bool
collapse_is_late(const struct monitor *m)
{
	return m->collapsing && m->auditor.pid > 0 &&
	    now_us() - m->collapse_us > AUDITOR_LAST_MS * 1000U;
}

/* It ended because it was to, a slot that its last job has spoilt included: it
 * has said so itself, and nobody waits for what one client did. */
static bool
is_orderly(const struct child *c, int status)
{
	if (!WIFEXITED(status))
		return false;
	return WEXITSTATUS(status) == ROLE_EXIT_OK ||
	    (WEXITSTATUS(status) == ROLE_EXIT_REBUILD &&
	        c->role == ROLE_EXECUTOR);
}

static void
child_ended(struct monitor *m, struct child *c, int status)
{
	bool orderly = is_orderly(c, status);
	enum child_state was = c->state;

	c->pid = -1;
	c->sock = fd_close(c->sock);
	c->state = CHILD_NONE;
	c->stopped_us = 0;
	if (selftest_has(m, c)) {
		selftest_child_ended(m, c);
		return;
	}
	log_end(m, c, status, orderly || m->collapsing);
	/* A front ends in order when the broker hangs up, which one that is
	 * taken over may do as often as there are fronts. */
	set_delay(c, orderly && was == CHILD_READY && c->role != ROLE_FRONT);
	if (accuses_broker(m, c, status))
		broker_accused(m, c);
	if (c->role == ROLE_FRONT)
		clients_front_died(m, c->index,
		    was == CHILD_READY && !orderly && !m->collapsing);
	if (c->role == ROLE_BROKER || c->role == ROLE_AUDITOR)
		collapse(m);
	if (c->role == ROLE_IMAGER)
		images_abandon(m, c->generation);
	if (c->role == ROLE_IMAGER && m->generation == 0 && !m->image_bad)
		c->wanted = false; /* immured.c gives up */
}

/* One that has stopped itself would keep everybody waiting.  A terminal stops
 * us all together (SIGTSTP), and lets us go on; a service manager does so with
 * SIGSTOP, and when it lets us go on, the others do a moment later. */
static void
child_stopped(struct child *c, int status)
{
	if (WIFCONTINUED(status))
		c->stopped_us = 0;
	else if (WSTOPSIG(status) == SIGSTOP && c->stopped_us == 0)
		c->stopped_us = now_us();
}

static bool
stays_stopped(const struct child *c, const void *now)
{
	return c->pid > 0 && c->stopped_us != 0 &&
	    *(const uint64_t *)now - c->stopped_us > STOPPED_MS * 1000U;
}

static void
end_stopped(struct monitor *m)
{
	const uint64_t now = now_us();
	struct child *c;

	while ((c = find_child(m, stays_stopped, &now)) != NULL) {
		c->stopped_us = 0;
		child_end(m, c, "role.stopped", "was stopped (SIGSTOP)");
	}
}

void
children_reap(struct monitor *m)
{
	struct child *c;
	int status;
	pid_t pid;

	/* Others than ours are orphans that came to us as their subreaper. */
	while ((pid = waitpid(-1, &status, WNOHANG | WUNTRACED |
	    WCONTINUED)) > 0) {
		c = find_child(m, has_pid, &pid);
		if (c != NULL && (WIFSTOPPED(status) || WIFCONTINUED(status)))
			child_stopped(c, status);
		else if (c != NULL)
			child_ended(m, c, status);
	}
	end_stopped(m);
	if (collapse_is_late(m))
		child_kill(&m->auditor);
	if (m->collapsing && find_child(m, lives_on_broker, NULL) == NULL)
		m->collapsing = false;
	judge_broker(m);
	images_collect(m);
}

static bool
kill_it(const struct child *c, const void *arg)
{
	(void)arg;
	if (c->pid > 0)
		(void)kill(c->pid, SIGKILL);
	return false;
}

void
children_kill(struct monitor *m)
{
	int status;

	(void)find_child(m, kill_it, NULL);
	/* Until the last orphan is gone too: what a killed executor leaves
	 * dies by its parent-death signal. */
	while (waitpid(-1, &status, 0) > 0 || errno == EINTR)
		;
}

bool
children_all_ready(const struct monitor *m)
{
	bool slot = false;

	for (unsigned i = 0; i < m->nslots && !slot; i++)
		slot = m->slots[i].state == CHILD_READY;
	for (int i = 0; i < FRONTS; i++)
		if (m->fronts[i].state != CHILD_READY)
			return false;
	return slot && m->broker.state == CHILD_READY;
}
