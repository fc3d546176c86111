/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which processes are a node's, and which of them try compilers. */
#include "node/cli/proc_status.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

/* clang-format off */
static const struct row {
	struct proc_status p;
	bool node, discovers;
} rows[] = {
	{ { .pid = 1, .depth = 1, .name = "init" }, false, false },
	{ { .pid = 10, .ppid = 1, .depth = 1, .name = "immured" }, true, false },
	{ { .pid = 11, .ppid = 10, .depth = 1, .name = "immure-imager" },
	    true, false },
	{ { .pid = 12, .ppid = 11, .depth = 1, .name = "immure-runner" },
	    true, true },
	/* pid 1 of its jail, the same program; what that runs */
	{ { .pid = 13, .ppid = 12, .depth = 2, .name = "immure-runner" },
	    true, true },
	{ { .pid = 14, .ppid = 13, .depth = 2, .name = "stage-try" },
	    true, true },
	{ { .pid = 15, .ppid = 14, .depth = 2, .name = "cc1" }, true, true },
	{ { .pid = 20, .ppid = 10, .depth = 1, .name = "immure-executor" },
	    true, false },
	/* jobs that take a name */
	{ { .pid = 21, .ppid = 20, .depth = 2, .name = "immure-runner" },
	    true, false },
	{ { .pid = 22, .ppid = 21, .depth = 2, .name = "as" }, true, false },
	{ { .pid = 23, .ppid = 20, .depth = 3, .name = "immured" },
	    true, false },
	/* of another node, of none, and a circle */
	{ { .pid = 30, .ppid = 1, .depth = 1, .name = "immured" },
	    false, false },
	{ { .pid = 31, .ppid = 30, .depth = 1, .name = "immure-runner" },
	    false, true },
	{ { .pid = 40, .ppid = 99, .depth = 1, .name = "cc1" }, false, false },
	{ { .pid = 50, .ppid = 51, .depth = 1, .name = "a" }, false, false },
	{ { .pid = 51, .ppid = 50, .depth = 1, .name = "b" }, false, false },
};
/* clang-format on */

#define ROWS (sizeof(rows) / sizeof(rows[0]))

static void
test_whose(void **state)
{
	struct proc_status v[ROWS];

	(void)state;
	for (size_t i = 0; i < ROWS; i++)
		v[i] = rows[i].p;
	for (size_t i = 0; i < ROWS; i++) {
		if (proc_status_below(v, ROWS, &v[i], 10) != rows[i].node)
			fail_msg("%d %s: node", v[i].pid, v[i].name);
		if (proc_status_discovers(v, ROWS, &v[i]) !=
		    rows[i].discovers)
			fail_msg("%d %s: discovers", v[i].pid, v[i].name);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_whose) };

	return cmocka_run_group_tests_name("proc_status", tests, NULL, NULL);
}
