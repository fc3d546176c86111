/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Turns of clients (security-rules 18): clients that always have jobs, slots
 * that are simulated, and what each client got in the end.  Needs nothing.
 */
#include "node/broker/share.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define ROWS(t)	   (sizeof(t) / sizeof((t)[0]))
#define MS	   1000ULL
#define S	   (1000ULL * MS)
#define SLOTS_MAX  8U
#define CLIENTS_MAX 24U
#define MIB_KIB	   1024ULL

struct sim_client {
	struct peer peer;
	bool rotates; /* a new /64 for each job */
	uint64_t job_us, rss_kib, reserved_kib;
	struct share_job waits;
	/* what it got */
	uint64_t slot_us;
	unsigned jobs, running, most;
};

struct sim_slot {
	struct sim_client *client; /* NULL = free */
	struct share_job job;
	uint64_t until_us;
};

struct sim {
	struct share share;
	struct sim_client clients[CLIENTS_MAX];
	struct sim_slot slots[SLOTS_MAX];
	unsigned nclients, nslots;
	uint16_t nets; /* used up by those that rotate */
	uint64_t now;
};

static struct peer
v4(uint8_t n)
{
	struct peer p = { .port = 1 };

	p.addr[10] = p.addr[11] = 0xff;
	p.addr[12] = 198;
	p.addr[15] = n;
	return p;
}

static struct peer
v6(uint8_t site, uint8_t net)
{
	struct peer p = { .port = 1 };

	p.addr[0] = 0x20;
	p.addr[5] = site;
	p.addr[7] = net;
	return p;
}

static void
add(struct sim *m, struct peer p, uint64_t job_us, uint64_t rss_kib)
{
	m->clients[m->nclients++] = (struct sim_client){ .peer = p,
		.job_us = job_us, .rss_kib = rss_kib };
}

static void
wait_again(struct sim *m)
{
	for (unsigned i = 0; i < m->nclients; i++) {
		struct sim_client *c = &m->clients[i];

		if (c->waits.client != NULL)
			continue;
		if (c->rotates) {
			c->peer.addr[6] = (uint8_t)(++m->nets >> 8);
			c->peer.addr[7] = (uint8_t)m->nets;
		}
		assert_int_equal(share_wait(&m->share, &c->waits, &c->peer,
		    m->now), 0);
	}
}

/* A job of @c, now, whoever else waits. */
static void
run_one(struct sim *m, struct sim_client *c)
{
	wait_again(m);
	share_start(&c->waits, m->now);
	m->now += c->job_us;
	share_end(&c->waits, 0, m->now);
}

static struct sim_client *
client_for(struct sim *m, const struct share_client *c)
{
	for (unsigned i = 0; i < m->nclients; i++)
		if (m->clients[i].waits.client == c)
			return &m->clients[i];
	return NULL;
}

/* As many as the share lets: every client has a job that waits, always. */
static void
fill(struct sim *m)
{
	for (unsigned i = 0; i < m->nslots; i++) {
		struct sim_slot *s = &m->slots[i];
		const struct share_client *next;
		struct sim_client *c;

		if (s->client != NULL)
			continue;
		next = share_next(&m->share, m->nslots, m->now);
		c = client_for(m, next);
		if (next == NULL || c == NULL)
			return;
		share_reserve(&c->waits, c->reserved_kib);
		share_start(&c->waits, m->now);
		*s = (struct sim_slot){ .client = c, .job = c->waits,
			.until_us = m->now + c->job_us };
		c->waits = (struct share_job){ 0 };
		if (++c->running > c->most)
			c->most = c->running;
		wait_again(m);
	}
}

static void
end_next(struct sim *m)
{
	struct sim_slot *next = NULL;

	for (unsigned i = 0; i < m->nslots; i++)
		if (m->slots[i].client != NULL && (next == NULL ||
		    m->slots[i].until_us < next->until_us))
			next = &m->slots[i];
	assert_non_null(next);
	m->now = next->until_us;
	next->client->slot_us += next->client->job_us;
	next->client->jobs++;
	next->client->running--;
	share_end(&next->job, next->client->rss_kib, m->now);
	next->client = NULL;
}

static void
run(struct sim *m, unsigned nslots, uint64_t for_us)
{
	uint64_t end = m->now + for_us;

	m->nslots = nslots;
	wait_again(m);
	for (fill(m); m->now < end; fill(m))
		end_next(m);
}

static struct sim *
sim_new(void)
{
	struct sim *m = calloc(1, sizeof(*m));

	assert_non_null(m);
	m->now = 1000 * S;
	return m;
}

static void
sim_free(struct sim *m)
{
	for (unsigned i = 0; i < m->nclients; i++)
		share_end(&m->clients[i].waits, 0, m->now);
	for (unsigned i = 0; i < m->nslots; i++)
		if (m->slots[i].client != NULL)
			share_end(&m->slots[i].job, 0, m->now);
	share_done(&m->share);
	free(m);
}

/* @a is @want times @b, to within a tenth. */
static void
assert_about(uint64_t a, uint64_t b, double want)
{
	double is = (double)a / (double)b;

	if (is < want * 0.9 || is > want * 1.1)
		fail_msg("%.3f is not about %.3f", is, want);
}

static void
test_alone(void **state)
{
	struct sim *m = sim_new();

	(void)state;
	add(m, v4(1), 100 * MS, 0);
	run(m, 4, 10 * S);
	assert_int_equal(m->clients[0].most, 4);
	assert_about(m->clients[0].slot_us, 10 * S, 4);
	sim_free(m);
}

/* Two clients that always have jobs: slot time in the ratio that is due. */
static void
test_pairs(void **state)
{
	static const struct {
		const char *name;
		uint64_t a_us, a_kib, b_us, b_kib;
		unsigned slots;
		double want; /* slot time of a / of b */
	} rows[] = {
		{ "alike", 100 * MS, 0, 100 * MS, 0, 4, 1 },
		{ "one slot", 100 * MS, 0, 100 * MS, 0, 1, 1 },
		{ "long against short", 10 * S, 0, 100 * MS, 0, 4, 1 },
		{ "very long", 100 * S, 0, 20 * MS, 0, 4, 1 },
		{ "one slot, long against short", 5 * S, 0, 50 * MS, 0, 1, 1 },
		{ "a little memory is free", S, 1000 * MIB_KIB, S, 0, 4, 1 },
		{ "much is not", S, 4096 * MIB_KIB, S, 1024 * MIB_KIB, 8,
		    0.25 },
	};

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct sim *m = sim_new();

		print_message("  %s\n", rows[i].name);
		add(m, v4(1), rows[i].a_us, rows[i].a_kib);
		add(m, v4(2), rows[i].b_us, rows[i].b_kib);
		run(m, rows[i].slots, 2000 * S);
		assert_about(m->clients[0].slot_us, m->clients[1].slot_us,
		    rows[i].want);
		sim_free(m);
	}
}

/* What is kept for a job is paid for, used or not. */
static void
test_reserved(void **state)
{
	static const struct {
		uint64_t a_kib, b_kib;
		double want; /* slot time of a / of b */
	} rows[] = {
		{ 1000 * MIB_KIB, 0, 1 },
		{ 4096 * MIB_KIB, 1024 * MIB_KIB, 0.25 },
		{ UINT64_MAX, 16384 * MIB_KIB, 0.25 },
	};

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct sim *m = sim_new();

		add(m, v4(1), S, 0);
		add(m, v4(2), S, 0);
		m->clients[0].reserved_kib = rows[i].a_kib;
		m->clients[1].reserved_kib = rows[i].b_kib;
		run(m, 8, 4000 * S);
		assert_about(m->clients[0].slot_us, m->clients[1].slot_us,
		    rows[i].want);
		sim_free(m);
	}
}

/* … and while it runs: 10 s with 8 GiB are more than 30 s without. */
static void
test_reserved_runs(void **state)
{
	struct sim *m = sim_new();
	struct share_job large = { 0 }, small[3] = { 0 };

	(void)state;
	add(m, v4(1), S, 0);
	add(m, v4(2), S, 0);
	share_wait(&m->share, &large, &m->clients[0].peer, m->now);
	share_reserve(&large, 8192 * MIB_KIB);
	share_start(&large, m->now);
	for (unsigned i = 0; i < 3; i++) {
		share_wait(&m->share, &small[i], &m->clients[1].peer, m->now);
		share_start(&small[i], m->now);
	}
	m->now += 10 * S;
	wait_again(m);
	assert_ptr_equal(share_next(&m->share, 8, m->now),
	    m->clients[1].waits.client);
	share_end(&large, 0, m->now);
	for (unsigned i = 0; i < 3; i++)
		share_end(&small[i], 0, m->now);
	assert_ptr_equal(share_next(&m->share, 8, m->now),
	    m->clients[1].waits.client);
	sim_free(m);
}

/* One who has a /48 gets what SHARE_SITE_CLIENTS others get, also when each of
 * his jobs comes from a /64 that was never seen. */
static void
test_site(void **state)
{
	static const struct {
		const char *name;
		bool rotates;
		uint64_t job_us, for_us;
	} rows[] = {
		{ "the same /64s", false, S, 2000 * S },
		{ "a new /64 for each job", true, S, 2000 * S },
		{ "the same, long jobs", false, 100 * S, 10000 * S },
		{ "a new one for each long job", true, 100 * S, 10000 * S },
	};

	(void)state;
	for (size_t r = 0; r < ROWS(rows); r++) {
		struct sim *m = sim_new();
		uint64_t sum = 0;

		print_message("  %s\n", rows[r].name);
		add(m, v4(1), S, 0);
		add(m, v6(9, 1), S, 0);
		for (uint8_t i = 0; i < 20; i++) {
			add(m, v6(1, i), rows[r].job_us, 0);
			m->clients[2 + i].rotates = rows[r].rotates;
		}
		run(m, 8, rows[r].for_us);
		for (unsigned i = 2; i < m->nclients; i++)
			sum += m->clients[i].slot_us;
		assert_about(sum, m->clients[0].slot_us, SHARE_SITE_CLIENTS);
		assert_about(m->clients[1].slot_us, m->clients[0].slot_us, 1);
		sim_free(m);
	}
}

/* Nor does he get the last slot with one of his /64s each. */
static void
test_last_slot_of_site(void **state)
{
	struct sim *m = sim_new();
	struct share_job other = { 0 };
	struct peer p = v4(2);
	unsigned running = 0;

	(void)state;
	share_wait(&m->share, &other, &p, m->now);
	share_end(&other, 0, m->now); /* was here, is gone */
	for (uint8_t i = 0; i < 20; i++)
		add(m, v6(1, i), 100 * S, 0);
	m->nslots = 8;
	wait_again(m);
	fill(m);
	for (unsigned i = 0; i < m->nclients; i++)
		running += m->clients[i].running;
	assert_int_equal(running, 7);
	sim_free(m);
}

/* A local user with a new uid of /etc/subuid for each job is not another
 * client either. */
static void
test_subuids(void **state)
{
	struct sim *m = sim_new();
	struct share_job jobs[20] = { 0 };
	struct peer p;

	(void)state;
	for (unsigned i = 0; i < 20; i++) {
		peer_from_uid(&p, 100000 + i);
		share_wait(&m->share, &jobs[i], &p, m->now);
		share_start(&jobs[i], m->now);
	}
	for (unsigned i = 0; i < 20; i++)
		share_end(&jobs[i], 0, m->now + 1000 * S);
	m->now += 1000 * S;
	peer_from_uid(&p, 100100);
	add(m, p, S, 0);
	add(m, v4(2), S, 0);
	run(m, 1, 1000 * S);
	assert_int_equal(m->clients[0].jobs, 0);
	assert_true(m->clients[1].jobs >= 999);
	sim_free(m);
}

/* What all of a site owes is known after each of its clients was forgotten. */
static void
test_site_debt_stays(void **state)
{
	struct sim *m = sim_new();
	struct share_job jobs[40] = { 0 };

	(void)state;
	for (uint8_t i = 0; i < 40; i++) {
		struct peer p = v6(1, i);

		share_wait(&m->share, &jobs[i], &p, m->now);
		share_start(&jobs[i], m->now);
	}
	m->now += 1000 * S; /* 40,000 s, of which some 4,000 are paid below */
	for (uint8_t i = 0; i < 40; i++)
		share_end(&jobs[i], 0, m->now);
	m->now += 1001 * S;
	for (uint8_t i = 0; i < 100; i++) { /* its jobs are short now */
		struct peer p = v6(1, (uint8_t)(i + 50));

		share_wait(&m->share, &jobs[0], &p, m->now);
		share_start(&jobs[0], m->now);
		share_end(&jobs[0], 0, m->now += MS);
	}
	add(m, v6(1, 200), S, 0);
	add(m, v4(2), S, 0);
	run(m, 1, 1000 * S);
	assert_int_equal(m->clients[0].jobs, 0);
	assert_true(m->clients[1].jobs >= 999);
	sim_free(m);
}

static void
test_last_slot(void **state)
{
	static const struct {
		unsigned slots, alone, other_here;
	} rows[] = { { 1, 1, 1 }, { 2, 2, 2 }, { 3, 3, 2 }, { 8, 8, 7 } };

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct sim *m = sim_new();
		struct share_job other = { 0 };
		struct peer p = v4(2);

		add(m, v4(1), S, 0);
		run(m, rows[i].slots, 5 * S);
		assert_int_equal(m->clients[0].most, rows[i].alone);
		share_wait(&m->share, &other, &p, m->now);
		share_end(&other, 0, m->now); /* was here, is gone */
		run(m, rows[i].slots, 2 * S);
		m->clients[0].most = 0;
		run(m, rows[i].slots, SHARE_COMPANY_US - 10 * S);
		assert_int_equal(m->clients[0].most, rows[i].other_here);
		run(m, rows[i].slots, 20 * S); /* long ago */
		assert_int_equal(m->clients[0].most, rows[i].alone);
		sim_free(m);
	}
}

/* The other one has the node for itself for a minute; then the first one is
 * not served for a minute to make good for it, nor the other way round. */
static void
test_nothing_saved_up(void **state)
{
	struct sim *m = sim_new();
	uint64_t at;

	(void)state;
	add(m, v4(1), 100 * MS, 0);
	run(m, 4, 60 * S);
	add(m, v4(2), 100 * MS, 0);
	run(m, 4, S);
	at = m->clients[0].slot_us;
	m->clients[1].slot_us = 0;
	run(m, 4, 20 * S);
	assert_about(m->clients[0].slot_us - at, m->clients[1].slot_us, 1);
	sim_free(m);
}

/* What an executor says of memory costs its client no more than the most that
 * a job may pay for. */
static void
test_memory_lie(void **state)
{
	struct sim *m = sim_new();
	struct peer p = v4(1);
	struct share_job j = { 0 };
	uint64_t most = 10 * S * (SHARE_RSS_MAX_KIB / SHARE_RSS_KIB);

	(void)state;
	share_wait(&m->share, &j, &p, m->now);
	share_start(&j, m->now);
	share_end(&j, UINT64_MAX, m->now += 10 * S);
	assert_int_equal(share_expect_us(&m->share, &p, 1, m->now), 0);
	share_wait(&m->share, &j, &p, m->now);
	assert_int_equal(share_expect_us(&m->share, &p, 1, m->now), most);
	share_end(&j, 0, m->now);
	add(m, p, S, 0);
	add(m, v4(2), S, 0);
	run(m, 1, most);
	assert_true(m->clients[0].jobs == 0);
	run(m, 1, 2 * most);
	assert_true(m->clients[0].jobs > 0);
	sim_free(m);
}

/* A long job is owed for also by one that goes away and comes back. */
static void
test_debt_stays(void **state)
{
	struct sim *m = sim_new();
	struct peer rude = v4(1);
	struct share_job j = { 0 };

	(void)state;
	m->nslots = 1;
	share_wait(&m->share, &j, &rude, m->now);
	share_start(&j, m->now);
	m->now += 100 * S;
	share_end(&j, 0, m->now);
	add(m, rude, 100 * MS, 0);
	add(m, v4(2), 100 * MS, 0);
	run(m, 1, 30 * S);
	assert_true(m->clients[0].jobs <= 2);
	assert_true(m->clients[1].jobs >= 290);
	sim_free(m);
}

/* Its first job is thought to take a second, takes 30 ms, and the rest is not
 * saved up: many newcomers do not have a second each before an old one. */
static void
test_no_credit_of_a_guess(void **state)
{
	struct sim *m = sim_new();
	struct share_job more[CLIENTS_MAX] = { 0 };
	unsigned in_a_row = 0;
	struct sim_client *c;

	(void)state;
	m->nslots = 1;
	add(m, v4(0), 30 * MS, 0);
	run_one(m, m->clients);
	for (uint8_t i = 1; i < CLIENTS_MAX; i++) {
		add(m, v4(i), 30 * MS, 0);
		assert_int_equal(share_wait(&m->share, &more[i],
		    &m->clients[i].peer, m->now), 0); /* is never idle */
	}
	for (unsigned i = 0; i < 1000; i++) {
		wait_again(m);
		c = client_for(m, share_next(&m->share, 1, m->now));
		assert_non_null(c);
		in_a_row = c == m->clients ? 0 : in_a_row + 1;
		assert_true(in_a_row < 3 * CLIENTS_MAX);
		run_one(m, c);
	}
	for (unsigned i = 1; i < CLIENTS_MAX; i++)
		share_end(&more[i], 0, m->now);
	sim_free(m);
}

/* Addresses without end, each with one job: what is kept of them is bounded,
 * and what is owed is not forgotten for them. */
static void
test_bounded(void **state)
{
	struct sim *m = sim_new();

	(void)state;
	for (unsigned i = 0; i < 20000; i++) {
		struct peer p = v6((uint8_t)(i >> 8), (uint8_t)i);
		struct share_job j = { 0 };

		p.addr[6] = (uint8_t)(i >> 16);
		p.addr[4] = (uint8_t)(i >> 14);
		assert_int_equal(share_wait(&m->share, &j, &p, m->now), 0);
		share_start(&j, m->now);
		m->now += MS;
		share_end(&j, 0, m->now);
	}
	assert_true(m->share.n <= 4098);
	m->now += SHARE_COMPANY_US + 1;
	add(m, v4(1), MS, 0);
	wait_again(m);
	assert_int_equal(m->share.n, 1);
	assert_null(m->share.sites);
	sim_free(m);
}

/* What is said about a wait is about what it comes to. */
static void
test_expect(void **state)
{
	static const struct {
		const char *name;
		unsigned of_own, of_other, slots;
		uint64_t job_us, want_us;
	} rows[] = {
		{ "the running ones", 0, 0, 4, S, S },
		{ "one's own queue", 40, 0, 4, S, 11 * S },
		{ "a stranger's queue is not before it", 0, 40, 4, S,
		    S + S / 4 },
		{ "in turn", 10, 40, 4, S, 21 * S / 4 + S },
		{ "short ones", 40, 0, 4, 10 * MS, 110 * MS },
		{ "one slot", 10, 0, 1, 10 * S, 110 * S },
	};

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct share_job jobs[100] = { 0 };
		struct sim *m = sim_new();
		struct peer a = v4(1), b = v4(2);
		unsigned n = 0;

		print_message("  %s\n", rows[i].name);
		add(m, a, rows[i].job_us, 0);
		run(m, 1, 200 * rows[i].job_us); /* known now */
		m->clients[0].peer = b;
		share_end(&m->clients[0].waits, 0, m->now);
		run(m, 1, 200 * rows[i].job_us);
		share_end(&m->clients[0].waits, 0, m->now);
		share_end(&m->slots[0].job, 0, m->now);
		m->slots[0].client = NULL;
		for (unsigned k = 0; k < rows[i].slots; k++) {
			share_wait(&m->share, &jobs[n], &a, m->now);
			share_start(&jobs[n++], m->now);
		}
		for (unsigned k = 0; k < rows[i].of_own; k++)
			share_wait(&m->share, &jobs[n++], &a, m->now);
		for (unsigned k = 0; k < rows[i].of_other; k++)
			share_wait(&m->share, &jobs[n++], &b, m->now);
		assert_about(share_expect_us(&m->share, &a, rows[i].slots,
		    m->now), rows[i].want_us, 1);
		while (n > 0)
			share_end(&jobs[--n], 0, m->now);
		sim_free(m);
	}
}

/* However many of a /48 wait, they are before nobody with more than they get;
 * and a /64 of it that is new has jobs like those before. */
static void
test_expect_site(void **state)
{
	struct share_job jobs[600] = { 0 };
	struct sim *m = sim_new();
	struct peer p, other = v4(9), one_more = v6(1, 200);

	(void)state;
	for (unsigned i = 0; i < ROWS(jobs); i++) {
		p = v6(1, (uint8_t)i);
		p.addr[6] = (uint8_t)(i >> 8);
		share_wait(&m->share, &jobs[i], &p, m->now);
	}
	assert_int_equal(share_expect_us(&m->share, &other, 4, m->now),
	    SHARE_SITE_CLIENTS * SHARE_GUESS_US / 4);
	m->now += S;
	share_start(&jobs[0], m->now);
	share_end(&jobs[0], 0, m->now += 100 * S);
	one_more.addr[6] = 9;
	assert_int_equal(share_expect_us(&m->share, &one_more, 4, m->now),
	    SHARE_SITE_CLIENTS * 100 * S / 4);
	for (unsigned i = 0; i < ROWS(jobs); i++)
		share_end(&jobs[i], 0, m->now);
	sim_free(m);
}

/* One that is held gets nothing until it is let go, and saves nothing up. */
static void
test_hold(void **state)
{
	struct share s = { 0 };
	struct share_job a = { 0 }, b = { 0 };
	const struct peer one = v4(1), two = v4(2);

	(void)state;
	assert_int_equal(share_wait(&s, &a, &one, S), 0);
	share_hold(&a, 3 * S);
	share_hold(&a, 2 * S); /* never shorter */
	assert_null(share_next(&s, 2, S));
	assert_true(share_held_until(&s, S) == 3 * S);
	assert_int_equal(share_wait(&s, &b, &two, S), 0);
	assert_ptr_equal(share_next(&s, 2, S), b.client);
	share_start(&b, S);
	assert_null(share_next(&s, 2, S));
	assert_ptr_equal(share_next(&s, 2, 3 * S), a.client);
	assert_true(share_held_until(&s, 3 * S) == UINT64_MAX);
	share_end(&a, 0, 3 * S);
	share_end(&b, 0, 3 * S);
	share_done(&s);
}

/* A job that goes back costs nothing and waits as before. */
static void
test_back(void **state)
{
	struct share s = { 0 };
	struct share_job a = { 0 };
	const struct peer one = v4(1);

	(void)state;
	assert_int_equal(share_wait(&s, &a, &one, S), 0);
	assert_ptr_equal(share_next(&s, 2, S), a.client);
	share_start(&a, S);
	assert_null(share_next(&s, 2, S));
	share_back(&a, 2 * S);
	assert_ptr_equal(share_next(&s, 2, 2 * S), a.client);
	assert_true(a.started_us == 0);
	share_end(&a, 0, 2 * S);
	share_done(&s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_alone),
		cmocka_unit_test(test_pairs),
		cmocka_unit_test(test_reserved),
		cmocka_unit_test(test_reserved_runs),
		cmocka_unit_test(test_site),
		cmocka_unit_test(test_last_slot),
		cmocka_unit_test(test_last_slot_of_site),
		cmocka_unit_test(test_subuids),
		cmocka_unit_test(test_site_debt_stays),
		cmocka_unit_test(test_nothing_saved_up),
		cmocka_unit_test(test_memory_lie),
		cmocka_unit_test(test_debt_stays),
		cmocka_unit_test(test_no_credit_of_a_guess),
		cmocka_unit_test(test_bounded),
		cmocka_unit_test(test_expect),
		cmocka_unit_test(test_expect_site),
		cmocka_unit_test(test_hold),
		cmocka_unit_test(test_back),
	};

	return cmocka_run_group_tests_name("share", tests, NULL, NULL);
}
