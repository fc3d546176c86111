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

	p.addr[10] = p.addr[11] = 0xff; /* IPv4: no site */
	p.addr[15] = client;
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

/* -- clients, sites -- */

static struct peer
v6(uint8_t site, uint8_t net, uint8_t host)
{
	struct peer p = { .port = 1 };

	p.addr[0] = 0x20;
	p.addr[5] = site;
	p.addr[7] = net;
	p.addr[15] = host;
	return p;
}

static uint32_t
ask_as(struct peer p, uint8_t request, uint64_t now_us)
{
	const uint8_t digest[REPEAT_DIGEST] = { request };

	return repeat_delay_ms(&repeats, &p, digest, now_us);
}

/* Another address of the /64 is the same client. */
static void
test_addresses(void **state)
{
	(void)state;
	for (uint8_t i = 0; i < REPEAT_FREE; i++)
		assert_int_equal(ask_as(v6(1, 1, i), 7, 100 * S), 0);
	assert_int_equal(ask_as(v6(1, 1, 99), 7, 100 * S), REPEAT_FIRST_MS);
	assert_int_equal(ask_as(v6(1, 2, 1), 7, 100 * S), 0);
}

/* Another /64 of the /48 is not, but all of them together have so many. */
static void
test_site(void **state)
{
	(void)state;
	for (uint8_t i = 0; i < REPEAT_SITE_FREE; i++)
		assert_int_equal(ask_as(v6(1, i, 1), 7, 100 * S), 0);
	assert_int_equal(ask_as(v6(1, 99, 1), 7, 100 * S), REPEAT_FIRST_MS);
	assert_int_equal(ask_as(v6(1, 98, 1), 7, 100 * S),
	    2 * REPEAT_FIRST_MS);
	assert_int_equal(ask_as(v6(1, 98, 1), 8, 100 * S), 0);
	assert_int_equal(ask_as(v6(2, 98, 1), 7, 100 * S), 0);
	assert_int_equal(ask_as(v6(1, 97, 1), 7, 200 * S), 0);
}

/* -- the same command line, other sources -- */

static uint32_t
command(uint8_t client, uint8_t line, uint64_t now_us)
{
	const uint8_t digest[REPEAT_DIGEST] = { line };
	struct peer p = { .port = 1 };

	p.addr[0] = client;
	return repeat_command_ms(&repeats, &p, digest, now_us);
}

/* At once, the answers come one after the other; in time, as they come. */
static void
test_paced(void **state)
{
	(void)state;
	for (unsigned i = 0; i < REPEAT_COMMAND_FREE; i++)
		assert_int_equal(command(1, 7, 100 * S), 0);
	for (unsigned i = 1; i <= 10; i++)
		assert_int_equal(command(1, 7, 100 * S),
		    i * REPEAT_COMMAND_US / 1000);
	assert_int_equal(command(1, 8, 100 * S), 0);
	assert_int_equal(command(2, 7, 100 * S), 0);
	for (unsigned i = 1; i <= 100; i++)
		assert_true(command(1, 7, 101 * S + i * REPEAT_COMMAND_US) <=
		    REPEAT_COMMAND_US / 1000);
	assert_int_equal(command(1, 7, 120 * S), 0);
}

/* Never later than that, and forgotten as soon as the rate allows. */
static void
test_paced_bounds(void **state)
{
	uint32_t ms = 0;

	(void)state;
	for (unsigned i = 0; i < 5000; i++)
		ms = command(1, 7, 100 * S);
	assert_int_equal(ms, REPEAT_MAX_MS);
	assert_in_range(command(1, 7, 108 * S), 1, 2 * REPEAT_COMMAND_US);
	assert_int_equal(command(1, 7, 112 * S), 0);
}

/* A new command line each time: as many as the largest build refuses. */
static void
test_paced_client(void **state)
{
	uint64_t t = 100 * S;

	(void)state;
	for (unsigned i = 0; i < REPEAT_CLIENT_FREE; i++)
		assert_int_equal(command(1, (uint8_t)i, t), 0);
	assert_int_equal(command(1, 0, t), REPEAT_CLIENT_US / 1000);
	for (unsigned i = 0; i < 5000; i++) {
		t += REPEAT_CLIENT_US + 1;
		assert_true(command(1, (uint8_t)i, t) <=
		    REPEAT_CLIENT_US / 1000);
	}
	assert_int_equal(command(2, 0, t), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_slower, begin),
		cmocka_unit_test_setup(test_forgotten, begin),
		cmocka_unit_test_setup(test_a_build, begin),
		cmocka_unit_test_setup(test_bounded, begin),
		cmocka_unit_test_setup(test_addresses, begin),
		cmocka_unit_test_setup(test_site, begin),
		cmocka_unit_test_setup(test_paced, begin),
		cmocka_unit_test_setup(test_paced_bounds, begin),
		cmocka_unit_test_setup(test_paced_client, begin),
	};

	return cmocka_run_group_tests_name("repeat", tests, NULL, NULL);
}
