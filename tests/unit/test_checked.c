/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Self-checks that are remembered: only for the same bytes, words and outcome,
 * and only in a file that nobody else can write. */
#include <fcntl.h>
#include <node/imager/checked.h>
#include <setjmp.h>
#include <sodium.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

static struct toolchain *
toolchain(uint8_t digest)
{
	struct toolchain *t = calloc(1, sizeof(*t));

	assert_non_null(t);
	t->flags = TOOLCHAIN_HEADERS;
	memset(t->digest, digest, sizeof(t->digest));
	(void)snprintf(t->env[0], sizeof(t->env[0]), "COMPILER_PATH=/x");
	return t;
}

static void
test_only_the_same(void **state)
{
	static struct checked c;
	struct toolchain *t = toolchain(1), *other = toolchain(2);
	uint32_t flags = 77;

	(void)state;
	assert_false(checked_find(&c, t, "/usr/bin/gcc", NULL, &flags));
	checked_add(&c, t, "/usr/bin/gcc", NULL, t->flags, TOOLCHAIN_HEADERS);
	assert_true(c.changed);
	assert_true(checked_find(&c, t, "/usr/bin/gcc", NULL, &flags));
	assert_int_equal(flags, TOOLCHAIN_HEADERS);
	assert_false(checked_find(&c, other, "/usr/bin/gcc", NULL, &flags));
	assert_false(checked_find(&c, t, "/usr/bin/cc", NULL, &flags));
	assert_false(checked_find(&c, t, "/usr/bin/gcc", "", &flags));
	t->flags = 0;
	assert_false(checked_find(&c, t, "/usr/bin/gcc", NULL, &flags));
	t->flags = TOOLCHAIN_HEADERS;
	t->env[0][15] = 'y';
	assert_false(checked_find(&c, t, "/usr/bin/gcc", NULL, &flags));
	free(t);
	free(other);
}

/* What came out is part of an entry: it is not one's to choose. */
static void
test_outcome(void **state)
{
	static struct checked c;
	struct toolchain *t = toolchain(1);
	uint32_t flags = 77;

	(void)state;
	checked_add(&c, t, "a", "b", t->flags, TOOLCHAIN_USUAL_PLACES);
	assert_true(checked_find(&c, t, "a", "b", &flags));
	assert_int_equal(flags, TOOLCHAIN_USUAL_PLACES);
	c.hash[0][7] ^= 1;
	assert_false(checked_find(&c, t, "a", "b", &flags));
	free(t);
}

static void
test_oldest_goes(void **state)
{
	static struct checked c;
	struct toolchain *first = toolchain(255), *t = toolchain(0);
	uint32_t flags;

	(void)state;
	checked_add(&c, first, "a", NULL, first->flags, 0);
	for (unsigned i = 0; i + 1 < CHECKED_MAX; i++) {
		t->digest[0] = (uint8_t)(i + 1);
		checked_add(&c, t, "a", NULL, t->flags, 0);
	}
	/* Used, hence not the oldest any more. */
	assert_true(checked_find(&c, first, "a", NULL, &flags));
	t->digest[0] = 200;
	checked_add(&c, t, "a", NULL, t->flags, 0);
	assert_int_equal(c.n, CHECKED_MAX);
	assert_true(checked_find(&c, first, "a", NULL, &flags));
	t->digest[0] = 1;
	assert_false(checked_find(&c, t, "a", NULL, &flags));
	t->digest[0] = 2;
	assert_true(checked_find(&c, t, "a", NULL, &flags));
	free(first);
	free(t);
}

static void
test_file(void **state)
{
	char dir[] = "/tmp/immure-checked.XXXXXX", path[128];
	static struct checked c, again;
	struct toolchain *t = toolchain(1);
	struct stat st;
	uint32_t flags;
	int fd;

	(void)state;
	(void)umask(022);
	assert_non_null(mkdtemp(dir));
	(void)snprintf(path, sizeof(path), "%s/a/b/checked", dir);
	fd = checked_open(path);
	checked_load(&c, fd);
	assert_int_equal(c.n, 0);
	checked_save(&c); /* nothing new: not a byte */
	assert_int_equal(fstat(fd, &st), 0);
	assert_int_equal(st.st_size, 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	checked_add(&c, t, "a", NULL, t->flags, 0);
	checked_save(&c);
	(void)close(fd);

	fd = checked_open(path);
	checked_load(&again, fd);
	assert_true(checked_find(&again, t, "a", NULL, &flags));
	(void)close(fd);

	/* Somebody else could write it: not believed. */
	assert_int_equal(chmod(path, 0620), 0);
	fd = checked_open(path);
	checked_load(&again, fd);
	assert_int_equal(again.n, 0);
	checked_add(&again, t, "a", NULL, t->flags, 0);
	checked_save(&again);
	(void)close(fd);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(symlink("/etc/passwd", path), 0);
	fd = checked_open(path);
	assert_int_equal(fstat(fd, &st), 0);
	assert_true(S_ISCHR(st.st_mode));
	(void)close(fd);
	assert_int_equal(unlink(path), 0);
	(void)snprintf(path, sizeof(path), "%s/a/b", dir);
	assert_int_equal(rmdir(path), 0);
	(void)snprintf(path, sizeof(path), "%s/a", dir);
	assert_int_equal(rmdir(path), 0);
	assert_int_equal(rmdir(dir), 0);
	free(t);
}

static void
test_not_ours(void **state)
{
	static const uint8_t other[] = "immure checked0"
	    "0123456789abcdef0123456789abcdef";
	static const uint8_t cut[] = "immure checked1\0too short";
	static struct checked c = { .n = 3 };

	(void)state;
	checked_parse(&c, other, sizeof(other));
	assert_int_equal(c.n, 0);
	checked_parse(&c, cut, sizeof(cut));
	assert_int_equal(c.n, 0);
	checked_parse(&c, NULL, 0);
	assert_int_equal(c.n, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_only_the_same),
		cmocka_unit_test(test_outcome),
		cmocka_unit_test(test_oldest_goes),
		cmocka_unit_test(test_file),
		cmocka_unit_test(test_not_ours),
	};

	if (sodium_init() < 0)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
