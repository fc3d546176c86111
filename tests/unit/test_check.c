/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What `immure check` makes of what it finds.  The last two tests make a jail:
 * they need root, and the first of them build/libexec/stage-probe.
 */
#include <node/cli/check.h>

#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static struct check_row rows[LAYER_COUNT];

static uint64_t
bit(enum layer layer)
{
	return UINT64_C(1) << layer;
}

#define EVERY ((UINT64_C(1) << LAYER_COUNT) - 1)

static void
test_all_hold(void **state)
{
	(void)state;
	check_judge(rows, EVERY, 0);
	for (unsigned i = 0; i < LAYER_COUNT; i++) {
		assert_non_null(rows[i].name);
		assert_non_null(rows[i].what);
		assert_non_null(rows[i].remedy);
		assert_int_equal(rows[i].state, CHECK_IN_FORCE);
	}
	assert_false(rows[LAYER_CELL_GROUP].required);
	assert_false(rows[LAYER_CGROUP].required);
	assert_false(rows[LAYER_MDWE].required);
	assert_false(rows[LAYER_LANDLOCK_NET].required);
	assert_false(rows[LAYER_LANDLOCK_SCOPE].required);
	assert_true(rows[LAYER_LANDLOCK].required);
	assert_true(rows[LAYER_SECCOMP].required);
}

static void
test_old_kernel(void **state)
{
	(void)state;
	check_judge(rows, EVERY & ~bit(LAYER_MDWE), 0);
	assert_int_equal(rows[LAYER_MDWE].state, CHECK_NOT_IN_FORCE);
	assert_non_null(strstr(rows[LAYER_MDWE].reason, "since Linux 6.3"));
	assert_int_equal(rows[LAYER_SECCOMP].state, CHECK_IN_FORCE);
}

static void
test_broken_layer(void **state)
{
	(void)state;
	check_judge(rows, EVERY, bit(LAYER_NOEXEC));
	for (unsigned i = 0; i < LAYER_COUNT; i++) {
		if (i == LAYER_NOEXEC)
			assert_int_equal(rows[i].state, CHECK_NOT_IN_FORCE);
		else
			assert_int_equal(rows[i].state, CHECK_IN_FORCE);
	}
	assert_non_null(strstr(rows[LAYER_NOEXEC].reason, "worked"));
}

static void
test_words(void **state)
{
	(void)state;
	assert_true(check_has_word("cpuset cpu io memory pids", "cpu"));
	assert_true(check_has_word("memory", "memory"));
	assert_true(check_has_word("capability,landlock,yama", "landlock"));
	assert_true(check_has_word("cpu memory\n", "memory"));
	assert_false(check_has_word("cpuset io", "cpu"));
	assert_false(check_has_word("", "cpu"));
	assert_false(check_has_word("memory_recursiveprot", "memory"));
	assert_string_equal(check_state_word(CHECK_UNKNOWN), "unknown");
	assert_string_equal(check_state_word(CHECK_IN_FORCE), "in force");
	assert_string_equal(check_state_word(CHECK_STATES), "unknown");
}

static void
test_facts(void **state)
{
	struct check_fact facts[FACT_COUNT];

	(void)state;
	check_facts(facts);
	for (unsigned i = 0; i < FACT_COUNT; i++) {
		assert_non_null(facts[i].name);
		assert_non_null(facts[i].remedy);
		assert_true(facts[i].value[0] != '\0');
	}
	assert_int_equal(strncmp(facts[FACT_KERNEL].value, "Linux ", 6), 0);
}

/* build/tests/unit/test_check -> build/libexec/stage-probe */
static void
find_probe(char path[PATH_MAX])
{
	ssize_t n = readlink("/proc/self/exe", path, PATH_MAX - 32);

	assert_true(n > 0);
	path[n] = '\0';
	for (int i = 0; i < 3; i++)
		*strrchr(path, '/') = '\0';
	(void)snprintf(path + strlen(path), 32, "/libexec/stage-probe");
}

static void
test_this_machine(void **state)
{
	char path[PATH_MAX], why[CHECK_REASON_MAX] = "";

	(void)state;
	find_probe(path);
	if (geteuid() != 0 || access(path, X_OK) != 0)
		skip();
	assert_int_equal(check_layers(rows, path, why), 0);
	for (unsigned i = 0; i < LAYER_COUNT; i++) {
		if (rows[i].required && rows[i].state != CHECK_IN_FORCE)
			fail_msg("%s: %s", rows[i].name, rows[i].reason);
	}
}

/* A prober that says nothing is not one that found nothing. */
static void
test_silent_prober(void **state)
{
	char why[CHECK_REASON_MAX] = "";

	(void)state;
	if (geteuid() != 0)
		skip();
	assert_true(check_layers(rows, "/bin/true", why) < 0);
	assert_true(why[0] != '\0');
	assert_true(check_layers(rows, "/nonexistent", why) < 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_all_hold),
		cmocka_unit_test(test_old_kernel),
		cmocka_unit_test(test_broken_layer),
		cmocka_unit_test(test_words),
		cmocka_unit_test(test_facts),
		cmocka_unit_test(test_this_machine),
		cmocka_unit_test(test_silent_prober),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
