/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Groups without a kernel's: the same files and directories in /tmp.  What only
 * the kernel can show is in tests/escape/cgroup.bats and tests/vm. */
#include <sandbox/cgroup.h>

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static char dir[] = "/tmp/immure-cgroup.XXXXXX";
static int fd;

static int
set_up(void **state)
{
	(void)state;
	memcpy(dir + strlen(dir) - 6, "XXXXXX", 6);
	if (mkdtemp(dir) == NULL)
		return -1;
	fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return fd < 0 ? -1 : 0;
}

static int
tear_down(void **state)
{
	(void)state;
	(void)unlinkat(fd, "cgroup.controllers", 0);
	(void)unlinkat(fd, "cgroup.subtree_control", 0);
	(void)unlinkat(fd, "cpu.weight", 0);
	(void)unlinkat(fd, "io.weight", 0);
	(void)unlinkat(fd, "cgroup.max.descendants", 0);
	(void)unlinkat(fd, "cgroup.max.depth", 0);
	(void)close(fd);
	return rmdir(dir);
}

static void
put(const char *name, const char *text)
{
	int f = openat(fd, name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC,
	    0600);

	assert_true(f >= 0);
	assert_int_equal(write(f, text, strlen(text)), (int)strlen(text));
	(void)close(f);
}

static void
test_controllers(void **state)
{
	static const struct {
		const char *list;
		unsigned mask;
	} rows[] = {
		{ "cpuset cpu io memory pids\n",
		    CGROUP_CPU | CGROUP_IO | CGROUP_MEMORY | CGROUP_PIDS },
		{ "hugetlb\n", 0 },
		{ "", 0 },
		{ "memory\n", CGROUP_MEMORY },
		{ "cpuset memoryx pid\n", 0 },
		{ "pids", CGROUP_PIDS },
	};

	(void)state;
	assert_int_equal(cgroup_controllers(fd, "cgroup.controllers"), 0);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		put("cgroup.controllers", rows[i].list);
		assert_int_equal(cgroup_controllers(fd, "cgroup.controllers"),
		    rows[i].mask);
	}
	assert_string_equal(cgroup_words(CGROUP_BOUNDS), "memory pids");
	assert_string_equal(cgroup_words(0), "none");
}

/* What is in force is what the kernel then says, not what was written. */
static void
test_enable(void **state)
{
	(void)state;
	put("cgroup.subtree_control", "");
	assert_int_equal(cgroup_enable(fd, CGROUP_BOUNDS), 0);
	put("cgroup.subtree_control", "cpu memory pids");
	assert_int_equal(cgroup_enable(fd, 0), 0);
}

static void
expect_file(const char *name, const char *text)
{
	char is[64];

	assert_int_equal(cgroup_read(fd, name, is, sizeof(is)), 0);
	assert_string_equal(is, text);
}

/* A controller that is not there is not missed; a bound is. */
static void
test_share(void **state)
{
	(void)state;
	cgroup_share(fd, 1000);
	assert_int_equal(faccessat(fd, "cpu.weight", F_OK, 0), -1);
	put("cpu.weight", "");
	cgroup_share(fd, 1000);
	put("io.weight", "");
	cgroup_share(fd, 2000);
	expect_file("cpu.weight", "2000");
	expect_file("io.weight", "default 2000");
}

static void
test_confine(void **state)
{
	(void)state;
	assert_int_equal(cgroup_confine(fd, 9, 1), -ENOENT);
	put("cgroup.max.descendants", "");
	assert_int_equal(cgroup_confine(fd, 9, 1), -ENOENT);
	put("cgroup.max.depth", "");
	assert_int_equal(cgroup_confine(fd, 9, 1), 0);
	expect_file("cgroup.max.descendants", "9");
	expect_file("cgroup.max.depth", "1");
}

static void
make(const char *name)
{
	assert_int_equal(mkdirat(fd, name, 0700), 0);
}

static void
test_clear(void **state)
{
	(void)state;
	assert_int_equal(cgroup_clear(fd, "none"), 0);
	make("t");
	make("t/slot-0");
	make("t/slot-0/self");
	make("t/slot-0/cell-1");
	make("t/slot-1");
	assert_int_equal(cgroup_clear(fd, "t"), 0);
	assert_int_equal(faccessat(fd, "t", F_OK, 0), -1);
}

static void
test_clear_bounds(void **state)
{
	(void)state;
	make("t");
	make("t/1");
	make("t/1/2");
	make("t/1/2/3");
	assert_int_equal(cgroup_clear(fd, "t"), -ELOOP);
	assert_int_equal(faccessat(fd, "t/1/2/3", F_OK, 0), 0);
	assert_int_equal(cgroup_clear(fd, "t/1"), 0);
	assert_int_equal(cgroup_clear(fd, "t"), 0);
	/* never through a link */
	make("t");
	assert_int_equal(symlinkat("t", fd, "l"), 0);
	assert_int_equal(cgroup_clear(fd, "l"), -ENOTDIR);
	assert_int_equal(faccessat(fd, "t", F_OK, 0), 0);
	assert_int_equal(unlinkat(fd, "l", 0), 0);
	assert_int_equal(unlinkat(fd, "t", AT_REMOVEDIR), 0);
}

static void
test_find(void **state)
{
	struct cgroup_place p;

	(void)state;
	assert_int_equal(cgroup_find("none", &p), -ENOENT);
	assert_non_null(strstr(p.reason, "none"));
	assert_int_equal(p.fd, -1);
	assert_int_equal(cgroup_find(dir, &p), -ENOTDIR);
	assert_non_null(p.reason);
	assert_non_null(p.remedy);
	assert_int_equal(cgroup_find("/nowhere", &p), -ENOENT);
	assert_string_equal(p.path, "/nowhere");
	assert_int_equal(p.fd, -1);
	assert_false(p.ours);
	assert_true(cgroup_find_delegated("/no-such-group", &p) < 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    test_controllers, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_enable, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_share, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    test_confine, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_clear, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    test_clear_bounds, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_find, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
