/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Refusals that are asked for again.  Needs nothing. */
#include "node/broker/repeat.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define ROWS(t) (sizeof(t) / sizeof((t)[0]))
#define S	1000000ULL

static struct repeats repeats;

static uint32_t
ask(uint8_t client, unsigned request, uint64_t now_us)
{
	struct peer p = { .port = 1 };
	uint8_t digest[REPEAT_DIGEST] = { 0 };

	p.addr[0] = client;
	memcpy(digest, &request, sizeof(request));
	return repeat_delay_ms(&repeats, &p, digest, now_us);
}

static int
begin(void **state)
{
	(void)state;
	repeats = (struct repeats){ 0 };
	return 0;
}

static void
test_slower(void **state)
{
	static const uint32_t want[] = { 0, 0, 0, 0, 500, 1000, 2000, 4000,
		8000, 8000 };

	(void)state;
	for (size_t i = 0; i < ROWS(want); i++)
		assert_int_equal(ask(1, 7, 100 * S + i), want[i]);
	for (unsigned i = 0; i < 100; i++) /* no shift is too far */
		assert_int_equal(ask(1, 7, 101 * S), REPEAT_MAX_MS);
	assert_int_equal(ask(1, 8, 101 * S), 0);
	assert_int_equal(ask(2, 7, 101 * S), 0);
}

static void
test_forgotten(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 10; i++)
		(void)ask(1, 7, 100 * S);
	assert_int_equal(ask(1, 7, 100 * S + REPEAT_FORGET_US),
	    REPEAT_MAX_MS);
	assert_int_equal(ask(1, 7, 100 * S + 2 * REPEAT_FORGET_US + 1), 0);
}

/* Each of a build's files is refused: as fast as ever. */
static void
test_a_build(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 5000; i++)
		assert_int_equal(ask(1, i, 100 * S + i), 0);
}

/* Many others make one be forgotten, the oldest first. */
static void
test_bounded(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 6; i++)
		(void)ask(1, 7, 100 * S);
	for (unsigned i = 0; i < REPEAT_KEPT - 1; i++)
		(void)ask(2, i, 101 * S + i);
	assert_int_equal(ask(1, 7, 102 * S), 2000);
	for (unsigned i = 0; i < REPEAT_KEPT; i++)
		(void)ask(3, i, 103 * S + i);
	assert_int_equal(ask(1, 7, 104 * S), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_slower, begin),
		cmocka_unit_test_setup(test_forgotten, begin),
		cmocka_unit_test_setup(test_a_build, begin),
		cmocka_unit_test_setup(test_bounded, begin),
	};

	return cmocka_run_group_tests_name("repeat", tests, NULL, NULL);
}
