/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Turns of clients; see share.h. */
#include "share.h"
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* Clients without a job that are remembered, for what they owe. */
#define IDLE_MAX 4096U

struct share_site {
	struct share_site *next;
	struct peer peer;    /* one of it */
	unsigned clients;    /* that point here */
	unsigned waiting;    /* of them, with a job that waits */
};

struct share_client {
	struct peer peer;
	struct share_site *site; /* NULL: it stands for itself */
	int64_t deficit_us;	 /* below zero: owed */
	uint64_t mean_us;	 /* cost of its last jobs */
	bool known;		 /* it had one; else that is a guess */
	unsigned waiting, running;
	uint64_t started_us; /* of the running, all added up */
	uint64_t charged_us; /* likewise */
	uint64_t seen_us;    /* last change; no job: idle since */
};

/* -- clients -- */

static struct share_site *
site_of(struct share *s, const struct peer *p)
{
	struct share_site *t;

	if (!peer_has_site(p))
		return NULL;
	for (t = s->sites; t != NULL; t = t->next)
		if (peer_same_site(&t->peer, p))
			return t;
	t = calloc(1, sizeof(*t));
	if (t != NULL) {
		t->peer = *p;
		t->next = s->sites;
		s->sites = t;
	}
	return t;
}

static void
site_leave(struct share *s, struct share_site *t)
{
	struct share_site **at = &s->sites;

	if (t == NULL || --t->clients > 0)
		return;
	while (*at != t)
		at = &(*at)->next;
	*at = t->next;
	free(t);
}

static void
forget(struct share *s, unsigned i)
{
	struct share_client *c = s->v[i];

	memmove(s->v + i, s->v + i + 1, (s->n - i - 1) * sizeof(*s->v));
	s->n--;
	if (s->turn > i)
		s->turn--;
	site_leave(s, c->site);
	free(c);
}

static bool
is_idle(const struct share_client *c)
{
	return c->waiting == 0 && c->running == 0;
}

/* Before any change: what the time since the last one has done.  Debts are paid
 * by staying away, too; nothing is saved up meanwhile. */
static void
settle(struct share_client *c, uint64_t now)
{
	if (is_idle(c)) {
		c->deficit_us += (int64_t)(now - c->seen_us);
		if (c->deficit_us > 0)
			c->deficit_us = 0;
	}
	c->seen_us = now;
}

/* Whoever owes nothing and was not here lately; and, when there are too many,
 * whoever was away for longest. */
static void
forget_some(struct share *s, uint64_t now)
{
	unsigned idle = 0, oldest = 0;

	for (unsigned i = s->n; i-- > 0;) {
		const struct share_client *c = s->v[i];
		uint64_t away = now - c->seen_us;

		if (!is_idle(c))
			continue;
		if (away > SHARE_COMPANY_US &&
		    c->deficit_us + (int64_t)away >= 0) {
			forget(s, i);
			oldest -= oldest > i;
			continue;
		}
		if (idle++ == 0 || c->seen_us <= s->v[oldest]->seen_us)
			oldest = i;
	}
	if (idle > IDLE_MAX)
		forget(s, oldest);
}

static struct share_client *
client_new(struct share *s, const struct peer *p, uint64_t now)
{
	unsigned room = s->room == 0 ? 64 : s->room * 2;
	struct share_client *c, **grown;

	forget_some(s, now);
	if (s->n == s->room) {
		grown = reallocarray(s->v, room, sizeof(struct share_client *));
		if (grown == NULL)
			return NULL;
		s->v = grown;
		s->room = room;
	}
	c = calloc(1, sizeof(*c));
	if (c == NULL)
		return NULL;
	*c = (struct share_client){ .peer = *p, .mean_us = SHARE_GUESS_US,
		.site = site_of(s, p), .seen_us = now };
	if (c->site != NULL)
		c->site->clients++;
	s->v[s->n++] = c;
	return c;
}

static struct share_client *
client_find(const struct share *s, const struct peer *p)
{
	for (unsigned i = 0; i < s->n; i++)
		if (peer_same_client(&s->v[i]->peer, p))
			return s->v[i];
	return NULL;
}

/* -- jobs -- */

static void
set_waiting(struct share_client *c, unsigned waiting)
{
	if (c->site != NULL) {
		c->site->waiting -= c->waiting > 0;
		c->site->waiting += waiting > 0;
	}
	c->waiting = waiting;
}

int
share_wait(struct share *s, struct share_job *j, const struct peer *peer,
    uint64_t now)
{
	struct share_client *c = client_find(s, peer);

	if (c == NULL)
		c = client_new(s, peer, now);
	if (c == NULL)
		return -ENOMEM;
	settle(c, now);
	set_waiting(c, c->waiting + 1);
	*j = (struct share_job){ .client = c };
	return 0;
}

void
share_start(struct share_job *j, uint64_t now)
{
	struct share_client *c = j->client;

	settle(c, now);
	j->started_us = now;
	j->charged_us = c->mean_us;
	c->deficit_us -= (int64_t)j->charged_us;
	set_waiting(c, c->waiting - 1);
	c->running++;
	c->started_us += now;
	c->charged_us += j->charged_us;
}

/* Slot time, or memory time where that is more. */
static uint64_t
cost(uint64_t wall_us, uint64_t maxrss_kib)
{
	if (maxrss_kib <= SHARE_RSS_KIB)
		return wall_us;
	return (uint64_t)((double)wall_us * (double)maxrss_kib / SHARE_RSS_KIB);
}

void
share_end(struct share_job *j, uint64_t maxrss_kib, uint64_t now)
{
	struct share_client *c = j->client;
	uint64_t took;

	if (c == NULL)
		return;
	settle(c, now);
	if (j->started_us == 0) {
		set_waiting(c, c->waiting - 1);
	} else {
		took = cost(now - j->started_us, maxrss_kib);
		c->running--;
		c->started_us -= j->started_us;
		c->charged_us -= j->charged_us;
		c->deficit_us += (int64_t)j->charged_us - (int64_t)took;
		c->mean_us = c->known ? (c->mean_us * 3 + took) / 4 : took;
		c->known = true;
	}
	*j = (struct share_job){ 0 };
}

/* -- turns -- */

/* What the charges of its running jobs are more than what these have taken;
 * below zero: less. */
static int64_t
left_us(const struct share_client *c, uint64_t now)
{
	return (int64_t)(c->charged_us + c->started_us - c->running * now);
}

static int64_t
deficit(const struct share_client *c, uint64_t now)
{
	int64_t left = left_us(c, now);

	return c->deficit_us + (left < 0 ? left : 0);
}

static int64_t
quantum(const struct share_client *c)
{
	unsigned n = c->site != NULL ? c->site->waiting : 0;

	if (n <= SHARE_SITE_CLIENTS)
		return SHARE_QUANTUM_US;
	return SHARE_QUANTUM_US * SHARE_SITE_CLIENTS / n + 1;
}

/* Turns that @c has to wait until it may start its job. */
static int64_t
turns(const struct share_client *c, uint64_t now)
{
	int64_t short_of = (int64_t)c->mean_us - deficit(c, now);

	return short_of <= 0 ? 0 : (short_of - 1) / quantum(c) + 1;
}

/* Somebody else is here or was lately. */
static bool
in_company(const struct share *s, const struct share_client *c, uint64_t now)
{
	for (unsigned i = 0; i < s->n; i++)
		if (s->v[i] != c && (!is_idle(s->v[i]) ||
		    now - s->v[i]->seen_us <= SHARE_COMPANY_US))
			return true;
	return false;
}

/* One client does not get all slots when there are others: jobs are not stopped
 * for anybody, and who comes next would wait for as long as a job may take. */
static bool
may_start(const struct share *s, const struct share_client *c, unsigned slots,
    uint64_t now)
{
	if (c->waiting == 0)
		return false;
	return c->running + 1 < slots || slots < SHARE_SLOTS_MIN ||
	    !in_company(s, c, now);
}

/* The fewest turns that pass until one of those that may can start; -1: none
 * may. */
static int64_t
turns_to_next(const struct share *s, unsigned slots, uint64_t now)
{
	int64_t least = -1, n;

	for (unsigned i = 0; i < s->n; i++) {
		if (!may_start(s, s->v[i], slots, now))
			continue;
		n = turns(s->v[i], now);
		if (least < 0 || n < least)
			least = n;
	}
	return least;
}

const struct share_client *
share_next(struct share *s, unsigned slots, uint64_t now)
{
	int64_t pass = turns_to_next(s, slots, now);

	if (pass < 0)
		return NULL;
	for (unsigned i = 0; i < s->n; i++)
		if (s->v[i]->waiting > 0)
			s->v[i]->deficit_us += pass * quantum(s->v[i]);
	for (unsigned i = 0; i < s->n; i++) {
		unsigned at = (s->turn + i) % s->n;

		if (may_start(s, s->v[at], slots, now) &&
		    turns(s->v[at], now) == 0) {
			s->turn = at; /* until it has nothing left */
			return s->v[at];
		}
	}
	return NULL; /* not reached: one of them has no turn to wait */
}

/* Before it are those of its own client, and of every other one as much as
 * that is, or all it has. */
uint64_t
share_expect_us(const struct share *s, const struct peer *peer, unsigned slots,
    uint64_t now)
{
	uint64_t own = SHARE_GUESS_US, before = 0, sum = 0, theirs;
	int64_t left;
	const struct share_client *self = client_find(s, peer);

	if (self != NULL) {
		before = self->waiting * self->mean_us;
		own = before + self->mean_us;
	}
	for (unsigned i = 0; i < s->n; i++) {
		const struct share_client *c = s->v[i];

		theirs = c == self ? before : c->waiting * c->mean_us;
		left = left_us(c, now);
		sum += (left > 0 ? (uint64_t)left : 0) +
		    (theirs < own ? theirs : own);
	}
	return sum / (slots > 0 ? slots : 1);
}

void
share_done(struct share *s)
{
	while (s->n > 0)
		forget(s, s->n - 1);
	free(s->v);
	*s = (struct share){ 0 };
}
