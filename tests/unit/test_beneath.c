/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is bound beneath a directory is in that directory: a symlink put there
 * by somebody else leads to nothing of the host. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "sandbox/jail.h"
#include "sandbox/mount.h"

static char top[] = "/tmp/immure-beneath.XXXXXX";

static const struct {
	const char *path;
	int want; /* 0, or -errno */
} cases[] = {
	{ "image", 0 },
	{ "image/x", 0 },
	{ "./image/x", 0 },
	{ "inside/x", 0 }, /* a symlink to image */
	{ "outside", -EXDEV }, /* … to /usr */
	{ "outside/bin", -EXDEV },
	{ "up", -EXDEV }, /* … to .. */
	{ "image/../..", -EXDEV },
	{ "/usr", -EXDEV },
	{ "none", -ENOENT },
};

static int
make(void **state)
{
	(void)state;
	if (mkdtemp(top) == NULL || chdir(top) != 0 ||
	    mkdir("image", 0700) != 0 || mkdir("image/x", 0700) != 0)
		return -1;
	return symlink("image", "inside") != 0 ||
	    symlink("/usr", "outside") != 0 || symlink("..", "up") != 0;
}

static int
done(void **state)
{
	(void)state;
	(void)unlink("inside");
	(void)unlink("outside");
	(void)unlink("up");
	(void)rmdir("image/x");
	(void)rmdir("image");
	return chdir("/") != 0 || rmdir(top) != 0;
}

static void
opens_what_is_inside(void **state)
{
	int dir = open(top, O_PATH | O_DIRECTORY | O_CLOEXEC);

	(void)state;
	assert_true(dir >= 0);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		int fd = mount_open_beneath(dir, cases[i].path);

		if (fd >= 0)
			(void)close(fd);
		if ((fd >= 0 ? 0 : fd) != cases[i].want)
			fail_msg("%s: %d", cases[i].path, fd);
	}
	(void)close(dir);
}

/* The command is not there: how far does it get? */
static int
spawn(const char *from, const char **ret_where)
{
	static const char *const argv[] = { "/none", NULL };
	struct jail *j = jail_new();
	int r;

	assert_non_null(j);
	assert_int_equal(jail_ids(j, 1900000100, 1900000100), 0);
	assert_int_equal(jail_bind_beneath(j, top, from, "/b", false), 0);
	r = jail_spawn(j, argv, 0, 1, 2, ret_where);
	(void)jail_free(j);
	return r;
}

static void
jail_binds_what_is_inside(void **state)
{
	const char *where = "";

	(void)state;
	if (geteuid() != 0)
		skip();
	assert_int_equal(spawn("image/x", &where), -ENOENT);
	assert_ptr_equal(where, jail_where_exec);
	assert_int_equal(spawn("inside/x", &where), -ENOENT);
	assert_ptr_equal(where, jail_where_exec);
	assert_int_equal(spawn("outside", &where), -EXDEV);
	assert_int_equal(spawn("up", &where), -EXDEV);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(opens_what_is_inside),
		cmocka_unit_test(jail_binds_what_is_inside),
	};

	return cmocka_run_group_tests(tests, make, done);
}
