/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Turns of clients; see share.h. */
#include "share.h"
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* Clients without a job that are remembered, for what they owe. */
#define IDLE_MAX 4096U

/* What a slot's time weighs; with more memory more. */
#define WEIGHT 16U

/* What a turn is worth to all of a site. */
#define SITE_QUANTUM_US ((int64_t)SHARE_QUANTUM_US * SHARE_SITE_CLIENTS)

/* What a client, or all of a site together, got and owe. */
struct account {
	int64_t deficit_us; /* below zero: owed */
	uint64_t mean_us;   /* cost of the last jobs */
	bool known;	    /* there was one; else that is a guess */
	unsigned running;
	uint64_t weight;     /* of the running, all added up */
	uint64_t started_us; /* likewise, each times its weight; it may wrap */
	uint64_t charged_us; /* likewise, as it is */
	uint64_t seen_us;    /* last change; no job: idle since */
};

/* One who has a site has a new client for each job, so what a client owes says
 * nothing there: the site pays as well, and outlives its clients. */
struct share_site {
	struct share_site *next;
	struct peer peer;    /* one of it */
	struct account acct; /* of all its clients' jobs */
	unsigned clients;    /* that point here */
	unsigned waiting;    /* of them, with a job that waits */
	unsigned present;    /* of them; see count_present() */
	uint64_t before_us;  /* of their jobs, in share_expect_us() */
};

struct share_client {
	struct peer peer;
	struct share_site *site; /* NULL: it stands for itself */
	struct account acct;
	unsigned waiting;
	uint64_t held_us; /* none of its jobs is started before then */
};

static uint64_t
least(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

static uint64_t
weight(const struct share_job *j)
{
	uint64_t kib = least(j->reserved_kib, SHARE_RSS_MAX_KIB);

	return kib <= SHARE_RSS_KIB ? WEIGHT : kib * WEIGHT / SHARE_RSS_KIB;
}

/* -- sites -- */

static struct share_site *
site_find(const struct share *s, const struct peer *p)
{
	for (struct share_site *t = s->sites; t != NULL; t = t->next)
		if (peer_same_site(&t->peer, p))
			return t;
	return NULL;
}

static struct share_site *
site_of(struct share *s, const struct peer *p, uint64_t now)
{
	struct share_site *t = site_find(s, p);

	if (t != NULL || !peer_has_site(p))
		return t;
	t = calloc(1, sizeof(*t));
	if (t != NULL) {
		t->peer = *p;
		t->acct = (struct account){ .mean_us = SHARE_GUESS_US,
			.seen_us = now };
		t->next = s->sites;
		s->sites = t;
	}
	return t;
}

/* What a job of a client that had none is thought to take. */
static uint64_t
guess(const struct share *s, const struct peer *p)
{
	const struct share_site *t = site_find(s, p);

	return t != NULL ? t->acct.mean_us : SHARE_GUESS_US;
}

/* -- accounts -- */

/* Before any change: what the time since the last one has done.  Debts are paid
 * by staying away, too; nothing is saved up meanwhile. */
static void
settle_account(struct account *a, bool idle, unsigned clients, uint64_t now)
{
	if (idle) {
		a->deficit_us += (int64_t)((now - a->seen_us) * clients);
		if (a->deficit_us > 0)
			a->deficit_us = 0;
	}
	a->seen_us = now;
}

static void
account_start(struct account *a, const struct share_job *j)
{
	a->deficit_us -= (int64_t)j->charged_us;
	a->running++;
	a->weight += weight(j);
	a->started_us += weight(j) * j->started_us;
	a->charged_us += j->charged_us;
}

/* It is no longer among those that run: nothing of its charge stays. */
static void
account_back(struct account *a, const struct share_job *j)
{
	a->running--;
	a->weight -= weight(j);
	a->started_us -= weight(j) * j->started_us;
	a->charged_us -= j->charged_us;
	a->deficit_us += (int64_t)j->charged_us;
}

/* @is_guess: it has saved up for a charge that is one; what is left of that is
 * no credit, or who comes with many addresses had one for each. */
static void
account_end(struct account *a, const struct share_job *j, uint64_t took,
    bool is_guess)
{
	account_back(a, j);
	a->deficit_us -= (int64_t)took;
	if (is_guess && a->deficit_us > (int64_t)took)
		a->deficit_us = (int64_t)took;
	a->mean_us = a->known ? (a->mean_us * 3 + took) / 4 : took;
	a->known = true;
}

/* What the charges of its running jobs are more than what these have taken;
 * below zero: less. */
static int64_t
left_us(const struct account *a, uint64_t now)
{
	int64_t taken = (int64_t)(a->weight * now - a->started_us) / WEIGHT;

	return (int64_t)a->charged_us - taken;
}

static int64_t
deficit(const struct account *a, uint64_t now)
{
	int64_t left = left_us(a, now);

	return a->deficit_us + (left < 0 ? left : 0);
}

/* -- who is remembered -- */

static bool
site_is_idle(const struct share_site *t)
{
	return t->waiting == 0 && t->acct.running == 0;
}

/* Those without a client that owe nothing; and, when there are too many, all
 * but the latest. */
static void
forget_sites(struct share *s, uint64_t now)
{
	struct share_site **at = &s->sites, *t;
	unsigned kept = 0;

	while ((t = *at) != NULL) {
		settle_account(&t->acct, site_is_idle(t), SHARE_SITE_CLIENTS,
		    now);
		if (t->clients > 0 || (t->acct.deficit_us < 0 &&
		    kept++ < IDLE_MAX)) {
			at = &t->next;
			continue;
		}
		*at = t->next;
		free(t);
	}
}

static void
forget(struct share *s, unsigned i)
{
	struct share_client *c = s->v[i];

	memmove(s->v + i, s->v + i + 1, (s->n - i - 1) * sizeof(*s->v));
	s->n--;
	if (s->turn > i)
		s->turn--;
	if (c->site != NULL)
		c->site->clients--;
	free(c);
}

static bool
is_idle(const struct share_client *c)
{
	return c->waiting == 0 && c->acct.running == 0;
}

static void
settle(struct share_client *c, uint64_t now)
{
	settle_account(&c->acct, is_idle(c), 1, now);
	if (c->site != NULL)
		settle_account(&c->site->acct, site_is_idle(c->site),
		    SHARE_SITE_CLIENTS, now);
}

/* Whoever owes nothing and was not here lately; and, when there are too many,
 * whoever was away for longest. */
static void
forget_some(struct share *s, uint64_t now)
{
	unsigned idle = 0, oldest = 0;

	for (unsigned i = s->n; i-- > 0;) {
		const struct share_client *c = s->v[i];
		uint64_t away = now - c->acct.seen_us;

		if (!is_idle(c))
			continue;
		if (away > SHARE_COMPANY_US &&
		    c->acct.deficit_us + (int64_t)away >= 0) {
			forget(s, i);
			oldest -= oldest > i;
			continue;
		}
		if (idle++ == 0 ||
		    c->acct.seen_us <= s->v[oldest]->acct.seen_us)
			oldest = i;
	}
	if (idle > IDLE_MAX)
		forget(s, oldest);
	forget_sites(s, now);
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
	*c = (struct share_client){ .peer = *p, .site = site_of(s, p, now),
		.acct = { .mean_us = guess(s, p), .seen_us = now } };
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
share_reserve(struct share_job *j, uint64_t kib)
{
	j->reserved_kib = kib;
}

void
share_start(struct share_job *j, uint64_t now)
{
	struct share_client *c = j->client;

	settle(c, now);
	j->started_us = now;
	j->charged_us = c->acct.mean_us;
	j->is_guess = !c->acct.known;
	set_waiting(c, c->waiting - 1);
	account_start(&c->acct, j);
	if (c->site != NULL)
		account_start(&c->site->acct, j);
}

void
share_back(struct share_job *j, uint64_t now)
{
	struct share_client *c = j->client;

	settle(c, now);
	account_back(&c->acct, j);
	if (c->site != NULL)
		account_back(&c->site->acct, j);
	set_waiting(c, c->waiting + 1);
	*j = (struct share_job){ .client = c };
}

void
share_hold(struct share_job *j, uint64_t until)
{
	if (j->client != NULL && j->client->held_us < until)
		j->client->held_us = until;
}

/* Slot time, or memory time where that is more; in bounds for any @maxrss_kib,
 * which is the word of an executor. */
static uint64_t
cost(uint64_t wall_us, uint64_t maxrss_kib)
{
	uint64_t kib = least(maxrss_kib, SHARE_RSS_MAX_KIB);

	if (kib <= SHARE_RSS_KIB)
		return wall_us;
	return wall_us / SHARE_RSS_KIB * kib +
	    wall_us % SHARE_RSS_KIB * kib / SHARE_RSS_KIB;
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
		took = cost(now - j->started_us,
		    maxrss_kib > j->reserved_kib ? maxrss_kib :
		    j->reserved_kib);
		account_end(&c->acct, j, took, j->is_guess);
		if (c->site != NULL)
			account_end(&c->site->acct, j, took,
			    !c->site->acct.known);
	}
	*j = (struct share_job){ 0 };
}

/* -- turns -- */

static int64_t
quantum(const struct share_client *c)
{
	unsigned n = c->site != NULL ? c->site->waiting : 0;

	if (n <= SHARE_SITE_CLIENTS)
		return SHARE_QUANTUM_US;
	return SHARE_QUANTUM_US * SHARE_SITE_CLIENTS / n + 1;
}

static int64_t
turns_of(int64_t short_of, int64_t a_turn)
{
	return short_of <= 0 ? 0 : (short_of - 1) / a_turn + 1;
}

/* Turns that @c has to wait until it may start its job: until it can pay for
 * it, and until its site owes nothing. */
static int64_t
turns(const struct share_client *c, uint64_t now)
{
	int64_t own, site;

	own = turns_of((int64_t)c->acct.mean_us - deficit(&c->acct, now),
	    quantum(c));
	if (c->site == NULL)
		return own;
	site = turns_of(-deficit(&c->site->acct, now), SITE_QUANTUM_US);
	return own > site ? own : site;
}

/* It has jobs or had one lately. */
static bool
is_present(const struct share_client *c, uint64_t now)
{
	return !is_idle(c) || now - c->acct.seen_us <= SHARE_COMPANY_US;
}

static void
count_present(struct share *s, uint64_t now)
{
	s->present = 0;
	for (struct share_site *t = s->sites; t != NULL; t = t->next)
		t->present = 0;
	for (unsigned i = 0; i < s->n; i++) {
		if (!is_present(s->v[i], now))
			continue;
		s->present++;
		if (s->v[i]->site != NULL)
			s->v[i]->site->present++;
	}
}

/* One client, or one site, does not get all slots when there are others: jobs
 * are not stopped for anybody, and who comes next would wait for as long as a
 * job may take. */
static bool
may_start(const struct share *s, const struct share_client *c, unsigned slots,
    uint64_t now)
{
	const struct share_site *t = c->site;

	if (c->waiting == 0 || now < c->held_us)
		return false;
	if (slots < SHARE_SLOTS_MIN)
		return true;
	if (c->acct.running + 1 >= slots && s->present > 1)
		return false;
	return t == NULL || t->acct.running + 1 < slots ||
	    s->present == t->present;
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

static void
pass_turns(struct share *s, int64_t pass, uint64_t now)
{
	for (unsigned i = 0; i < s->n; i++)
		if (s->v[i]->waiting > 0 && now >= s->v[i]->held_us)
			s->v[i]->acct.deficit_us += pass * quantum(s->v[i]);
	for (struct share_site *t = s->sites; t != NULL; t = t->next) {
		int64_t saved, most = (int64_t)t->acct.mean_us *
		    SHARE_SITE_CLIENTS;

		if (t->waiting == 0)
			continue;
		t->acct.deficit_us += pass * SITE_QUANTUM_US;
		saved = deficit(&t->acct, now);
		if (saved > most)
			t->acct.deficit_us -= saved - most;
	}
}

const struct share_client *
share_next(struct share *s, unsigned slots, uint64_t now)
{
	int64_t pass;

	count_present(s, now);
	pass = turns_to_next(s, slots, now);
	if (pass < 0)
		return NULL;
	pass_turns(s, pass, now);
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

uint64_t
share_held_until(const struct share *s, uint64_t now)
{
	uint64_t first = UINT64_MAX;

	for (unsigned i = 0; i < s->n; i++)
		if (s->v[i]->waiting > 0 && s->v[i]->held_us > now &&
		    s->v[i]->held_us < first)
			first = s->v[i]->held_us;
	return first;
}

/* Before it are those of its own client, and of every other one as much as
 * that is, or all it has; of a site as much as it gets meanwhile. */
uint64_t
share_expect_us(const struct share *s, const struct peer *peer, unsigned slots,
    uint64_t now)
{
	uint64_t own = guess(s, peer), before = 0, sum = 0, theirs;
	int64_t left;
	const struct share_client *self = client_find(s, peer);

	if (self != NULL) {
		before = self->waiting * self->acct.mean_us;
		own = before + self->acct.mean_us;
	}
	for (struct share_site *t = s->sites; t != NULL; t = t->next)
		t->before_us = 0;
	for (unsigned i = 0; i < s->n; i++) {
		const struct share_client *c = s->v[i];

		theirs = c == self ? before : c->waiting * c->acct.mean_us;
		theirs = least(theirs, own);
		left = left_us(&c->acct, now);
		sum += left > 0 ? (uint64_t)left : 0;
		if (c->site != NULL)
			c->site->before_us += theirs;
		else
			sum += theirs;
	}
	for (struct share_site *t = s->sites; t != NULL; t = t->next)
		sum += least(t->before_us, SHARE_SITE_CLIENTS * own);
	return sum / (slots > 0 ? slots : 1);
}

void
share_done(struct share *s)
{
	struct share_site *t;

	while (s->n > 0)
		forget(s, s->n - 1);
	free(s->v);
	while ((t = s->sites) != NULL) {
		s->sites = t->next;
		free(t);
	}
	*s = (struct share){ 0 };
}
