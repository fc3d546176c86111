/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where a client's files may lie (security-rules 3 and 4), against a toolchain
 * as gcc 12 of Debian 12 has it, with clang's directories on top.
 */
#include "node/broker/place.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define ROWS(t) (sizeof(t) / sizeof((t)[0]))

static const struct toolchain tc = {
	.family = FAMILY_GCC,
	.machine = "x86_64-linux-gnu",
	.inc = { "/usr/include", "/usr/local/include",
	    "/usr/lib/gcc/x86_64-linux-gnu/12/include",
	    "/usr/lib/llvm-14/lib/clang/14.0.6/include" },
	.dirs = { "/usr/bin", "/usr/lib/gcc/x86_64-linux-gnu/12",
	    "/usr/lib/gcc/x86_64-linux-gnu/12/plugin",
	    "/usr/lib/x86_64-linux-gnu", "/usr/lib/llvm-14/bin",
	    "/usr/lib/llvm-14/lib", "/usr/share/gconv", "/lib64",
	    "/usr/local/bin" },
};

#define TOP  "place.top"
#define TOOL "place.toolchain"
#define INC  "place.include"
#define OWN  "place.own"

/* What a file or a directory of the client meets there. */
static void
test_check(void **state)
{
	static const struct {
		const char *path, *want;
	} rows[] = {
		/* a client's usual places */
		{ "/home/u/src/a.c", NULL },
		{ "/root/a.c", NULL },
		{ "/build/x/y.h", NULL },
		{ "/tmp/x/a.c", NULL },
		{ "/usr/src/linux/a.h", NULL },
		{ "/usr/share/x/a.h", NULL },
		{ "/var/tmp/portage/a.c", NULL },
		{ "/nix/store/x/a.h", NULL },
		/* no such top, or one that is ours */
		{ "/etc/ld.so.preload", TOP },
		{ "/etc", TOP },
		{ "/dev/urandom", TOP },
		{ "/proc/self/exe", TOP },
		{ "/sys/x", TOP },
		{ "/lib/x86_64-linux-gnu/libc.so.6", TOP },
		{ "/lib64/ld-linux-x86-64.so.2", TOP },
		{ "/lib32/x", TOP },
		{ "/libx32/x", TOP },
		{ "/bin/sh", TOP },
		{ "/sbin/x", TOP },
		{ "/boot/x", TOP },
		{ "/.immure/usr/bin/gcc", TOP },
		{ "/.immure", TOP },
		{ "/.job/tmp/x", TOP },
		{ "/a.c", TOP },
		{ "/", TOP },
		/* programs, libraries, specs, configuration */
		{ "/usr/bin", TOOL },
		{ "/usr/bin/as", TOOL },
		{ "/usr/bin/x86_64-linux-gnu-clang.cfg", TOOL },
		{ "/usr/local/bin/as", TOOL },
		{ "/usr/lib/gcc/x86_64-linux-gnu/12", TOOL },
		{ "/usr/lib/gcc/x86_64-linux-gnu/12/specs", TOOL },
		{ "/usr/lib/gcc/x86_64-linux-gnu/12/cc1", TOOL },
		{ "/usr/lib/gcc/x86_64-linux-gnu/12/plugin/x.so", TOOL },
		{ "/usr/lib/gcc/x86_64-linux-gnu/12/deep/er/x", TOOL },
		{ "/usr/lib/llvm-14/bin/clang.cfg", TOOL },
		{ "/usr/lib/llvm-14/lib/libLLVM-14.so.1", TOOL },
		{ "/usr/lib/x86_64-linux-gnu/libc.so.6", TOOL },
		{ "/usr/lib/x86_64-linux-gnu/gconv/gconv-modules", TOOL },
		{ "/usr/share/gconv/x.so", TOOL },
		/* … specs where gcc looks for crt1.o, and links on the way */
		{ "/usr/lib/gcc/x86_64-linux-gnu/specs", TOOL },
		{ "/usr/lib/gcc/specs", TOOL },
		{ "/usr/lib/specs", TOOL },
		{ "/usr/x86_64-linux-gnu", TOOL },
		{ "/usr/x86_64-linux-gnu/lib", TOOL },
		{ "/usr/x86_64-linux-gnu/lib/specs", TOOL },
		{ "/usr/x86_64-linux-gnu/lib/x86_64-linux-gnu/12/specs",
		    TOOL },
		{ "/usr/x86_64-linux-gnu/lib/x86_64-linux-gnu/12", TOOL },
		{ "/usr/x86_64-linux-gnu/include/x.h", NULL },
		{ "/usr/lib/gcc/x86_64-linux-gnu/11/include/x.h", NULL },
		{ "/usr/lib/gcc/x86_64-linux-gnu/12.2.0", NULL },
		{ "/usr/x86_64-linux-gnu2/x.h", NULL },
		{ "/usr/xx86_64-linux-gnu/x.h", NULL },
		{ "/usr/src/specs.h", NULL },
		{ "/home/u/specs", NULL },
		{ "/home/u/x86_64-linux-gnu/x.h", NULL },
		/* … headers that lie among libraries are the client's */
		{ "/usr/lib/x86_64-linux-gnu/glib-2.0/include/glibconfig.h",
		    NULL },
		{ "/usr/lib/x86_64-linux-gnu/dbus-1.0/include/dbus/x.h",
		    NULL },
		{ "/usr/lib/gcc/x86_64-linux-gnu/12/plugin/include/x.h",
		    NULL },
		{ "/usr/lib/x86_64-linux-gnu/include", NULL },
		/* … but not what only looks like it */
		{ "/usr/lib/x86_64-linux-gnu/includes/libc.so.6", TOOL },
		{ "/usr/lib/x86_64-linux-gnu/xinclude/libc.so.6", TOOL },
		{ "/usr/lib/gcc/x86_64-linux-gnu/12/include-fixed/x.h",
		    TOOL },
		/* neighbours by name */
		{ "/usr/lib/gcc/x86_64-linux-gnu/12.1/x", NULL },
		{ "/usr/lib/gcc/x86_64-linux-gnu/12.1/specs", TOOL },
		{ "/usr/bin2/x", NULL },
		{ "/usr/lib/gcc/x86_64-linux-gnu/1", NULL },
		/* what the node provides */
		{ "/usr/include", INC },
		{ "/usr/include/stdio.h", INC },
		{ "/usr/local/include/x.h", INC },
		{ "/usr/lib/gcc/x86_64-linux-gnu/12/include/stddef.h", INC },
		{ "/usr/include2/x.h", NULL },
		/* our own files in the cell */
		{ "/tmp/.immure", OWN },
		{ "/tmp/.immure/o", OWN },
		{ "/tmp/.immured/o", NULL },
	};
	const char *got;

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		print_message("  %s\n", rows[i].path);
		got = place_check(&tc, rows[i].path);
		if (rows[i].want == NULL)
			assert_null(got);
		else
			assert_string_equal(got != NULL ? got : "allowed",
			    rows[i].want);
	}
}

/*
 * A link or a file in place of a directory *above* one of the toolchain's
 * would move what lies below it: LINK /usr/lib/gcc -> /home/u/x together with
 * FILE /home/u/x/x86_64-linux-gnu/12/specs is a specs file.
 */
static void
test_above(void **state)
{
	static const struct {
		const char *path;
		bool want;
	} rows[] = {
		{ "/usr", true },
		{ "/usr/lib", true },
		{ "/usr/lib/gcc", true },
		{ "/usr/lib/gcc/x86_64-linux-gnu", true },
		{ "/usr/lib/llvm-14", true },
		{ "/usr/local", true },
		{ "/tmp", true }, /* /tmp/.immure */
		{ "/usr/lib/gcc/x86_64-linux-gn", false },
		{ "/usr/lib/gc", false },
		{ "/usr/src", false },
		{ "/usr/lib64", false },
		{ "/home", false },
		{ "/home/u", false },
		{ "/tmp/x", false },
	};

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		print_message("  %s\n", rows[i].path);
		assert_int_equal(place_is_above(&tc, rows[i].path),
		    rows[i].want);
	}
}

static void
test_below(void **state)
{
	static const struct {
		const char *path, *dir;
		bool want;
	} rows[] = {
		{ "/a/b", "/a", true },
		{ "/a", "/a", true },
		{ "/a/", "/a", true },
		{ "/ab", "/a", false },
		{ "/a", "/a/", true },
		{ "/a/b", "/a/", true },
		{ "/a", "/a/b", false },
		{ "/a", "/", true },
		{ "/", "/", true },
	};

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++)
		assert_int_equal(path_is_below(rows[i].path, rows[i].dir),
		    rows[i].want);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_check),
		cmocka_unit_test(test_above),
		cmocka_unit_test(test_below),
	};

	return cmocka_run_group_tests_name("place", tests, NULL, NULL);
}
