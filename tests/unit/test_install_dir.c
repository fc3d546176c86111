/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Needs nothing. */
#include <node/common/install_dir.h>

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static void
test_places(void **state)
{
	static const struct {
		const char *exe, *want;
	} cases[] = {
		{ "/src/build/immured", "/src/build/libexec" },
		{ "/src/build/immure", "/src/build/libexec" },
		{ "/usr/sbin/immured", "/usr/libexec/immure" },
		{ "/usr/bin/immure", "/usr/libexec/immure" },
		{ "/bin/immure", "/libexec/immure" },
		{ "/opt/x/bin/immure", "/opt/x/libexec/immure" },
		{ "/usr/libexec/immure/immure-imager", "/usr/libexec/immure" },
		{ "/src/build/libexec/immure-imager", "/src/build/libexec" },
		{ "/src/robin/immure", "/src/robin/libexec" },
		{ "/immure", "/libexec" },
	};
	char dir[256];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(
		    install_libexec_of(cases[i].exe, dir, sizeof(dir)), 0);
		assert_string_equal(dir, cases[i].want);
	}
}

static void
test_refused(void **state)
{
	char dir[16];

	(void)state;
	assert_int_equal(install_libexec_of("immured", dir, 16), -EINVAL);
	assert_int_equal(install_libexec_of("", dir, 16), -EINVAL);
	assert_int_equal(
	    install_libexec_of("/a/b/c/d/immured", dir, 16), -ENAMETOOLONG);
	assert_int_equal(install_libexec_of("/a/b/c/immured", dir, 16), 0);
}

static void
test_running_program(void **state)
{
	const char *dir = install_libexec();

	(void)state;
	assert_non_null(dir);
	assert_int_equal(dir[0], '/');
	assert_ptr_equal(dir, install_libexec());
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_places),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_running_program),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
