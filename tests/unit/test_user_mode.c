/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Why user namespaces are not to be had, told from sysctls in a directory of
 * the test's; and that the one there is here maps more than one id. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "sandbox/user_mode.h"

static char proc[] = "/tmp/immure-proc.XXXXXX";

static const char *const dirs[] = { "/sys", "/sys/kernel", "/sys/user" };

static const struct {
	const char *file, *value, *remedy;
} cases[] = {
	{ "/sys/kernel/unprivileged_userns_clone", "0\n",
	    "kernel.unprivileged_userns_clone=1" },
	{ "/sys/kernel/unprivileged_userns_clone", "1\n", "container" },
	{ "/sys/user/max_user_namespaces", "0\n",
	    "user.max_user_namespaces=65536" },
	{ "/sys/user/max_user_namespaces", "96365\n", "container" },
	{ "/sys/kernel/apparmor_restrict_unprivileged_userns", "1\n",
	    "`userns,`" },
	{ "/sys/kernel/apparmor_restrict_unprivileged_userns", "0\n",
	    "container" },
};

static int
make_proc(void **state)
{
	char path[128];

	(void)state;
	if (mkdtemp(proc) == NULL)
		return -1;
	for (size_t i = 0; i < 3; i++) {
		(void)snprintf(path, sizeof(path), "%s%s", proc, dirs[i]);
		if (mkdir(path, 0700) != 0)
			return -1;
	}
	return 0;
}

static int
remove_proc(void **state)
{
	char path[128];

	(void)state;
	for (size_t i = 3; i > 0; i--) {
		(void)snprintf(path, sizeof(path), "%s%s", proc, dirs[i - 1]);
		(void)rmdir(path);
	}
	return rmdir(proc);
}

static void
names_the_sysctl(void **state)
{
	char path[128];
	FILE *f;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		(void)snprintf(
		    path, sizeof(path), "%s%s", proc, cases[i].file);
		f = fopen(path, "w");
		assert_non_null(f);
		assert_true(fputs(cases[i].value, f) >= 0);
		assert_int_equal(fclose(f), 0);
		assert_non_null(
		    strstr(user_mode_remedy(proc), cases[i].remedy));
		assert_int_equal(unlink(path), 0);
	}
}

/* In a child, because there is no way back. */
static void
one_id_after_entering(void **state)
{
	const char *where = "";
	int status = 0;
	pid_t pid = fork();

	(void)state;
	if (pid == 0) {
		if (user_mode_enter(&where) != 0)
			_exit(77); /* not to be had here */
		_exit(user_mode() && getuid() == 0 ? 0 : 1);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 77)
		skip();
	assert_int_equal(status, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_the_sysctl),
		cmocka_unit_test(one_id_after_entering),
	};

	return cmocka_run_group_tests(tests, make_proc, remove_proc);
}
