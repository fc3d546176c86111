/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Bytes reserved before they are read (security-rules 17).  Needs nothing. */
#include "node/broker/budget.h"
#include "node/common/limits.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define ROWS(t) (sizeof(t) / sizeof((t)[0]))
#define TOTAL  1000
#define CLIENT 600

static struct peer
peer_n(uint8_t n)
{
	struct peer p = { .port = 1 };

	p.addr[0] = 0x20;
	p.addr[7] = n; /* the /64 differs */
	p.addr[15] = 1;
	return p;
}

/* Steps on one budget; `want` is what each is given. */
static void
test_steps(void **state)
{
	enum act { RESERVE, RELEASE, FRONT };
	static const struct {
		const char *name;
		enum act act;
		uint32_t front;
		uint64_t conn;
		uint8_t client;
		uint64_t bytes, want, total;
	} rows[] = {
		{ "fits", RESERVE, 0, 1, 1, 500, 500, 500 },
		{ "up to the client's", RESERVE, 0, 2, 1, 100, 100, 600 },
		{ "one more of it", RESERVE, 0, 2, 1, 1, 0, 600 },
		{ "on another front too", RESERVE, 1, 3, 1, 1, 0, 600 },
		{ "another client", RESERVE, 1, 4, 2, 400, 400, 1000 },
		{ "all is given", RESERVE, 1, 5, 3, 1, 0, 1000 },
		{ "unknown connection", RELEASE, 0, 9, 0, 0, 0, 1000 },
		{ "same number, other front", RELEASE, 0, 4, 0, 0, 0, 1000 },
		{ "one ends", RELEASE, 0, 1, 0, 0, 0, 500 },
		{ "twice", RELEASE, 0, 1, 0, 0, 0, 500 },
		{ "room again", RESERVE, 1, 5, 3, 500, 500, 1000 },
		{ "a front dies", FRONT, 1, 0, 0, 0, 0, 100 },
		{ "the other's stay", RELEASE, 0, 2, 0, 0, 0, 0 },
		{ "nothing asked", RESERVE, 0, 1, 1, 0, 0, 0 },
		{ "over a client's", RESERVE, 0, 1, 1, 601, 0, 0 },
		{ "2^64-1", RESERVE, 0, 1, 1, UINT64_MAX, 0, 0 },
		{ "2^63", RESERVE, 0, 1, 1, 1ULL << 63, 0, 0 },
		{ "wraps with what is there", RESERVE, 0, 1, 1, 10, 10, 10 },
		{ "… 2^64-10", RESERVE, 0, 1, 1, UINT64_MAX - 9, 0, 10 },
		{ "… by another", RESERVE, 0, 2, 2, UINT64_MAX - 9, 0, 10 },
	};
	struct budget b = { 0 };
	struct peer p;

	(void)state;
	budget_limits(&b, TOTAL, CLIENT, TOTAL);
	for (size_t i = 0; i < ROWS(rows); i++) {
		print_message("  %s\n", rows[i].name);
		p = peer_n(rows[i].client);
		if (rows[i].act == RESERVE)
			assert_int_equal(budget_reserve(&b,
			    BUDGET_OWNER(rows[i].front, rows[i].conn), &p,
			    rows[i].bytes), rows[i].want);
		else if (rows[i].act == RELEASE)
			budget_release(&b,
			    BUDGET_OWNER(rows[i].front, rows[i].conn));
		else
			budget_release_front(&b, rows[i].front);
		assert_int_equal(b.total, rows[i].total);
	}
	free(b.entries);
}

/* A client is an IPv4 /32 or an IPv6 /64, whatever its ports. */
static void
test_client(void **state)
{
	struct peer a = peer_n(1), b = peer_n(1);
	struct budget bu = { 0 };

	(void)state;
	b.addr[15] = 2;
	b.port = 2;
	budget_limits(&bu, TOTAL, CLIENT, TOTAL);
	assert_int_equal(budget_reserve(&bu, 1, &a, 400), 400);
	assert_int_equal(budget_reserve(&bu, 2, &b, 400), 0);
	b.addr[7] = 2;
	assert_int_equal(budget_reserve(&bu, 2, &b, 400), 400);
	free(bu.entries);
}

/* Whoever has a /48 does not get everything by means of many /64s. */
static void
test_site(void **state)
{
	struct peer p[] = { peer_n(1), peer_n(2), peer_n(3), peer_n(4) };
	struct budget b = { 0 };

	(void)state;
	p[3].addr[5] = 1; /* another one's */
	budget_limits(&b, TOTAL, CLIENT, 800);
	assert_int_equal(budget_reserve(&b, 1, &p[0], 400), 400);
	assert_int_equal(budget_reserve(&b, 2, &p[1], 400), 400);
	assert_int_equal(budget_reserve(&b, 3, &p[2], 1), 0);
	assert_int_equal(budget_reserve(&b, 4, &p[3], 200), 200);
	budget_release(&b, 2);
	assert_int_equal(budget_reserve(&b, 3, &p[2], 400), 400);
	free(b.entries);
}

/* A limit that is lowered below what is in use lets nothing more in, and takes
 * nothing away. */
static void
test_lowered(void **state)
{
	struct peer p[] = { peer_n(1), peer_n(2) };
	struct budget b = { 0 };

	(void)state;
	budget_limits(&b, 1000, 1000, 1000);
	assert_int_equal(budget_reserve(&b, 1, &p[0], 900), 900);
	budget_limits(&b, 500, 1000, 1000);
	assert_int_equal(budget_reserve(&b, 2, &p[1], 1), 0);
	budget_limits(&b, 1000, 500, 1000);
	assert_int_equal(budget_reserve(&b, 1, &p[0], 1), 0);
	budget_limits(&b, 1000, 1000, 500);
	assert_int_equal(budget_reserve(&b, 1, &p[0], 1), 0);
	assert_int_equal(budget_of(&b, 1), 900);
	budget_limits(&b, 1000, 1000, 1000);
	assert_int_equal(budget_reserve(&b, 2, &p[1], 100), 100);
	free(b.entries);
}

/* Thousands come and go, in an order that moves entries about. */
static void
test_many(void **state)
{
	struct peer p = peer_n(1);
	struct budget b = { 0 };

	(void)state;
	budget_limits(&b, 100000, 100000, 100000);
	for (uint64_t i = 0; i < 5000; i++)
		assert_int_equal(budget_reserve(&b,
		    BUDGET_OWNER(i % 2, i), &p, 3), 3);
	assert_int_equal(b.total, 15000);
	for (uint64_t i = 0; i < 5000; i += 3)
		budget_release(&b, BUDGET_OWNER(i % 2, i));
	assert_int_equal(b.total, 15000 - 1667 * 3);
	assert_int_equal(budget_release_front(&b, 0) +
	    budget_release_front(&b, 1), 5000 - 1667);
	assert_int_equal(b.total, 0);
	assert_int_equal(b.count, 0);
	free(b.entries);
}

/* A front that makes up connections does not make the list endless. */
static void
test_owners(void **state)
{
	struct peer p = peer_n(1);
	struct budget b = { 0 };
	uint64_t n;

	(void)state;
	budget_limits(&b, 1000000, 1000000, 1000000);
	for (n = 0; n < 1000000; n++)
		if (budget_reserve(&b, n, &p, 1) == 0)
			break;
	assert_int_equal(n, LIMIT_CONNS);
	assert_int_equal(budget_reserve(&b, BUDGET_OWNER(1, 1), &p, 1), 1);
	assert_int_equal(budget_of(&b, n - 1), 1);
	assert_int_equal(budget_of(&b, n), 0);
	assert_int_equal(budget_reserve(&b, n - 1, &p, 1), 1);
	assert_int_equal(budget_of(&b, n - 1), 2);
	free(b.entries);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_steps),
		cmocka_unit_test(test_client),
		cmocka_unit_test(test_site),
		cmocka_unit_test(test_lowered),
		cmocka_unit_test(test_many),
		cmocka_unit_test(test_owners),
	};

	return cmocka_run_group_tests_name("budget", tests, NULL, NULL);
}
