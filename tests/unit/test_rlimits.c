/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Needs nothing: limits are set in children, and read back. */
#include <sandbox/limits.h>

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

/* What to apply, what was there before, and what must be there after. */
static const struct {
	uint64_t nofile;
	rlim_t soft, hard, want;
} cases[] = {
	{ 100, 256, 512, 100 },         /* lowered, hard = soft */
	{ 300, 256, 512, 300 },         /* soft may go up to hard */
	{ 4096, 256, 512, 512 },        /* hard never does */
	{ 512, 512, 512, 512 },
	{ LIMIT_LEAVE, 256, 512, 512 }, /* left alone */
};

static bool
is(int name, rlim_t want)
{
	struct rlimit l;

	return getrlimit((__typeof__(RLIMIT_CORE))name, &l) == 0 &&
	    l.rlim_cur == want && l.rlim_max == want;
}

/* In a child: 0, or the number of what is wrong. */
static int
apply(size_t i)
{
	struct rlimit before = { cases[i].soft, cases[i].hard };
	struct rlimits l = { LIMIT_LEAVE, 1 << 20, LIMIT_LEAVE, 60,
		cases[i].nofile, LIMIT_LEAVE };
	struct rlimit got;

	if (setrlimit(RLIMIT_NOFILE, &before) != 0)
		return 1;
	if (rlimits_apply(&l) != 0)
		return 2;
	getrlimit(RLIMIT_NOFILE, &got);
	if (got.rlim_max != cases[i].want)
		return 3;
	if (l.nofile == LIMIT_LEAVE ? got.rlim_cur != cases[i].soft :
				      got.rlim_cur != got.rlim_max)
		return 4;
	if (!is(RLIMIT_CORE, 1) || !is(RLIMIT_MEMLOCK, 0) ||
	    !is(RLIMIT_MSGQUEUE, 0) || !is(RLIMIT_NICE, 0) ||
	    !is(RLIMIT_RTPRIO, 0) || !is(RLIMIT_LOCKS, 0))
		return 5;
	if (!is(RLIMIT_FSIZE, 1 << 20) || !is(RLIMIT_CPU, 60))
		return 6;
	/* a second time, wider: nothing comes back */
	l.fsize_bytes = UINT64_C(1) << 40;
	if (rlimits_apply(&l) != 0 || !is(RLIMIT_FSIZE, 1 << 20))
		return 7;
	return 0;
}

static void
test_apply(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		int status = 0;
		pid_t pid = fork();

		if (pid == 0)
			_exit(apply(i));
		assert_int_equal(waitpid(pid, &status, 0), pid);
		if (status != 0)
			fail_msg("case %zu: %d", i, WEXITSTATUS(status));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_apply),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
