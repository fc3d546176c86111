/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What of the machine's memory jobs may have.  Needs nothing. */
#include "node/common/limits.h"
#include "node/config/config_text.h"
#include "node/monitor/job_memory.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static struct cmdline c;

/* Images are memory, too; something is left for a job whatever they take. */
static void
test_default(void **state)
{
	(void)state;
	cmdline_defaults(&c);
	c.limits.memory = 4 * GIB;
	assert_int_equal(job_memory(&c, 0), 4 * GIB);
	assert_int_equal(job_memory(&c, GIB), 3 * GIB);
	assert_int_equal(job_memory(&c, 4 * GIB), LIMIT_MEMORY_LEAST);
	assert_int_equal(job_memory(&c, UINT64_MAX), LIMIT_MEMORY_LEAST);
	c.limits.memory = LIMIT_MEMORY_LEAST;
	assert_int_equal(job_memory(&c, 1), LIMIT_MEMORY_LEAST);
}

/* What the administrator says is what jobs have. */
static void
test_set(void **state)
{
	static const char text[] = "limit-memory = 2G\n";
	char err[CMDLINE_ERROR_MAX];

	(void)state;
	cmdline_defaults(&c);
	assert_int_equal(config_text(&c, "f", text, strlen(text), err,
	    sizeof(err)), 0);
	assert_int_equal(job_memory(&c, GIB), 2 * GIB);
	cmdline_free(&c);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_default),
		cmocka_unit_test(test_set),
	};

	return cmocka_run_group_tests_name("job_memory", tests, NULL, NULL);
}
