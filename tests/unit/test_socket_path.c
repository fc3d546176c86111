/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <node/relay/socket_path.h>

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#define NOBODY 65533

static char room[] = "/tmp/immure-path.XXXXXX";

/* As an ordinary user: root has a place of its own. */
static int
set_up(void **state)
{
	(void)state;
	if (mkdtemp(room) == NULL)
		return -1;
	if (geteuid() == 0 && (chown(room, NOBODY, NOBODY) < 0 ||
	        seteuid(NOBODY) < 0))
		return -1;
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	if (seteuid(getuid()) < 0)
		return -1;
	return rmdir(room);
}

static void
is_below_tmp(const char *why)
{
	char want[SOCKET_PATH_MAX], got[SOCKET_PATH_MAX];

	(void)snprintf(want, sizeof(want), "/tmp/immure-%u/job.sock",
	    (unsigned)geteuid());
	assert_int_equal(socket_own(got), 0);
	if (strcmp(got, want) != 0)
		fail_msg("%s: %s", why, got);
}

static void
test_place(void **state)
{
	char got[SOCKET_PATH_MAX], want[SOCKET_PATH_MAX];

	(void)state;
	(void)unsetenv("XDG_RUNTIME_DIR");
	is_below_tmp("not set");
	(void)setenv("XDG_RUNTIME_DIR", "relative", 1);
	is_below_tmp("relative");
	(void)setenv("XDG_RUNTIME_DIR", "/nonexistent", 1);
	is_below_tmp("not there");
	(void)setenv("XDG_RUNTIME_DIR", "/usr", 1);
	is_below_tmp("somebody else's");
	(void)setenv("XDG_RUNTIME_DIR", room, 1);
	assert_int_equal(chmod(room, 0770), 0);
	is_below_tmp("its group may write");
	assert_int_equal(chmod(room, 0700), 0);
	(void)snprintf(want, sizeof(want), "%s/immure/job.sock", room);
	assert_int_equal(socket_own(got), 0);
	assert_string_equal(got, want);
}

/* The name below /tmp is taken by what is no directory of this user's; HOME
 * helps, where it is that user's alone. */
static void
test_taken(void **state)
{
	char place[64], got[SOCKET_PATH_MAX], want[SOCKET_PATH_MAX];

	(void)state;
	(void)unsetenv("XDG_RUNTIME_DIR");
	(void)snprintf(place, sizeof(place), "/tmp/immure-%u",
	    (unsigned)geteuid());
	if (access(place, F_OK) == 0)
		skip(); /* this user has a node */
	assert_int_equal(symlink("/usr", place), 0);
	assert_int_equal(chmod(room, 0700), 0);
	(void)setenv("HOME", room, 1);
	(void)snprintf(want, sizeof(want), "%s/.immure/job.sock", room);
	assert_int_equal(socket_own(got), 0);
	assert_string_equal(got, want);
	assert_int_equal(chmod(room, 0770), 0);
	is_below_tmp("HOME is its group's");
	(void)setenv("HOME", "/usr", 1);
	is_below_tmp("HOME is somebody else's");
	(void)unsetenv("HOME");
	is_below_tmp("no HOME");
	assert_int_equal(unlink(place), 0);
	assert_int_equal(chmod(room, 0700), 0);
	(void)setenv("HOME", room, 1);
	is_below_tmp("nobody has taken it");
}

static void
test_directory(void **state)
{
	char dir[128], link[128];
	int fd;

	(void)state;
	(void)snprintf(dir, sizeof(dir), "%s/d", room);
	(void)snprintf(link, sizeof(link), "%s/l", room);
	fd = socket_own_dir_open(dir);
	assert_true(fd >= 0);
	(void)close(fd);
	fd = socket_own_dir_open(dir); /* it may be there already */
	assert_true(fd >= 0);
	(void)close(fd);
	assert_int_equal(symlink(dir, link), 0);
	assert_int_equal(socket_own_dir_open(link), -EPERM);
	assert_int_equal(chmod(dir, 0720), 0);
	assert_int_equal(socket_own_dir_open(dir), -EPERM);
	assert_int_equal(socket_own_dir_open("/usr"), -EPERM);
	assert_int_equal(socket_own_dir_open("/dev/null"), -EPERM);
	assert_int_equal(unlink(link), 0);
	assert_int_equal(rmdir(dir), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_place),
		cmocka_unit_test(test_taken),
		cmocka_unit_test(test_directory),
	};

	return cmocka_run_group_tests_name("socket_path", tests, set_up,
	    tear_down);
}
