/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Needs nothing: plans written, read back, and spoilt. */
#include <node/cell/plan.h>

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static const char *const argv3[] = { "gcc", "-c", "", NULL };
static const char *const env1[] = { "A=b", NULL };
static const char *const none[] = { NULL };

static void
begin(struct plan_writer *w)
{
	plan_begin(w);
	plan_exec(w, "/.immure/gcc", "/tmp", argv3, env1);
}

/* In a buffer of just that size, which the writer's is not. */
static int
parse_exact(const uint8_t *buf, size_t len)
{
	uint8_t *exact = malloc(len != 0 ? len : 1);
	struct plan_entry e;
	struct plan p;
	size_t off = 0;
	int r;

	assert_non_null(exact);
	memcpy(exact, buf, len);
	r = plan_parse(&p, exact, len);
	while (r == 0 && plan_next(&p, &off, &e) == 1)
		assert_int_equal(e.name[0], '/');
	free(exact);
	return r;
}

static void
test_round_trip(void **state)
{
	static const struct plan_entry want[] = {
		{ PLAN_DIR, "/home", NULL, 0, 0 },
		{ PLAN_DIR, "/", NULL, 0, 0 },
		{ PLAN_FILE, "/home/a.c", NULL, 7, 99 },
		{ PLAN_FILE, "/home/e.h", NULL, 106, 0 },
		{ PLAN_LINK, "/home/l", "../x y", 0, 0 },
	};
	struct plan_writer w;
	struct plan_entry e;
	struct plan p;
	size_t off = 0, i;

	(void)state;
	begin(&w);
	plan_dir(&w, "/home");
	plan_dir(&w, "/");
	plan_file(&w, "/home/a.c", 7, 99);
	plan_file(&w, "/home/e.h", 106, 0);
	plan_link(&w, "/home/l", "../x y");
	assert_int_equal(plan_finish(&w), 0);
	assert_int_equal(plan_parse(&p, w.buf, w.len), 0);
	assert_int_equal(p.nitems, COUNT(want));
	for (i = 0; i < COUNT(want); i++) {
		assert_int_equal(plan_next(&p, &off, &e), 1);
		assert_int_equal(e.kind, want[i].kind);
		assert_string_equal(e.name, want[i].name);
		assert_int_equal(e.body_off, want[i].body_off);
		assert_int_equal(e.body_len, want[i].body_len);
		if (want[i].target == NULL)
			assert_null(e.target);
		else
			assert_string_equal(e.target, want[i].target);
	}
	assert_int_equal(plan_next(&p, &off, &e), 0);
	assert_int_equal(plan_next(&p, &off, &e), 0);
	off += 1;
	assert_int_equal(plan_next(&p, &off, &e), -EPROTO);
	plan_writer_done(&w);
	assert_null(w.buf);
}

static void
test_exec(void **state)
{
	const char *program, *cwd, *argv[6], **env;
	struct plan_writer w;
	struct plan p;
	size_t room, n;

	(void)state;
	begin(&w);
	assert_int_equal(plan_parse(&p, w.buf, w.len), 0);
	for (room = 0; room < 6; room++) /* 3 + 1 words, 2 NULLs */
		assert_int_equal(plan_exec_parse(p.exec, p.exec_len, &program,
				     &cwd, argv, room, &env),
		    -EPROTO);
	assert_int_equal(
	    plan_exec_parse(p.exec, p.exec_len, &program, &cwd, argv, 6, &env),
	    0);
	assert_string_equal(program, "/.immure/gcc");
	assert_string_equal(cwd, "/tmp");
	assert_string_equal(argv[0], "gcc");
	assert_string_equal(argv[2], "");
	assert_null(argv[3]);
	assert_ptr_equal(env, argv + 4);
	assert_string_equal(env[0], "A=b");
	assert_null(env[1]);
	for (n = 0; n < p.exec_len; n++)
		assert_int_equal(
		    plan_exec_parse(p.exec, n, &program, &cwd, argv, 6, &env),
		    -EPROTO);
	plan_writer_done(&w);
}

static void
test_exec_refused(void **state)
{
	static const struct {
		struct plan_exec x;
		const char *text;
		size_t len;
	} cases[] = {
#define ROW(magic, argc, envc, text)                                           \
	{ { magic, argc, envc, sizeof(text) - 1 }, text, sizeof(text) - 1 }
		ROW(0, 1, 0, "/p\0/\0a\0"),
		ROW(PLAN_MAGIC, 0, 0, "/p\0/\0"),
		ROW(PLAN_MAGIC, 0, 1, "/p\0/\0a\0"),
		ROW(PLAN_MAGIC, 2, 0, "/p\0/\0a\0"),
		ROW(PLAN_MAGIC, 1, 1, "/p\0/\0a\0"),
		ROW(PLAN_MAGIC, 1, 0, "/p\0/\0a\0b\0"),
		ROW(PLAN_MAGIC, 1, 0, "/p\0/\0a"),
		ROW(PLAN_MAGIC, 0xffffffff, 0, "/p\0/\0a\0"),
		ROW(PLAN_MAGIC, 1, 0xffffffff, "/p\0/\0a\0"),
		ROW(PLAN_MAGIC, 0x80000000, 0x80000000, "/p\0/\0a\0"),
		ROW(PLAN_MAGIC, 1, 0, "p\0/\0a\0"),
		ROW(PLAN_MAGIC, 1, 0, "\0/\0a\0"),
		ROW(PLAN_MAGIC, 1, 0, "/p\0.\0a\0"),
		ROW(PLAN_MAGIC, 1, 0, "/p\0\0a\0"),
		ROW(PLAN_MAGIC, 1, 0, "/p\0"),
		ROW(PLAN_MAGIC, 1, 0, "/p"),
		ROW(PLAN_MAGIC, 1, 0, ""),
#undef ROW
	};
	const char *program, *cwd, *argv[8], **env;
	uint8_t buf[128];
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(cases); i++) {
		print_message("# exec %zu\n", i);
		memcpy(buf, &cases[i].x, sizeof(cases[i].x));
		memcpy(buf + sizeof(cases[i].x), cases[i].text, cases[i].len);
		assert_int_equal(
		    plan_exec_parse(buf, sizeof(cases[i].x) + cases[i].len,
			&program, &cwd, argv, 8, &env),
		    -EPROTO);
	}
}

/* One item, written as it should not be. */
static void
test_item(void **state)
{
	static const struct {
		struct plan_item it;
		const char *text;
		size_t len;
		int want;
	} cases[] = {
#define ROW(k, nl, tl, z, off, bl, text, want)                                 \
	{ { k, nl, tl, z, off, bl }, text, sizeof(text) - 1, want }
		ROW(PLAN_DIR, 2, 0, 0, 0, 0, "/a\0", 0),
		ROW(PLAN_DIR, 1, 0, 0, 0, 0, "/\0", 0),
		ROW(PLAN_DIR, 2, 0, 1, 0, 0, "/a\0", -EPROTO),
		ROW(PLAN_DIR, 2, 0, 0, 1, 0, "/a\0", -EPROTO),
		ROW(PLAN_DIR, 2, 0, 0, 0, 1, "/a\0", -EPROTO),
		ROW(PLAN_DIR, 2, 2, 0, 0, 0, "/a\0", -EPROTO),
		ROW(PLAN_DIR, 0, 0, 0, 0, 0, "\0", -EPROTO),
		ROW(PLAN_DIR, 1, 0, 0, 0, 0, "a\0", -EPROTO),
		ROW(PLAN_DIR, 1, 0, 0, 0, 0, "/a\0", -EPROTO),
		ROW(PLAN_DIR, 3, 0, 0, 0, 0, "/a\0", -EPROTO),
		ROW(PLAN_DIR, 3, 0, 0, 0, 0, "/\0a\0", -EPROTO),
		ROW(PLAN_DIR, 2, 0, 0, 0, 0, "/a", -EPROTO),
		ROW(PLAN_DIR, 2, 0, 0, 0, 0, "/a\0x", -EPROTO),
		ROW(PLAN_DIR, 4095, 0, 0, 0, 0, "/a\0", -EPROTO),
		ROW(PLAN_DIR, 4096, 0, 0, 0, 0, "/a\0", -EPROTO),
		ROW(PLAN_DIR, 0xffffffff, 0, 0, 0, 0, "/a\0", -EPROTO),
		ROW(PLAN_DIR, 3, 0, 0, 0, 0, "/a/\0", -EPROTO),
		ROW(PLAN_DIR, 4, 0, 0, 0, 0, "//a/\0", -EPROTO),
		ROW(PLAN_DIR, 2, 0, 0, 0, 0, "/.\0", -EPROTO),
		ROW(PLAN_DIR, 3, 0, 0, 0, 0, "/..\0", -EPROTO),
		ROW(PLAN_DIR, 7, 0, 0, 0, 0, "/a/../b\0", -EPROTO),
		ROW(PLAN_DIR, 4, 0, 0, 0, 0, "/...\0", 0),
		ROW(PLAN_FILE, 2, 0, 0, 5, 6, "/a\0", 0),
		ROW(PLAN_FILE, 1, 0, 0, 0, 0, "/\0", -EPROTO),
		ROW(PLAN_FILE, 2, 2, 0, 0, 0, "/a\0", -EPROTO),
		ROW(PLAN_FILE, 2, 0, 0, INT64_MAX, 0, "/a\0", 0),
		ROW(PLAN_FILE, 2, 0, 0, INT64_MAX, 1, "/a\0", -EPROTO),
		ROW(PLAN_FILE, 2, 0, 0, UINT64_MAX, 2, "/a\0", -EPROTO),
		ROW(PLAN_LINK, 2, 1, 0, 0, 0, "/a\0b\0", 0),
		ROW(PLAN_LINK, 2, 0, 0, 0, 0, "/a\0\0", -EPROTO),
		ROW(PLAN_LINK, 2, 1, 0, 0, 0, "/a\0b", -EPROTO),
		ROW(PLAN_LINK, 2, 2, 0, 0, 0, "/a\0b\0\0", -EPROTO),
		ROW(PLAN_LINK, 2, 4096, 0, 0, 0, "/a\0b\0", -EPROTO),
		ROW(PLAN_LINK, 2, 0xffffffff, 0, 0, 0, "/a\0b\0", -EPROTO),
		ROW(PLAN_LINK, 2, 1, 0, 1, 0, "/a\0b\0", -EPROTO),
		ROW(PLAN_LINK, 1, 1, 0, 0, 0, "/\0b\0", -EPROTO),
		ROW(0, 2, 0, 0, 0, 0, "/a\0", -EPROTO),
		ROW(4, 2, 0, 0, 0, 0, "/a\0", -EPROTO),
#undef ROW
	};
	struct plan_writer w;
	struct plan_hdr h;
	uint8_t buf[512];
	size_t i, n;

	(void)state;
	begin(&w);
	for (i = 0; i < COUNT(cases); i++) {
		print_message("# item %zu\n", i);
		memcpy(buf, w.buf, w.len);
		memcpy(&h, buf, sizeof(h));
		h.nitems = 1;
		memcpy(buf, &h, sizeof(h));
		n = w.len;
		memcpy(buf + n, &cases[i].it, sizeof(cases[i].it));
		n += sizeof(cases[i].it);
		memcpy(buf + n, cases[i].text, cases[i].len);
		assert_int_equal(
		    parse_exact(buf, n + cases[i].len), cases[i].want);
	}
	plan_writer_done(&w);
}

static void
test_header(void **state)
{
	static const struct {
		uint32_t magic, nitems;
		int64_t exec_more; /* than there is */
		int want;
	} cases[] = {
		{ PLAN_MAGIC, 1, 0, 0 },
		{ PLAN_MAGIC + 1, 1, 0, -EPROTO },
		{ PLAN_MAGIC, 0, 0, -EPROTO },
		{ PLAN_MAGIC, 2, 0, -EPROTO },
		{ PLAN_MAGIC, 0xffffffff, 0, -EPROTO },
		{ PLAN_MAGIC, 1, 1, -EPROTO },
		{ PLAN_MAGIC, 1, -1, -EPROTO },
		{ PLAN_MAGIC, 1, PLAN_EXEC_MAX, -EPROTO },
		{ PLAN_MAGIC, 1, INT64_MAX, -EPROTO },
		{ PLAN_MAGIC, 1, INT64_MIN, -EPROTO },
	};
	struct plan_writer w;
	struct plan_hdr h, bad;
	size_t i;

	(void)state;
	begin(&w);
	plan_dir(&w, "/a");
	memcpy(&h, w.buf, sizeof(h));
	for (i = 0; i < COUNT(cases); i++) {
		print_message("# header %zu\n", i);
		bad.magic = cases[i].magic;
		bad.nitems = cases[i].nitems;
		bad.exec_len = h.exec_len + (uint64_t)cases[i].exec_more;
		memcpy(w.buf, &bad, sizeof(bad));
		assert_int_equal(parse_exact(w.buf, w.len), cases[i].want);
	}
	plan_writer_done(&w);
}

static void
test_truncated(void **state)
{
	struct plan_writer w;
	size_t n;

	(void)state;
	begin(&w);
	plan_file(&w, "/a", 0, 1);
	plan_link(&w, "/b", "/c");
	for (n = 0; n < w.len; n++)
		assert_int_equal(parse_exact(w.buf, n), -EPROTO);
	assert_int_equal(parse_exact(w.buf, w.len), 0);
	plan_writer_done(&w);
}

/* A plan without an exec part is none. */
static void
test_no_exec(void **state)
{
	struct plan_writer w;

	(void)state;
	plan_begin(&w);
	assert_int_equal(plan_finish(&w), 0);
	assert_int_equal(parse_exact(w.buf, w.len), -EPROTO);
	plan_writer_done(&w);
}

static void
test_too_big(void **state)
{
	static char path[70000];
	struct plan_writer w;
	const char *argv[40];
	unsigned i;

	(void)state;
	memset(path, 'a', sizeof(path) - 1);
	begin(&w);
	plan_dir(&w, path); /* far over any path */
	assert_int_equal(plan_finish(&w), -E2BIG);
	plan_dir(&w, "/a"); /* and it stays so */
	assert_int_equal(plan_finish(&w), -E2BIG);
	plan_writer_done(&w);

	path[60000] = '\0';
	begin(&w);
	for (i = 0; i < PLAN_MAX / 60000 + 1; i++)
		plan_dir(&w, path);
	assert_int_equal(plan_finish(&w), -E2BIG);
	assert_true(w.len <= PLAN_MAX);
	plan_writer_done(&w);

	plan_begin(&w);
	for (i = 0; i < 39; i++)
		argv[i] = path;
	argv[39] = NULL;
	plan_exec(&w, "/p", "/", argv, none);
	assert_int_equal(plan_finish(&w), 0);
	plan_writer_done(&w);
}

static void
test_exec_too_big(void **state)
{
	static char word[PLAN_EXEC_MAX];
	const char *const argv[] = { word, NULL };
	struct plan_writer w;

	(void)state;
	memset(word, 'a', sizeof(word) - 1);
	plan_begin(&w);
	plan_exec(&w, "/p", "/", argv, none);
	assert_int_equal(plan_finish(&w), -E2BIG);
	plan_writer_done(&w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_round_trip),
		cmocka_unit_test(test_exec),
		cmocka_unit_test(test_exec_refused),
		cmocka_unit_test(test_item),
		cmocka_unit_test(test_header),
		cmocka_unit_test(test_truncated),
		cmocka_unit_test(test_no_exec),
		cmocka_unit_test(test_too_big),
		cmocka_unit_test(test_exec_too_big),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
