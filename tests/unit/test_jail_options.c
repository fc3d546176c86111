/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Needs nothing: the command line of immure-jail. */
#include <sandbox/jail_options.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define WORDS 8

static int
parse(struct jail_options *o, const char *const words[WORDS])
{
	static char *argv[WORDS + 2]; /* o->command points into it */
	int argc = 1;

	memset(argv, 0, sizeof(argv));
	argv[0] = (char *)(uintptr_t) "immure-jail";

	for (; argc <= WORDS && words[argc - 1] != NULL; argc++)
		argv[argc] = (char *)(uintptr_t)words[argc - 1];
	return jail_options_parse(o, argc, argv);
}

static void
test_bad(void **state)
{
	static const struct {
		const char *words[WORDS], *want;
	} cases[] = {
		{ { NULL }, "no command" },
		{ { "--", NULL }, "no command" },
		{ { "--usual", NULL }, "no command" },
		{ { "--nope", "x" }, "--nope: no such option" },
		{ { "-x", "x" }, "-x: no such option" },
		{ { "--bind" }, "--bind: needs a value" },
		{ { "--bind", "/gone", "x" }, "No such file" },
		{ { "--bind", "/usr:", "x" }, "must be absolute" },
		{ { "--bind", "/usr:usr", "x" }, "must be absolute" },
		{ { "--bind", "/usr:/a/../b", "x" }, "must be absolute" },
		{ { "--bind", "/usr:/a/./b", "x" }, "must be absolute" },
		{ { "--bind", "/usr:/a//b", "x" }, "must be absolute" },
		{ { "--bind", "/usr:/a/", "x" }, "must be absolute" },
		{ { "--bind", "/usr:/", "x" }, "must be absolute" },
		{ { "--exec", "/:/", "x" }, "--exec /:/: " },
		{ { "--bind", ".", "x" }, "must be absolute" },
		{ { "--tmpfs", "tmp", "x" }, "must be absolute" },
		{ { "--tmpfs", "/tmp:", "x" }, "the size is not" },
		{ { "--tmpfs", "/tmp:0", "x" }, "the size is not" },
		{ { "--tmpfs", "/tmp:-1", "x" }, "the size is not" },
		{ { "--tmpfs", "/tmp:1X", "x" }, "the size is not" },
		{ { "--tmpfs", "/tmp:1MM", "x" }, "the size is not" },
		{ { "--symlink", "a", "x" }, "write TARGET:PATH" },
		{ { "--symlink", ":/a", "x" }, "write TARGET:PATH" },
		{ { "--symlink", "a:b", "x" }, "must be absolute" },
		{ { "--chdir", "tmp", "x" }, "must be absolute" },
		{ { "--setenv", "A", "x" }, "write NAME=VALUE" },
		{ { "--setenv", "=A", "x" }, "write NAME=VALUE" },
		{ { "--output", "a", "x" }, "write FILE=PATH" },
		{ { "--output", "=/a", "x" }, "write FILE=PATH" },
		{ { "--output", "a=b", "x" }, "write FILE=PATH" },
		{ { "--as-limit", "0", "x" }, "not a number of bytes" },
		{ { "--as-limit", "4Gi", "x" }, "not a number of bytes" },
		{ { "--as-limit", "99999999999G", "x" }, "not a number of" },
		{ { "--fsize", "", "x" }, "not a number of bytes" },
		{ { "--cpu", "0", "x" }, "not a whole number" },
		{ { "--cpu", "1.5", "x" }, "not a whole number" },
		{ { "--wall", "-3", "x" }, "not a whole number" },
		{ { "--wall", "4000000000", "x" }, "too great" },
		{ { "--nproc", " 3", "x" }, "not a whole number" },
		{ { "--uid", "0", "x" }, "not a whole number" },
		{ { "--uid", "4294967295", "x" }, "too great" },
	};
	struct jail_options o;

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		if (parse(&o, cases[i].words) == 0)
			fail_msg("case %zu was taken", i);
		if (strstr(o.error, cases[i].want) == NULL)
			fail_msg("case %zu: \"%s\" without \"%s\"", i, o.error,
			    cases[i].want);
		jail_options_done(&o);
	}
}

static void
test_good(void **state)
{
	static const char *const words[WORDS] = { "--as-limit=2G", "--uid=7",
		"--nproc", "9", "--output=a=b=/t/o", "--", "cc", "--version" };
	struct jail_options o;

	(void)state;
	assert_int_equal(parse(&o, words), -1); /* b=/t/o is no path */
	jail_options_done(&o);
	assert_int_equal(parse(&o, (const char *const[WORDS]){ "--as-limit=2G",
		"--uid=7", "--nproc", "9", "--output=a=/t/o=", "--usual", "cc",
		"--version" }), 0);
	assert_true(o.limits.as_bytes == UINT64_C(2) << 30);
	assert_true(o.limits.nproc == 9 && o.has_uid && o.uid == 7);
	assert_string_equal(o.outputs[0].file, "a");
	assert_string_equal(o.outputs[0].path, "/t/o=");
	assert_string_equal(o.command[0], "cc");
	assert_string_equal(o.command[1], "--version");
	assert_null(o.command[2]);
	assert_false(o.version);
	jail_options_done(&o);
	assert_int_equal(parse(&o, (const char *const[WORDS]){ "--help" }), 0);
	assert_true(o.help);
	jail_options_done(&o);
}

static void
test_size(void **state)
{
	static const struct {
		const char *text;
		bool good;
		uint64_t want;
	} cases[] = {
		{ "0", true, 0 },
		{ "4096", true, 4096 },
		{ "1k", true, 1024 },
		{ "1K", true, 1024 },
		{ "64M", true, 64U << 20 },
		{ "3G", true, UINT64_C(3) << 30 },
		{ "1t", true, UINT64_C(1) << 40 },
		{ "4194304T", true, UINT64_C(1) << 62 },
		{ "4194305T", false, 0 },
		{ "99999999999999999999", false, 0 },
		{ "", false, 0 },
		{ "K", false, 0 },
		{ "1KB", false, 0 },
		{ "+1", false, 0 },
		{ " 1", false, 0 },
		{ "0x10", false, 0 },
	};
	uint64_t n;

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		n = 0;
		if (jail_options_size(cases[i].text, &n) != cases[i].good ||
		    n != cases[i].want)
			fail_msg("\"%s\"", cases[i].text);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bad),
		cmocka_unit_test(test_good),
		cmocka_unit_test(test_size),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
