/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Top-level directories of pump cells (security-rules 3, 4).  Needs nothing. */
#include "node/common/tops.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define ROWS(t) (sizeof(t) / sizeof((t)[0]))

static const char *
name_of(uint64_t bit)
{
	for (size_t i = 0; tops_names[i] != NULL; i++)
		if (bit == 1ULL << i)
			return tops_names[i];
	return "";
}

static void
test_bit(void **state)
{
	static const struct {
		const char *path, *want;
	} rows[] = {
		{ "/home/u/x", "home" },
		{ "/home", "home" },
		{ "/home/", "home" },
		{ "/usr/include/x.h", "usr" },
		{ "/usr1/x", "usr1" },
		{ "/us/x", "" },
		{ "/usrr", "" },
		{ "/u/x", "u" },
		{ "/data1/x", "data1" },
		{ "/data/x", "data" },
		{ "/tmp", "tmp" },
		{ "/", "" },
		{ "", "" },
		{ "home/x", "" },
		{ "//home/x", "" },
		{ "/HOME/x", "" },
		{ "/./home", "" },
		{ "/../home", "" },
	};

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		print_message("  %s\n", rows[i].path);
		assert_string_equal(name_of(tops_bit(rows[i].path)),
		    rows[i].want);
	}
}

/* None of these is ever offered, whatever is added to the table. */
static void
test_never(void **state)
{
	static const char *const never[] = { "etc", "dev", "proc", "sys",
		"lib", "lib32", "lib64", "libx32", "bin", "sbin", "boot",
		".immure", ".job", "lost+found", ".", "..", "" };
	char path[64];

	(void)state;
	for (size_t i = 0; i < ROWS(never); i++) {
		snprintf(path, sizeof(path), "/%s/x", never[i]);
		assert_int_equal(tops_bit(path), 0);
	}
	for (size_t i = 0; tops_names[i] != NULL; i++) {
		assert_int_not_equal(strncmp(tops_names[i], "lib", 3), 0);
		assert_int_not_equal(tops_names[i][0], '.');
		assert_null(strchr(tops_names[i], '/'));
	}
}

static void
test_table(void **state)
{
	size_t n = 0;

	(void)state;
	while (tops_names[n] != NULL)
		n++;
	assert_in_range(n, 7, TOPS_MAX);
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < i; k++)
			assert_string_not_equal(tops_names[i], tops_names[k]);
	/* prepared ahead: those that most clients build below */
	assert_true((tops_bit("/home/u") & tops_default) != 0);
	assert_true((tops_bit("/tmp/x") & tops_default) != 0);
	assert_true((tops_bit("/build/x") & tops_default) != 0);
	assert_true((tops_bit("/usr/include/x") & tops_default) != 0);
	assert_true((tops_bit("/nix/x") & tops_default) == 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bit),
		cmocka_unit_test(test_never),
		cmocka_unit_test(test_table),
	};

	return cmocka_run_group_tests_name("tops", tests, NULL, NULL);
}
