/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the kernel says of a process' confinement.  Needs nothing. */
#include "node/common/lsm.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static void
test_take(void **state)
{
	static char label[LSM_LABEL_MAX], long_one[2 * LSM_LABEL_MAX];

	(void)state;
	/* as SELinux and as AppArmor end it (proc_pid_attr(5)) */
	assert_true(lsm_label_take(label, "u:r:t:s0\0x", 10));
	assert_string_equal(label, "u:r:t:s0");
	assert_true(lsm_label_take(label, "immured (enforce)\n", 18));
	assert_string_equal(label, "immured (enforce)");
	assert_true(lsm_label_take(label, "", 0));
	assert_string_equal(label, "");
	memset(long_one, 'x', sizeof(long_one));
	assert_true(lsm_label_take(label, long_one, LSM_LABEL_MAX - 1));
	assert_false(lsm_label_take(label, long_one, LSM_LABEL_MAX));
}

static void
test_type(void **state)
{
	static const struct {
		const char *label;
		bool is;
	} cases[] = {
		{ "system_u:system_r:immured_t:s0", true },
		{ "system_u:system_r:immured_t", true },
		{ "system_u:system_r:immured_t:s0-s0:c0.c1023", true },
		{ "system_u:system_r:immured_tt:s0", false },
		{ "system_u:system_r:immured_", false },
		{ "system_u:system_r:initrc_t:immured_t", false },
		{ "system_u:immured_t:initrc_t:s0", false },
		{ "immured_t:immured_t:", false },
		{ "immured_t", false },
		{ "kernel", false },
		{ "::immured_t", true },
		{ ":", false },
		{ "", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		if (lsm_label_has_type(cases[i].label, "immured_t") !=
		    cases[i].is)
			fail_msg("%s", cases[i].label);
}

static void
test_profile(void **state)
{
	static const struct {
		const char *label;
		bool is;
		const char *mode;
	} cases[] = {
		{ "immure-front (enforce)", true, "enforce" },
		{ "immured//&immure-front (enforce)", true, "enforce" },
		{ "immure-front//&immured (complain)", true, "complain" },
		{ "immure-front (kill)", true, "kill" },
		{ "a//&immure-front//&b (mixed)", true, "mixed" },
		{ "immured (enforce)", false, "enforce" },
		{ "immured//immure-front (enforce)", false, "enforce" },
		{ "immure-frontal (enforce)", false, "enforce" },
		{ "immure-front//&", true, "unconfined" },
		{ "x//& (enforce)", false, "enforce" },
		{ "x (immure-front)", false, "immure-front" },
		{ "x//&y (z//&immure-front)", false, "z//&immure-front" },
		{ "unconfined", false, "unconfined" },
		{ "immure-front", true, "unconfined" },
		{ "(enforce)", false, "unconfined" },
		{ " (enforce)", false, "enforce" },
		{ "immure-front (", false, "unconfined" },
		{ "immure-front ()", true, "" },
		{ "", false, "unconfined" },
	};
	char mode[LSM_LABEL_MAX];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		if (lsm_label_has_profile(cases[i].label, "immure-front") !=
		    cases[i].is)
			fail_msg("%s", cases[i].label);
		lsm_label_mode(cases[i].label, mode);
		assert_string_equal(mode, cases[i].mode);
	}
}

/* aa_profile_mode_names (security/apparmor/policy.c), "mixed" of a stack. */
static void
test_mode(void **state)
{
	static const char *const lenient[] = { "complain", "unconfined",
		"mixed", "prompt", "user", "", "enforced", "killed" };

	(void)state;
	assert_true(lsm_mode_forbids("enforce"));
	assert_true(lsm_mode_forbids("kill"));
	for (size_t i = 0; i < sizeof(lenient) / sizeof(lenient[0]); i++)
		assert_false(lsm_mode_forbids(lenient[i]));
}

/* selinuxfs: "%x %x %x %x %u %x" */
static void
test_permissive(void **state)
{
	(void)state;
	assert_false(lsm_answer_is_permissive(
	    "0 ffffffff 0 ffffffff 17 0"));
	assert_true(lsm_answer_is_permissive(
	    "ffffffff ffffffff 0 ffffffff 17 1"));
	assert_true(lsm_answer_is_permissive("0 ffffffff 0 0 17 3\n"));
	assert_false(lsm_answer_is_permissive("0 ffffffff 0 0 17 2\n"));
	assert_false(lsm_answer_is_permissive(""));
	assert_false(lsm_answer_is_permissive("\n1"));
}

/* Every program has a row, and whatever a cell runs has the last one. */
static void
test_domains(void **state)
{
	const struct lsm_domain *d;

	(void)state;
	assert_string_equal(lsm_domain_of("immured")->names[LSM_SELINUX],
	    "immured_t");
	assert_string_equal(
	    lsm_domain_of("immure-front")->names[LSM_SELINUX],
	    "immure_front_t");
	assert_string_equal(
	    lsm_domain_of("stage-try")->names[LSM_APPARMOR], "immure-try");
	assert_null(lsm_domain_of("cc1")->program);
	assert_null(lsm_domain_of("")->program);
	assert_string_equal(lsm_domain_of("cc1")->names[LSM_SELINUX],
	    "immure_job_t");
	for (d = lsm_domains; d->program != NULL; d++)
		for (int i = 0; i < LSM_COUNT; i++)
			assert_true(d->names[i][0] != '\0');
}

/* A reason and a remedy for each verdict, and none of them cut off. */
static void
test_words(void **state)
{
	struct lsm_look l = { .program = "immure-executor",
		.expected = "immure_executor_t", .error = 13 };
	char reason[160];

	(void)state;
	memset(l.label, 'x', sizeof(l.label) - 1);
	for (int lsm = 0; lsm < LSM_COUNT; lsm++) {
		for (int v = LSM_ABSENT; v <= LSM_LENIENT; v++) {
			l.verdict = (enum lsm_verdict)v;
			assert_non_null(lsm_say((enum lsm)lsm, &l, reason,
			    sizeof(reason)));
			assert_in_range(strlen(reason), 8,
			    sizeof(reason) - 2);
		}
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_take),
		cmocka_unit_test(test_type),
		cmocka_unit_test(test_profile),
		cmocka_unit_test(test_mode),
		cmocka_unit_test(test_permissive),
		cmocka_unit_test(test_domains),
		cmocka_unit_test(test_words),
	};

	return cmocka_run_group_tests_name("lsm_label", tests, NULL, NULL);
}
