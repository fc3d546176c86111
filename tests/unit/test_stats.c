/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the status page is told of jobs, with a clock of the test's own. */
#include "node/broker/stats.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define S 1000000ULL
#define START (5000 * S + 123456)

static struct stats stats;
static uint64_t now;

static void
job(enum audit_result result, uint64_t ms, uint64_t kib, const char *compiler,
    const char *source)
{
	struct imsg_audit_job a = { .result = (uint32_t)result,
		.maxrss_kib = kib, .accepted_us = now - ms * 1000,
		.done_us = now };

	snprintf(a.compiler, sizeof(a.compiler), "%s", compiler);
	snprintf(a.source, sizeof(a.source), "%s", source);
	stats_job(&stats, now, &a);
}

static void
expect_kids(uint32_t one, uint32_t five, uint32_t fifteen)
{
	struct imsg_stats n;

	stats_now(&stats, now, &n);
	assert_int_equal(n.kids[0], one);
	assert_int_equal(n.kids[1], five);
	assert_int_equal(n.kids[2], fifteen);
}

static void
expect_compiles(uint32_t one, uint32_t five, uint32_t fifteen)
{
	struct imsg_stats n;

	stats_now(&stats, now, &n);
	assert_int_equal(n.compiles[0], one);
	assert_int_equal(n.compiles[1], five);
	assert_int_equal(n.compiles[2], fifteen);
}

static int
fresh(void **state)
{
	(void)state;
	memset(&stats, 0, sizeof(stats));
	now = START;
	return 0;
}

static void
test_counts(void **state)
{
	struct imsg_stats n;

	(void)state;
	job(RESULT_COMPILE_OK, 20, 100, "gcc", "a.c");
	job(RESULT_COMPILE_OK, 30, 50, "g++", "b.cc");
	job(RESULT_COMPILE_OK, 10, 10, "cc", "c.c");
	job(RESULT_COMPILE_ERROR, 999, 200, "clang", "d.c");
	job(RESULT_COMPILE_TIMEOUT, 999, 1, "gcc", "e.c");
	job((enum audit_result)77, 1, 1, "gcc", "e.c");
	stats_conn(&stats, OVER_ANSWERED, 1);
	stats_conn(&stats, OVER_GONE, 1);
	stats_conn(&stats, OVER_EMPTY, 0);
	stats_conn(&stats, OVER_PROTOCOL, 0);
	stats_conn(&stats, OVER_TOO_BIG, 0);
	stats_conn(&stats, OVER_NO_BUDGET, 0);
	stats_now(&stats, now, &n);
	assert_int_equal(n.accepted, 6);
	assert_int_equal(n.results[RESULT_COMPILE_OK], 3);
	assert_int_equal(n.results[RESULT_COMPILE_ERROR], 1);
	assert_int_equal(n.results[RESULT_COMPILE_TIMEOUT], 1);
	assert_int_equal(n.results[RESULT_REJ_BAD_REQ], 2);
	assert_int_equal(n.results[RESULT_REJ_OVERLOAD], 1);
	assert_int_equal(n.results[RESULT_OTHER], 2);
	assert_string_equal(n.longest_job, "b.cc");
	assert_string_equal(n.longest_compiler, "g++");
	assert_int_equal(n.longest_ms, 30);
	assert_int_equal(n.max_rss_kib, 200);
	assert_string_equal(n.max_rss_name, "clang");
}

/* Three jobs for thirty seconds, then none. */
static void
test_kids(void **state)
{
	(void)state;
	expect_kids(0, 0, 0);
	for (int i = 0; i < 3; i++)
		stats_running(&stats, now, 1);
	now += 30 * S;
	expect_kids(2, 0, 0); /* 1.5, to the nearest */
	now += 30 * S;
	expect_kids(3, 1, 0); /* 0.6, 0.2 */
	now += 240 * S;
	expect_kids(3, 3, 1);
	now += 600 * S;
	expect_kids(3, 3, 3);
	for (int i = 0; i < 5; i++) /* never below none */
		stats_running(&stats, now, -1);
	now += 61 * S;
	expect_kids(0, 2, 3);
	now += 900 * S;
	expect_kids(0, 0, 0);
}

/* A broker that was silent for days: what it says is of now. */
static void
test_silence(void **state)
{
	(void)state;
	job(RESULT_COMPILE_OK, 20, 100, "gcc", "a.c");
	stats_running(&stats, now, 1);
	now += 100000 * S;
	expect_compiles(0, 0, 0);
	expect_kids(1, 1, 1);
	stats_running(&stats, now, -1);
	now += 100000 * S;
	expect_kids(0, 0, 0);
}

static void
test_windows(void **state)
{
	(void)state;
	for (int i = 0; i < 3; i++) {
		job(RESULT_COMPILE_OK, 20, 100, "gcc", "a.c");
		job(RESULT_REJ_BAD_REQ, 20, 100, "gcc", "a.c");
		now += S / 2;
	}
	expect_compiles(3, 3, 3);
	now += 62 * S;
	expect_compiles(0, 3, 3);
	now += 240 * S;
	job(RESULT_COMPILE_ERROR, 20, 100, "gcc", "a.c");
	expect_compiles(1, 1, 4);
	now += 600 * S;
	expect_compiles(0, 0, 1);
	now += 302 * S;
	expect_compiles(0, 0, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_counts, fresh),
		cmocka_unit_test_setup(test_kids, fresh),
		cmocka_unit_test_setup(test_silence, fresh),
		cmocka_unit_test_setup(test_windows, fresh),
	};

	return cmocka_run_group_tests_name("stats", tests, NULL, NULL);
}
