/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Needs nothing: heads in, requests and refusals out. */
#include <node/common/limits.h>
#include <node/wire/reply.h>
#include <node/wire/request.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#define COUNT(a)  (sizeof(a) / sizeof((a)[0]))
#define FILES_MAX 8

/* A heads buffer under construction. */
struct heads {
	uint8_t *p;
	size_t len;
};

static void
number(struct heads *h, const char *name, uint32_t v)
{
	reply_token(h->p + h->len, name, v);
	h->len += 12;
}

static void
string(struct heads *h, const char *name, const char *text)
{
	number(h, name, (uint32_t)strlen(text));
	memcpy(h->p + h->len, text, strlen(text));
	h->len += strlen(text);
}

static void
heads_init(struct heads *h, size_t cap)
{
	h->p = malloc(cap);
	assert_non_null(h->p);
	h->len = 0;
}

static void
start_v3(struct heads *h, const char *cdir, uint32_t nfiles)
{
	number(h, "DIST", 3);
	string(h, "CDIR", cdir);
	number(h, "ARGC", 2);
	string(h, "ARGV", "gcc");
	string(h, "ARGV", "-c");
	number(h, "NFIL", nfiles);
}

/* The same with room for one byte and no more, so that ASan sees a read or a
 * write behind it. */
static int
parse(struct request *r, struct heads *h, uint64_t bodies)
{
	uint8_t *exact = malloc(h->len + 1);

	assert_non_null(exact);
	memcpy(exact, h->p, h->len);
	free(h->p);
	h->p = exact;
	return request_parse(r, exact, h->len, bodies);
}

static void
test_plain(void **state)
{
	struct request r;
	struct heads h;
	uint32_t proto;

	(void)state;
	for (proto = 1; proto <= 2; proto++) {
		heads_init(&h, 256);
		number(&h, "DIST", proto);
		number(&h, "ARGC", 4);
		string(&h, "ARGV", "gcc");
		string(&h, "ARGV", "");
		string(&h, "ARGV", "");
		string(&h, "ARGV", "-c\n");
		number(&h, "DOTI", 77);
		assert_int_equal(parse(&r, &h, 77), REQUEST_OK);
		assert_int_equal(r.proto, proto);
		assert_null(r.cdir);
		assert_int_equal(r.argc, 4);
		assert_string_equal(r.argv[0], "gcc");
		assert_string_equal(r.argv[1], "");
		assert_string_equal(r.argv[2], "");
		assert_string_equal(r.argv[3], "-c\n");
		assert_null(r.argv[4]);
		assert_int_equal(r.source_len, 77);
		assert_int_equal(r.bodies_len, 77);
		assert_int_equal(r.nfiles, 0);
		request_done(&r);
		free(h.p);
	}
}

static void
test_pump(void **state)
{
	struct request r;
	struct heads h;

	(void)state;
	heads_init(&h, 1024);
	start_v3(&h, "/home/u", 6);
	string(&h, "NAME", "//home///u/a.c");
	number(&h, "FILE", 10);
	string(&h, "NAME", "/home/u/e.h");
	number(&h, "FILE", 0);
	string(&h, "NAME", "/usr/include");
	string(&h, "LINK", "../../../../usr/include");
	string(&h, "NAME", "/home/u/l");
	string(&h, "LINK", "/home/u/../v");
	string(&h, "NAME", "/home/u/d/forcing_technique_271828");
	number(&h, "FILE", 0);
	string(&h, "NAME", "/home/u/b.h");
	number(&h, "FILE", 5);
	assert_int_equal(parse(&r, &h, 15), REQUEST_OK);
	assert_string_equal(r.cdir, "/home/u");
	assert_int_equal(r.nfiles, 6);
	assert_string_equal(r.files[0].name, "/home/u/a.c");
	assert_int_equal(r.files[0].kind, FILE_BODY);
	assert_int_equal(r.files[0].body_off, 0);
	assert_int_equal(r.files[0].body_len, 10);
	assert_int_equal(r.files[1].kind, FILE_BODY);
	assert_int_equal(r.files[1].body_len, 0);
	assert_int_equal(r.files[2].kind, FILE_SYSTEM);
	assert_null(r.files[2].target);
	assert_int_equal(r.files[3].kind, FILE_LINK);
	assert_string_equal(r.files[3].target, "/home/u/../v");
	assert_int_equal(r.files[4].kind, FILE_FORCE);
	assert_string_equal(r.files[5].name, "/home/u/b.h");
	assert_int_equal(r.files[5].body_off, 10);
	assert_int_equal(r.files[5].body_len, 5);
	assert_int_equal(r.source_len, 0);
	request_done(&r);
	free(h.p);
}

/* One NAME and its FILE (target NULL) or LINK. */
static void
test_one_file(void **state)
{
	static const char part255[] =
	    "/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
	char part256[sizeof(part255) + 1];
	const struct {
		const char *cdir, *name, *target;
		int want;
		enum file_kind kind;
	} cases[] = {
		{ "/w", "/w/a.c", NULL, REQUEST_OK, FILE_BODY },
		{ "/w", "/...", NULL, REQUEST_OK, FILE_BODY },
		{ "/w", "/.a/..b", NULL, REQUEST_OK, FILE_BODY },
		{ "/w", "/ä b/\xff", NULL, REQUEST_OK, FILE_BODY },
		{ "/w", "//a", NULL, REQUEST_OK, FILE_BODY },
		{ "/w", part255, NULL, REQUEST_OK, FILE_BODY },
		{ "/", "/a", NULL, REQUEST_OK, FILE_BODY },
		{ "/w", "/forcing_technique_271828", NULL, REQUEST_OK,
		    FILE_FORCE },
		{ "/w", "/aforcing_technique_271828", NULL, REQUEST_OK,
		    FILE_BODY },
		{ "/w", "a", NULL, REQUEST_E_NAME, 0 },
		{ "/w", "./a", NULL, REQUEST_E_NAME, 0 },
		{ "/w", "../a", NULL, REQUEST_E_NAME, 0 },
		{ "/w", "/", NULL, REQUEST_E_NAME, 0 },
		{ "/w", "//", NULL, REQUEST_E_NAME, 0 },
		{ "/w", "/a/", NULL, REQUEST_E_NAME, 0 },
		{ "/w", "/.", NULL, REQUEST_E_NAME, 0 },
		{ "/w", "/..", NULL, REQUEST_E_NAME, 0 },
		{ "/w", "/a/./b", NULL, REQUEST_E_NAME, 0 },
		{ "/w", "/a/../b", NULL, REQUEST_E_NAME, 0 },
		{ "/w", "/a//../b", NULL, REQUEST_E_NAME, 0 },
		{ "/w", "/a/b/..", NULL, REQUEST_E_NAME, 0 },
		{ "/w", "/a\nb", NULL, REQUEST_E_NAME, 0 },
		{ "/w", "/a\1b", NULL, REQUEST_E_NAME, 0 },
		{ "/w", "/a\x7f", NULL, REQUEST_E_NAME, 0 },
		{ "/w", part256, NULL, REQUEST_E_NAME, 0 },
		{ "w", "/a", NULL, REQUEST_E_CDIR, 0 },
		{ "/w/", "/a", NULL, REQUEST_E_CDIR, 0 },
		{ "//w", "/a", NULL, REQUEST_E_CDIR, 0 },
		{ "/w/..", "/a", NULL, REQUEST_E_CDIR, 0 },
		{ "/w/./x", "/a", NULL, REQUEST_E_CDIR, 0 },
		{ "/w\t", "/a", NULL, REQUEST_E_CDIR, 0 },
		{ "/w", "/w", NULL, REQUEST_E_CDIR, 0 },
		{ "/w/x/y", "/w/x", "/z", REQUEST_E_CDIR, 0 },
		{ "/w/x", "/w/x-y", NULL, REQUEST_OK, FILE_BODY },
		{ "/w", "/l", "/a", REQUEST_OK, FILE_LINK },
		{ "/w", "/l", "/", REQUEST_OK, FILE_LINK },
		{ "/w", "/l", "/a/../../etc", REQUEST_OK, FILE_LINK },
		{ "/w", "/l", "a", REQUEST_E_LINK, 0 },
		{ "/w", "/l", "/a\n", REQUEST_E_LINK, 0 },
		{ "/w", "/l", "..", REQUEST_E_LINK, 0 },
		{ "/w", "/l", "../l", REQUEST_E_LINK, 0 },
		{ "/w", "/l", "../../l", REQUEST_OK, FILE_SYSTEM },
		{ "/w", "/l", "../../m", REQUEST_E_LINK, 0 },
		{ "/w", "/l", "../../l/", REQUEST_E_LINK, 0 },
		{ "/w", "/l", "../.././l", REQUEST_E_LINK, 0 },
		{ "/w", "/a/l", "../../a/l", REQUEST_E_LINK, 0 },
		{ "/w", "/a/l", "../../../a/l", REQUEST_OK, FILE_SYSTEM },
		{ "/w", "//a//l", "../../../a/l", REQUEST_OK, FILE_SYSTEM },
		{ "/w", "/a/l", "../../..//a/l", REQUEST_E_LINK, 0 },
		{ "/w", "/a/l", "../../../etc", REQUEST_E_LINK, 0 },
	};
	struct request r;
	struct heads h;
	size_t i;

	(void)state;
	snprintf(part256, sizeof(part256), "%sa", part255);
	assert_int_equal(strlen(part255), 256);
	for (i = 0; i < COUNT(cases); i++) {
		print_message("# %s %s %s\n", cases[i].cdir, cases[i].name,
		    cases[i].target ? cases[i].target : "");
		heads_init(&h, 2048);
		start_v3(&h, cases[i].cdir, 1);
		string(&h, "NAME", cases[i].name);
		if (cases[i].target != NULL)
			string(&h, "LINK", cases[i].target);
		else
			number(&h, "FILE", 0);
		assert_int_equal(parse(&r, &h, 0), cases[i].want);
		if (cases[i].want == REQUEST_OK)
			assert_int_equal(r.files[0].kind, cases[i].kind);
		request_done(&r);
		free(h.p);
	}
}

/* Names of one request: "@" before one makes it a LINK. */
static void
test_tree(void **state)
{
	static const struct {
		const char *names[FILES_MAX];
		int want;
	} cases[] = {
		{ { "/a", "/b" }, REQUEST_OK },
		{ { "/a/b", "/a/c" }, REQUEST_OK },
		{ { "/a-b", "/a/c", "/a.d" }, REQUEST_OK },
		{ { "/a", "/a" }, REQUEST_E_TWICE },
		{ { "/a", "//a" }, REQUEST_E_TWICE },
		{ { "/a", "@/a" }, REQUEST_E_TWICE },
		{ { "@/a", "@/a" }, REQUEST_E_TWICE },
		{ { "/a", "/a/b" }, REQUEST_E_TWICE },
		{ { "/a/b", "/a" }, REQUEST_E_TWICE },
		{ { "@/a", "/a/b/c/d" }, REQUEST_E_TWICE },
		{ { "@/a", "@/a/b" }, REQUEST_E_TWICE },
		{ { "/z", "/a/b", "/a-b", "/a.c", "@/a" }, REQUEST_E_TWICE },
		{ { "/a\xff", "/a/b", "/a!" }, REQUEST_OK },
		{ { "/a/forcing_technique_271828", "/a" }, REQUEST_E_TWICE },
		{ { "/w/x", "/w/y", "@/v" }, REQUEST_OK },
		{ { "/w/x", "@/w" }, REQUEST_E_CDIR },
		{ { "/w" }, REQUEST_E_CDIR },
	};
	struct request r;
	struct heads h;
	size_t i, k;

	(void)state;
	for (i = 0; i < COUNT(cases); i++) {
		print_message("# tree %zu: %s\n", i, cases[i].names[0]);
		for (k = 0; cases[i].names[k] != NULL; k++)
			;
		heads_init(&h, 2048);
		start_v3(&h, "/w", (uint32_t)k);
		for (k = 0; cases[i].names[k] != NULL; k++) {
			const char *name = cases[i].names[k];

			string(&h, "NAME", name + (name[0] == '@'));
			if (name[0] == '@')
				string(&h, "LINK", "/elsewhere");
			else
				number(&h, "FILE", 0);
		}
		assert_int_equal(parse(&r, &h, 0), cases[i].want);
		request_done(&r);
		free(h.p);
	}
}

/* What frame.c never lets through. */
static void
test_form(void **state)
{
	static const struct {
		const char *heads;
		size_t len;
		uint64_t bodies;
	} cases[] = {
#define A		   "DIST00000001ARGC00000001ARGV00000002cc"
#define B		   "DIST00000003CDIR00000001/ARGC00000001ARGV00000002cc"
#define ROW(heads, bodies) { heads, sizeof(heads) - 1, bodies }
		ROW("", 0),
		ROW("DIST", 0),
		ROW("DIST00000000", 0),
		ROW("DIST00000004", 0),
		ROW("DIST0000000x", 0),
		ROW("ARGC00000001", 0),
		ROW("DIST00000001", 0),
		ROW("DIST00000001ARGC00000000DOTI00000000", 0),
		ROW("DIST00000001ARGC00004001", 0),
		ROW("DIST00000001ARGCffffffff", 0),
		ROW("DIST00000001ARGC00000002ARGV00000002ccDOTI00000000", 0),
		ROW("DIST00000001ARGC00000001ARGV00000003ccDOTI00000000", 0),
		ROW("DIST00000001ARGC00000001ARGVffffffffccDOTI00000000", 0),
		ROW("DIST00000001ARGC00000001ARGV00000002c\0DOTI00000000", 0),
		ROW(A, 0),
		ROW(A "DOTI00000001", 0),
		ROW(A "DOTI00000000", 1),
		ROW(A "DOTI20000001", 0x20000001),
		ROW(A "DOTI00000000x", 0),
		ROW(A "DOTI00000000DOTI00000000", 0),
		ROW(A "NFIL00000000", 0),
		ROW("DIST00000003CDIR00000000ARGC00000001ARGV00000002cc"
		    "NFIL00000000",
		    0),
		ROW("DIST00000003CDIR00001000", 0),
		ROW(B, 0),
		ROW(B "NFIL00000000x", 0),
		ROW(B "NFIL00000001", 0),
		ROW(B "NFIL000186a1", 0),
		ROW(B "NFILffffffff", 0),
		ROW(B "NFIL00000001NAME00000000FILE00000000", 0),
		ROW(B "NFIL00000001NAME00000002/aDOTI00000000", 0),
		ROW(B "NFIL00000001NAME00000002/aLINK00000000", 0),
		ROW(B "NFIL00000001NAME00000002/aLINK00000002/", 0),
		ROW(B "NFIL00000001NAME00000002/\0FILE00000000", 0),
		ROW(B "NFIL00000001NAME00000002/aFILE20000001", 0x20000001),
		ROW(B "NFIL00000002NAME00000002/aFILE20000000"
		      "NAME00000002/bFILE00000001",
		    0x20000001),
		ROW(B "NFIL00000002NAME00000002/aFILE00000000", 0),
		ROW(B "DOTI00000000", 0),
#undef ROW
	};
	struct request r;
	struct heads h;
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(cases); i++) {
		print_message("# form %zu: %s\n", i, cases[i].heads);
		heads_init(&h, 512);
		memcpy(h.p, cases[i].heads, cases[i].len);
		h.len = cases[i].len;
		assert_int_equal(
		    parse(&r, &h, cases[i].bodies), REQUEST_E_FORM);
		assert_null(r.argv);
		assert_null(r.files);
		free(h.p);
	}
}

static const char v1[] = A "DOTI00000005";
static const char v3[] = B "NFIL00000002NAME00000002/aFILE00000005"
			   "NAME00000002/bLINK00000002/c";

static void
test_truncated(void **state)
{
	static const struct {
		const char *heads;
		size_t len;
	} cases[] = { { v1, sizeof(v1) - 1 }, { v3, sizeof(v3) - 1 } };
	struct request r;
	struct heads h;
	size_t i, n;

	(void)state;
	for (i = 0; i < COUNT(cases); i++) {
		for (n = 0; n <= cases[i].len; n++) {
			heads_init(&h, 512);
			memcpy(h.p, cases[i].heads, n);
			h.len = n;
			assert_int_equal(parse(&r, &h, 5),
			    n == cases[i].len ? REQUEST_OK : REQUEST_E_FORM);
			request_done(&r);
			free(h.p);
		}
	}
}

static double
seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* As many files as there may be, as long as heads may be, and as alike. */
static void
test_many(void **state)
{
	static char name[LIMIT_PATH + 1];
	size_t len = LIMIT_HEADS_BYTES / LIMIT_FILES - 24 - 1, i, at;
	struct request r;
	struct heads h;
	double start;

	(void)state;
	heads_init(&h, LIMIT_HEADS_BYTES + 1);
	start_v3(&h, "/w", LIMIT_FILES);
	for (at = 0; at < len; at++)
		name[at] = at % 2 ? 'a' : '/';
	for (i = 0; i < LIMIT_FILES; i++) {
		/* the last five characters tell one from the other */
		snprintf(name + len - 6, 7, "b%05zu", i * 7919 % LIMIT_FILES);
		string(&h, "NAME", name);
		number(&h, "FILE", 0);
	}
	start = seconds();
	assert_int_equal(request_parse(&r, h.p, h.len, 0), REQUEST_OK);
	print_message("# %u names of %zu bytes: %.3f s\n", LIMIT_FILES,
	    strlen(name), seconds() - start);
	assert_true(seconds() - start < 5.0); /* with ASan, on a busy machine */
	assert_int_equal(r.nfiles, LIMIT_FILES);
	request_done(&r);
	free(h.p);
}

static void
test_words(void **state)
{
	int e;

	(void)state;
	for (e = 0; e < REQUEST_E_COUNT; e++)
		assert_memory_equal(
		    request_error_word((enum request_error)e), "request.", 8);
	assert_non_null(request_error_word((enum request_error)99));
	assert_string_equal(
	    request_error_word(REQUEST_E_TWICE), "request.twice");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_plain),
		cmocka_unit_test(test_pump),
		cmocka_unit_test(test_one_file),
		cmocka_unit_test(test_tree),
		cmocka_unit_test(test_form),
		cmocka_unit_test(test_truncated),
		cmocka_unit_test(test_many),
		cmocka_unit_test(test_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
