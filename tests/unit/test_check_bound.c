/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The most memory that a node can take, by its limits.  Needs nothing. */
#include "node/cli/check_bound.h"
#include "node/common/limits.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void
test_bytes(void **state)
{
	struct limits l = limits_built_in;

	(void)state;
	l.processes = 8;
	l.address_space = GIB;
	l.space = 512 * MIB;
	l.budget = 2 * GIB;
	assert_true(bound_bytes(&l, 4, false) == 36 * GIB);
	assert_true(bound_bytes(&l, 0, false) == 2 * GIB);
	l = limits_most;
	l.processes = l.address_space = UINT64_MAX;
	assert_true(bound_bytes(&l, 1, false) == UINT64_MAX);
}

/* The numbers that @text names, in the place of @l's. */
static unsigned
take(struct limits *l, unsigned jobs, const char *text)
{
	const char *at;

	at = strstr(text, "limit-address-space = ");
	assert_non_null(at);
	l->address_space = strtoul(at + 22, NULL, 10) *
	    (strpbrk(at + 22, "MG")[0] == 'M' ? MIB : GIB);
	at = strstr(text, "limit-processes = ");
	if (at != NULL)
		l->processes = strtoul(at + 18, NULL, 10);
	at = strstr(text, "limit-space = ");
	if (at != NULL)
		l->space = strtoul(at + 14, NULL, 10) *
		    (strpbrk(at + 14, "MG")[0] == 'M' ? MIB : GIB);
	if (strncmp(text, "jobs = ", 7) == 0)
		jobs = (unsigned)strtoul(text + 7, NULL, 10);
	return jobs;
}

/* What it advises is within the machine, on small and large ones. */
static void
test_remedy(void **state)
{
	static const uint64_t machines[] = { 2, 4, 8, 24, 64, 512, 4096 };
	struct limits l;
	char text[CHECK_REASON_MAX];

	(void)state;
	for (size_t i = 0; i < sizeof(machines) / sizeof(machines[0]); i++) {
		uint64_t machine = machines[i] * GIB;

		for (unsigned jobs = 1; jobs <= 256; jobs *= 2) {
			unsigned left;

			limits_for(&l, machine);
			bound_remedy(&l, jobs, machine, false, text,
			    sizeof(text));
			assert_true(strlen(text) < sizeof(text) - 1);
			if (strstr(text, "more memory") != NULL) {
				assert_true(machine <= 8 * GIB);
				continue;
			}
			left = take(&l, jobs, text);
			assert_in_range(left, 1, jobs);
			if (bound_bytes(&l, left, false) >
			    bound_share(machine))
				fail_msg("%s: too much of %u GiB", text,
				    (unsigned)machines[i]);
		}
	}
	limits_for(&l, 24 * GIB);
	bound_remedy(&l, 0, GIB, false, text, sizeof(text));
	assert_non_null(strstr(text, "limit-budget"));
}

/* With a group for all jobs it is that group's limit, whatever the jobs. */
static void
test_grouped(void **state)
{
	struct limits l;
	char text[CHECK_REASON_MAX];

	(void)state;
	limits_for(&l, 64 * GIB);
	assert_true(bound_bytes(&l, 256, true) == l.memory + l.budget);
	assert_true(bound_bytes(&l, 256, true) <= bound_share(64 * GIB));
	l.memory = 64 * GIB;
	assert_true(bound_bytes(&l, 1, true) > bound_share(64 * GIB));
	bound_remedy(&l, 1, 64 * GIB, true, text, sizeof(text));
	assert_int_equal(strncmp(text, "limit-memory = ", 15), 0);
	l.memory = strtoul(text + 15, NULL, 10) * MIB;
	assert_non_null(strstr(text, "M would"));
	assert_in_range(bound_bytes(&l, 1, true), 50 * GIB,
	    bound_share(64 * GIB));
	bound_remedy(&l, 1, GIB, true, text, sizeof(text));
	assert_non_null(strstr(text, "lower limit-budget"));
	l.memory = UINT64_MAX;
	assert_true(bound_bytes(&l, 1, true) == UINT64_MAX);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bytes),
		cmocka_unit_test(test_remedy),
		cmocka_unit_test(test_grouped),
	};

	return cmocka_run_group_tests_name("check_bound", tests, NULL, NULL);
}
