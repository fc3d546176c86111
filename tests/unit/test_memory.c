/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Memory of jobs: never more than there is, nobody waits for ever. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>

#include "node/broker/memory.h"

#define MB (1ULL << 20)

static struct peer
peer_n(uint8_t n)
{
	struct peer p = { .kind = PEER_ADDRESS };

	p.addr[10] = p.addr[11] = 0xff;
	p.addr[12] = 10;
	p.addr[15] = n;
	return p;
}

static void
test_need(void **state)
{
	static struct memory m;
	struct peer a = peer_n(1), b = peer_n(2);

	(void)state;
	memory_limits(&m, 4096 * MB, 2048 * MB);
	assert_int_equal(memory_need(&m, &a, 0), MEMORY_GUESS);
	memory_learn(&m, &a, 0, 1024 * 1024);
	assert_int_equal(memory_need(&m, &a, 0), 1536 * MB);
	assert_int_equal(memory_need(&m, &a, 1), MEMORY_GUESS);
	assert_int_equal(memory_need(&m, &b, 0), MEMORY_GUESS);
	memory_learn(&m, &a, 0, 10);
	assert_int_equal(memory_need(&m, &a, 0), LIMIT_MEMORY_LEAST);
	memory_learn(&m, &a, 0, 0); /* unknown: as before */
	assert_int_equal(memory_need(&m, &a, 0), LIMIT_MEMORY_LEAST);
	memory_learn(&m, &a, 0, UINT64_MAX);
	assert_int_equal(memory_need(&m, &a, 0), 2048 * MB);
	memory_limits(&m, 100 * MB, 2048 * MB);
	assert_int_equal(memory_need(&m, &a, 0), 100 * MB);
}

/* Clients beyond those that are known push out the oldest alone. */
static void
test_forget(void **state)
{
	static struct memory m;
	struct peer a = peer_n(1);

	(void)state;
	memory_limits(&m, 4096 * MB, 2048 * MB);
	for (uint32_t t = 0; t <= MEMORY_KNOWN; t++)
		memory_learn(&m, &a, t, 1024 * 1024);
	assert_int_equal(memory_need(&m, &a, 0), MEMORY_GUESS);
	assert_int_equal(memory_need(&m, &a, 1), 1536 * MB);
	assert_int_equal(memory_need(&m, &a, MEMORY_KNOWN), 1536 * MB);
}

/* A queue as the broker serves it, its head first, with any needs: all of it
 * is served, and never is more reserved than there is. */
static void
test_model(void **state)
{
	static struct memory m;
	uint64_t running[8] = { 0 }, need = 0;
	unsigned served = 0, slot;

	(void)state;
	srand(1);
	memory_limits(&m, 1024 * MB, 1024 * MB);
	for (unsigned step = 0; served < 5000; step++) {
		assert_true(step < 200000);
		if (need == 0)
			need = (1 + (uint64_t)rand() % 1024) * MB;
		slot = (unsigned)rand() % 8;
		if (running[slot] != 0) {
			memory_give(&m, running[slot]);
			running[slot] = 0;
		} else if (memory_take(&m, need)) {
			running[slot] = need;
			need = 0;
			served++;
		}
		assert_true(m.used <= m.total);
	}
}

/* Lowered below what is in use: nothing more, then one at a time. */
static void
test_lowered(void **state)
{
	static struct memory m;

	(void)state;
	memory_limits(&m, 1000, 1000);
	assert_true(memory_take(&m, 900));
	memory_limits(&m, 500, 1000);
	assert_false(memory_take(&m, 1));
	memory_give(&m, 900);
	assert_true(memory_take(&m, 800)); /* decided before it was lowered */
	assert_false(memory_take(&m, 1));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_need),
		cmocka_unit_test(test_forget),
		cmocka_unit_test(test_model),
		cmocka_unit_test(test_lowered),
	};

	return cmocka_run_group_tests_name("memory", tests, NULL, NULL);
}
