/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Ownership, the list of an image's contents, copying and the digest, on
 * trees below /tmp. */
#include <node/imager/contents.h>
#include <node/imager/copy.h>
#include <node/imager/owner.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

static char top[PATH_MAX]; /* real path of this test's directory */

static const char *
at(const char *rel)
{
	static char path[4][PATH_MAX + 64];
	static unsigned i;

	i = (i + 1) % 4;
	snprintf(path[i], sizeof(path[i]), "%s/%s", top, rel);
	return path[i];
}

static void
put(const char *rel, const char *text, mode_t mode)
{
	int fd = open(at(rel), O_WRONLY | O_CREAT | O_TRUNC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	assert_int_equal(fchmod(fd, mode), 0);
	(void)close(fd);
}

static void
put_dir(const char *rel, mode_t mode)
{
	assert_int_equal(mkdir(at(rel), 0700), 0);
	assert_int_equal(chmod(at(rel), mode), 0);
}

static int
set_up(void **state)
{
	char dir[] = "/tmp/immure-test.XXXXXX";

	(void)state;
	if (mkdtemp(dir) == NULL || realpath(dir, top) == NULL)
		return -1;
	put_dir("usr", 0755);
	put_dir("usr/bin", 0755);
	put_dir("usr/lib", 0755);
	put_dir("open", 0775);
	put_dir("wide", 01777);
	put("usr/bin/cc1", "cc1", 0755);
	put("usr/bin/group", "x", 0775);
	put("usr/bin/world", "x", 0757);
	put("open/cc1", "x", 0755);
	put("wide/cc1", "x", 0755);
	return symlink("usr/lib", at("lib")) || symlink("cc1",
	    at("usr/bin/gcc")) || symlink("../../open/cc1",
	    at("usr/bin/elsewhere")) || symlink("loop", at("usr/bin/loop"));
}

static int
remove_one(const char *path, const struct stat *st, int flag, struct FTW *f)
{
	(void)st;
	(void)flag;
	(void)f;
	return remove(path);
}

static int
tear_down(void **state)
{
	(void)state;
	return nftw(top, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static const struct {
	const char *path;
	int want;
	const char *why; /* part of the reason */
} walks[] = {
	{ "usr/bin/cc1", 0, "" },
	{ "usr/bin/gcc", 0, "" },
	{ "usr/bin/../bin/./cc1", 0, "" },
	{ "lib/../bin/cc1", 0, "" },
	{ "usr/bin/group", -EPERM, "group: writable by its group" },
	{ "usr/bin/world", -EPERM, "world: writable by everybody" },
	{ "open/cc1", -EPERM, "open: writable by its group" },
	{ "wide/cc1", -EPERM, "wide: writable by" },
	{ "usr/bin/elsewhere", -EPERM, "open: writable by its group" },
	{ "usr/bin/loop", -ELOOP, "too many symlinks" },
	{ "usr/bin/none", -ENOENT, "none: " },
	{ "usr/bin/cc1/x", -ENOTDIR, "" },
};

static void
test_owner(void **state)
{
	const struct owner_rule rule = { .uid = geteuid(), .also = geteuid(),
		.base = top };
	char real[PATH_MAX], why[PATH_MAX + 64];

	(void)state;
	for (size_t i = 0; i < sizeof(walks) / sizeof(walks[0]); i++) {
		why[0] = '\0';
		assert_int_equal(owner_walk(&rule, at(walks[i].path), real,
		    NULL, NULL, why, sizeof(why)), walks[i].want);
		if (strstr(why, walks[i].why) == NULL)
			fail_msg("%s: %s", walks[i].path, why);
		if (walks[i].want == 0)
			assert_string_equal(real, at("usr/bin/cc1"));
	}
	assert_int_equal(owner_walk(NULL, "usr", real, NULL, NULL, why,
	    sizeof(why)), -EINVAL);
}

/* Everything here belongs to somebody else than the rule wants. */
static void
test_stranger(void **state)
{
	const struct owner_rule rule = { .uid = geteuid() + 1,
		.also = geteuid() + 1, .base = top };
	char real[PATH_MAX], why[PATH_MAX + 64];

	(void)state;
	assert_int_equal(owner_walk(&rule, at("usr/bin/cc1"), real, NULL,
	    NULL, why, sizeof(why)), -EPERM);
	assert_non_null(strstr(why, "usr: not owned by root"));
}

static void
test_mirror(void **state)
{
	const struct owner_rule rule = { .uid = geteuid(), .also = geteuid(),
		.base = top };
	struct contents c = { .n = 0 };
	struct manifest m = { .n = 0 };
	char real[PATH_MAX], why[PATH_MAX + 64], in[PATH_MAX + 64];

	(void)state;
	assert_int_equal(contents_mirror(&c, &m, &rule, at("usr/bin/gcc"),
	    real, why, sizeof(why)), 0);
	assert_int_equal(contents_finish(&c), 0);
	snprintf(in, sizeof(in), "x%s/usr/bin/gcc", top);
	assert_true(contents_has(&c, in));
	snprintf(in, sizeof(in), "x%s/usr/bin/cc1", top);
	assert_true(contents_has(&c, in));
	assert_true(contents_has(&c, "x"));
	assert_false(contents_has(&c, "x/"));
	for (size_t i = 0; i < c.n; i++) /* relative, up to the root and down */
		if (c.v[i].type == CONTENT_LINK)
			assert_int_equal(strncmp(c.v[i].from, "../", 3), 0);
	contents_done(&c);
	manifest_done(&m);
}

/* An include tree with every kind of entry. */
static void
put_tree(void)
{
	put_dir("inc", 0755);
	put_dir("inc/sub", 0755);
	put("inc/a.h", "a", 0644);
	put("inc/sub/b.h", "b", 0600);
	assert_int_equal(symlink("sub/b.h", at("inc/within.h")), 0);
	assert_int_equal(symlink("../usr/bin/cc1", at("inc/outside.h")), 0);
	assert_int_equal(symlink("../usr", at("inc/outside")), 0);
	assert_int_equal(symlink("nowhere", at("inc/dangling")), 0);
	assert_int_equal(mkfifo(at("inc/fifo"), 0644), 0);
}

static void
list_tree(struct contents *c, struct manifest *m)
{
	memset(c, 0, sizeof(*c));
	memset(m, 0, sizeof(*m));
	assert_int_equal(contents_tree(c, m, at("inc"), "inc/usr/include"), 0);
	assert_int_equal(contents_finish(c), 0);
}

static void
copy_tree(const char *image, struct copied *k)
{
	struct contents c;
	struct manifest m;
	char why[PATH_MAX + 64];
	int gen;

	list_tree(&c, &m);
	gen = open(top, O_RDONLY | O_DIRECTORY);
	put_dir(image, 0755);
	if (copy_contents(&c, &m, gen, image, k, why, sizeof(why)) != 0)
		fail_msg("%s", why);
	(void)close(gen);
	contents_done(&c);
	manifest_done(&m);
}

static void
test_tree(void **state)
{
	static const struct {
		const char *path;
		char type; /* 0: not there */
	} want[] = {
		{ "inc", 'd' }, { "inc/usr", 'd' }, { "inc/usr/include", 'd' },
		{ "inc/usr/include/a.h", 'f' },
		{ "inc/usr/include/sub", 'd' },
		{ "inc/usr/include/sub/b.h", 'f' },
		{ "inc/usr/include/within.h", 'l' },
		{ "inc/usr/include/outside.h", 'f' },
		{ "inc/usr/include/outside", 0 },
		{ "inc/usr/include/dangling", 0 },
		{ "inc/usr/include/fifo", 0 },
	};
	struct contents c;
	struct manifest m;

	(void)state;
	put_tree();
	list_tree(&c, &m);
	for (size_t i = 0; i < sizeof(want) / sizeof(want[0]); i++)
		assert_int_equal(contents_has(&c, want[i].path),
		    want[i].type != 0);
	assert_int_equal(c.n, 8);
	contents_done(&c);
	manifest_done(&m);
}

/* The same twice; another byte, another mode, another name: another digest. */
static void
test_digest(void **state)
{
	struct copied first, again, other;
	struct stat st;

	(void)state;
	put_tree();
	copy_tree("1", &first);
	copy_tree("2", &again);
	assert_memory_equal(first.digest, again.digest, 32);
	assert_int_equal(first.files, 3);
	assert_int_equal(first.bytes, 5);
	assert_int_equal(stat(at("1/inc/usr/include/sub/b.h"), &st), 0);
	assert_int_equal(st.st_mode & 07777, 0644);
	put("inc/a.h", "A", 0644);
	copy_tree("3", &other);
	assert_memory_not_equal(first.digest, other.digest, 32);
	put("inc/a.h", "a", 0755);
	copy_tree("4", &other);
	assert_memory_not_equal(first.digest, other.digest, 32);
	put("inc/a.h", "a", 0644);
	copy_tree("5", &other);
	assert_memory_equal(first.digest, other.digest, 32);
	assert_int_equal(rename(at("inc/a.h"), at("inc/c.h")), 0);
	copy_tree("6", &other);
	assert_memory_not_equal(first.digest, other.digest, 32);
}

/* A second image of the same generation shares the files. */
static void
test_shared(void **state)
{
	struct contents c;
	struct manifest m;
	struct copied a, b;
	char why[PATH_MAX + 64];
	struct stat x, y;
	int gen;

	(void)state;
	put_tree();
	list_tree(&c, &m);
	gen = open(top, O_RDONLY | O_DIRECTORY);
	put_dir("1", 0755);
	put_dir("2", 0755);
	assert_int_equal(copy_contents(&c, &m, gen, "1", &a, why,
	    sizeof(why)), 0);
	assert_int_equal(copy_contents(&c, &m, gen, "2", &b, why,
	    sizeof(why)), 0);
	assert_memory_equal(a.digest, b.digest, 32);
	assert_int_equal(stat(at("1/inc/usr/include/a.h"), &x), 0);
	assert_int_equal(stat(at("2/inc/usr/include/a.h"), &y), 0);
	assert_true(x.st_ino == y.st_ino);
	(void)close(gen);
	contents_done(&c);
	manifest_done(&m);
}

static void
test_manifest(void **state)
{
	struct contents c;
	struct manifest m;

	(void)state;
	put_tree();
	list_tree(&c, &m);
	assert_true(manifest_holds(&m));
	put("inc/new.h", "", 0644);
	assert_false(manifest_holds(&m)); /* by the directory's time */
	contents_done(&c);
	manifest_done(&m);
}

int
main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(test_owner), TEST(test_stranger), TEST(test_mirror),
		TEST(test_tree), TEST(test_digest), TEST(test_shared),
		TEST(test_manifest),
	};

	umask(022);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
