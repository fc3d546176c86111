/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What an executor may say of a job that has ended.  Needs nothing. */
#include "node/broker/job_done.h"
#include "node/common/limits.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define ROWS(t) (sizeof(t) / sizeof((t)[0]))

static void
test_check(void **state)
{
	static const struct {
		const char *name;
		struct imsg_job_done d;
		int want;
		uint64_t size;
	} rows[] = {
		{ "nothing", { 0 }, 0, 0 },
		{ "a job",
		    { .len = { 1, 20, 300 }, .wall_us = 5, .maxrss_kib = 9 }, 0,
		    321 },
		{ "an end that is none", { .end = END_COUNT }, -EPROTO, 0 },
		{ "the longest", { .wall_us = LIMIT_SAID_US }, 0, 0 },
		{ "longer", { .wall_us = LIMIT_SAID_US + 1 }, -EPROTO, 0 },
		{ "user", { .user_us = UINT64_MAX }, -EPROTO, 0 },
		{ "system", { .sys_us = UINT64_MAX }, -EPROTO, 0 },
		{ "the largest", { .maxrss_kib = LIMIT_SAID_KIB }, 0, 0 },
		{ "larger", { .maxrss_kib = LIMIT_SAID_KIB + 1 }, -EPROTO, 0 },
		{ "below zero", { .maxrss_kib = UINT64_MAX }, -EPROTO, 0 },
		{ "all of a group's", { .cost = { .known = COST_ALL } }, 0, 0 },
		{ "more of it", { .cost = { .known = COST_ALL + 1 } }, -EPROTO,
		    0 },
		{ "its CPU", { .cost = { .user_us = UINT64_MAX } }, -EPROTO, 0 },
		{ "its system's", { .cost = { .sys_us = UINT64_MAX } }, -EPROTO,
		    0 },
		{ "its peak", { .cost = { .peak_kib = UINT64_MAX } }, -EPROTO,
		    0 },
		{ "its pressure", { .cost = { .some_us = { 0, 0, UINT64_MAX } } },
		    -EPROTO, 0 },
		{ "all of it", { .cost = { .full_us = { UINT64_MAX } } }, -EPROTO,
		    0 },
		{ "a long part", { .len = { 1UL << 32 } }, -EPROTO, 0 },
		{ "lengths that wrap",
		    { .len = { UINT64_MAX, 1 } }, -EPROTO, 0 },
	};

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		uint64_t size = 7;

		print_message("  %s\n", rows[i].name);
		assert_int_equal(job_done_check(&rows[i].d, &size),
		    rows[i].want);
		assert_int_equal(size, rows[i].want == 0 ? rows[i].size : 7);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_check),
	};

	return cmocka_run_group_tests_name("job_done", tests, NULL, NULL);
}
