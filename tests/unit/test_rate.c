/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Records a second: what passes, what is counted. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "node/common/rate.h"

static void
passes_so_many(void **state)
{
	struct rate r = { 0, 0, 0 };
	unsigned n = 0;

	(void)state;
	for (int i = 0; i < 50; i++)
		n += rate_take(&r, 20, 1000000);
	assert_int_equal(n, 20);
	assert_int_equal(rate_lost(&r), 30);
	assert_int_equal(rate_lost(&r), 0);
}

static void
begins_anew_each_second(void **state)
{
	struct rate r = { 0, 0, 0 };

	(void)state;
	assert_true(rate_take(&r, 1, 5000000));
	assert_false(rate_take(&r, 1, 5999999));
	assert_true(rate_take(&r, 1, 6000000));
	assert_int_equal(rate_lost(&r), 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(passes_so_many),
		cmocka_unit_test(begins_anew_each_second),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
