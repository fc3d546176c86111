/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Bytes for a new connection when there are none left: taken from the slowest,
 * in their order, and from nobody in vain.  Needs nothing.
 */
#include "node/broker/broker.h"
#include "node/common/limits.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define ROWS(t) (sizeof(t) / sizeof((t)[0]))
#define TOTAL  (1000 * KIB)
#define CLIENT (600 * KIB)
#define SITE   (800 * KIB)

static struct broker *broker;
static char ended[32]; /* the connections that were shed, a letter each */

int
front_tell(struct broker *b, struct front_peer *fp, uint32_t type,
    uint64_t conn, const void *body, size_t len, int *fd)
{
	size_t n = strlen(ended);

	(void)body;
	(void)fd;
	assert_int_equal(type, IMSG_SHED);
	assert_int_equal(len, 0);
	assert_ptr_equal(fp, &b->fronts[conn % 2]);
	ended[n] = (char)('a' + conn);
	ended[n + 1] = '\0';
	return 0;
}

/* Client @n of site @n / 10; without sites those from 100 on. */
static struct peer
peer_n(unsigned n)
{
	struct peer p = { .port = 1 };

	if (n >= 100) {
		p.addr[10] = p.addr[11] = 0xff;
		p.addr[15] = (uint8_t)n;
	} else {
		p.addr[0] = 0x20;
		p.addr[5] = (uint8_t)(n / 10);
		p.addr[7] = (uint8_t)n;
	}
	return p;
}

/* Connection @conn is odd on front 1, even on front 0. */
static uint64_t
ask(unsigned conn, unsigned client, uint64_t kib)
{
	struct peer p = peer_n(client);

	return reserve(broker, &broker->fronts[conn % 2], conn, &p,
	    kib * KIB) / KIB;
}

static void
moved(unsigned conn, bool ours, uint64_t ms_ago)
{
	budget_moved(&broker->budget, BUDGET_OWNER(conn % 2, conn), ours,
	    now_us() - ms_ago * 1000);
}

static int
begin(void **state)
{
	(void)state;
	broker = calloc(1, sizeof(*broker));
	assert_non_null(broker);
	broker->fronts[1].index = 1;
	budget_limits(&broker->budget, TOTAL, CLIENT, SITE);
	broker->budget.slow_ms = 2000;
	ended[0] = '\0';
	return 0;
}

static int
end(void **state)
{
	(void)state;
	free(broker->budget.entries);
	free(broker);
	return 0;
}

/* What there is, how long each has not moved (0 = ours to answer), then one
 * more request, and whose connections it cost. */
static void
test_whose(void **state)
{
	static const struct {
		const char *name;
		struct {
			unsigned client;
			uint64_t kib, idle_ms;
		} has[4];
		unsigned client;
		uint64_t kib, want;
		const char *ended;
	} rows[] = {
		{ "room", { { 100, 300, 9000 }, { 101, 300, 9000 } }, 102,
		    400, 400, "" },
		{ "most bytes for the longest", { { 100, 300, 9000 },
		    { 101, 300, 10000 }, { 102, 400, 3000 } }, 103, 100,
		    100, "b" },
		{ "more bytes, not so long", { { 100, 100, 9000 },
		    { 101, 500, 4000 }, { 102, 400, 3000 } }, 103, 100,
		    100, "b" },
		{ "as many as it takes", { { 100, 300, 9000 },
		    { 101, 300, 8000 }, { 102, 400, 3000 } }, 103, 600, 600,
		    "ab" },
		{ "nobody is slow", { { 100, 600, 1000 }, { 101, 400, 1900 } },
		    103, 1, 0, "" },
		{ "only ours", { { 100, 600, 0 }, { 101, 400, 0 } }, 103, 1,
		    0, "" },
		{ "not in vain", { { 100, 600, 0 }, { 101, 200, 9000 },
		    { 102, 200, 9000 } }, 103, 401, 0, "" },
		{ "just enough", { { 100, 600, 0 }, { 101, 200, 9000 },
		    { 102, 200, 9000 } }, 103, 400, 400, "bc" },
		{ "more than there is", { { 100, 600, 9000 } }, 103, 601, 0,
		    "" },
		/* the client's own bound: nobody else pays */
		{ "its own", { { 100, 300, 9000 }, { 100, 300, 8000 },
		    { 101, 300, 99000 } }, 100, 100, 100, "a" },
		{ "its own, not slow", { { 100, 600, 1000 },
		    { 101, 400, 99000 } }, 100, 1, 0, "" },
		{ "its site's", { { 11, 400, 9000 }, { 12, 400, 8000 },
		    { 21, 200, 99000 } }, 13, 100, 100, "a" },
		{ "site and all", { { 11, 400, 9000 }, { 12, 400, 8000 },
		    { 21, 200, 99000 } }, 13, 500, 500, "ab" },
		{ "small ones at last", { { 100, 999, 0 }, { 101, 1, 9000 } },
		    102, 1, 1, "b" },
	};

	for (size_t i = 0; i < ROWS(rows); i++) {
		print_message("  %s\n", rows[i].name);
		(void)begin(state);
		/* Made in any order and while all fit. */
		broker->budget.max_client = broker->budget.max_site = TOTAL;
		for (unsigned k = 0; k < 4 && rows[i].has[k].kib > 0; k++) {
			assert_int_equal(ask(k, rows[i].has[k].client,
			    rows[i].has[k].kib), rows[i].has[k].kib);
			moved(k, rows[i].has[k].idle_ms == 0,
			    rows[i].has[k].idle_ms == 0 ? 99000 :
			    rows[i].has[k].idle_ms);
		}
		broker->budget.max_client = CLIENT;
		broker->budget.max_site = SITE;
		assert_int_equal(ask(9, rows[i].client, rows[i].kib),
		    rows[i].want);
		assert_string_equal(ended, rows[i].ended);
		(void)end(state);
	}
	(void)begin(state);
}

/* It is not told twice, gets nothing, and is over when its front says so. */
static void
test_once(void **state)
{
	struct budget *b = &broker->budget;

	(void)state;
	assert_int_equal(ask(0, 100, 600), 600);
	assert_int_equal(ask(1, 101, 400), 400);
	moved(0, false, 9000);
	assert_int_equal(ask(2, 102, 100), 100);
	assert_string_equal(ended, "a");
	assert_true(budget_was_shed(b, BUDGET_OWNER(0, 0)));
	assert_false(budget_was_shed(b, BUDGET_OWNER(1, 1)));
	assert_int_equal(budget_of(b, BUDGET_OWNER(0, 0)), 0);
	assert_int_equal(ask(0, 100, 1), 0); /* on its way meanwhile */
	assert_int_equal(b->total, 500 * KIB);
	assert_int_equal(ask(3, 103, 500), 500);
	assert_string_equal(ended, "a");
	budget_release(b, BUDGET_OWNER(0, 0));
	assert_false(budget_was_shed(b, BUDGET_OWNER(0, 0)));
	assert_int_equal(b->total, 1000 * KIB);
}

/* Whoever sends what it reserved is not slow, however long it has been here. */
static void
test_moves(void **state)
{
	(void)state;
	assert_int_equal(ask(0, 100, 300), 300);
	assert_int_equal(ask(1, 101, 400), 400);
	moved(0, false, 9000);
	moved(1, false, 3000);
	assert_int_equal(ask(0, 100, 300), 300);
	assert_int_equal(ask(2, 102, 100), 100);
	assert_string_equal(ended, "b");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_whose, NULL, end),
		cmocka_unit_test_setup_teardown(test_once, begin, end),
		cmocka_unit_test_setup_teardown(test_moves, begin, end),
	};

	return cmocka_run_group_tests_name("reserve", tests, NULL, NULL);
}
