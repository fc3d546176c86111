/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The table of toolchains: one row per thing that may be wrong with it. */
#include <node/toolchain/table.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#define NTOOLCHAINS 2
#define NNAMES 5

struct whole {
	struct table_hdr hdr;
	struct toolchain tc[NTOOLCHAINS];
	struct toolchain_name name[NNAMES];
	struct toolchain_specs specs;
};

#define PUT(field, text) (void)snprintf(field, sizeof(field), "%s", text)

static void
put_ready(struct toolchain_name *n, const char *name, uint32_t tc,
    const char *program)
{
	PUT(n->name, name);
	n->state = NAME_READY;
	n->toolchain = tc;
	PUT(n->program, program);
	PUT(n->argv0, program + sizeof("/.immure") - 1);
}

static void
fill(struct whole *w)
{
	memset(w, 0, sizeof(*w));
	memcpy(w->hdr.magic, TABLE_MAGIC, sizeof(w->hdr.magic));
	w->hdr.version = TABLE_VERSION;
	w->hdr.ntoolchains = NTOOLCHAINS;
	w->hdr.nnames = NNAMES;
	w->hdr.nspecs = 1;
	PUT(w->specs.name, "arm/nano.specs");
	PUT(w->specs.host, "/srv/specs/arm/nano.specs");
	w->tc[0].family = FAMILY_GCC;
	w->tc[0].flags = TOOLCHAIN_HEADERS;
	PUT(w->tc[0].machine, "x86_64-linux-gnu");
	PUT(w->tc[0].version, "12.2.0");
	PUT(w->tc[0].inc[0], "/usr/include");
	PUT(w->tc[0].inc[1], "/usr/lib/gcc/x86_64-linux-gnu/12/include");
	PUT(w->tc[0].env[0], "LC_ALL=C.UTF-8");
	PUT(w->tc[0].exec[0], "/.immure/usr/bin/x86_64-linux-gnu-gcc-12");
	PUT(w->tc[0].exec[1], "/.immure/usr/lib/gcc/x86_64-linux-gnu/12/cc1");
	PUT(w->tc[0].dirs[0], "/usr/bin");
	w->tc[1].family = FAMILY_CLANG;
	PUT(w->tc[1].exec[0], "/.immure/usr/lib/llvm-14/bin/clang");
	put_ready(&w->name[0], "c99", 0,
	    "/.immure/usr/bin/x86_64-linux-gnu-gcc-12");
	PUT(w->name[0].extra, "-std=c99");
	put_ready(&w->name[1], "clang++", 1,
	    "/.immure/usr/lib/llvm-14/bin/clang");
	put_ready(&w->name[2], "gcc", 0,
	    "/.immure/usr/bin/x86_64-linux-gnu-gcc-12");
	PUT(w->name[3].name, "musl-gcc");
	w->name[3].state = NAME_REFUSED;
	PUT(w->name[3].reason, "a script");
	put_ready(&w->name[4], "x86_64-linux-gnu-gcc-12", 0,
	    "/.immure/usr/bin/x86_64-linux-gnu-gcc-12");
}

static void
test_good(void **state)
{
	struct whole *w = malloc(sizeof(*w));
	struct table t;

	(void)state;
	assert_non_null(w);
	fill(w);
	assert_int_equal(table_parse(&t, w, sizeof(*w)), 0);
	assert_int_equal(t.ntoolchains, NTOOLCHAINS);
	assert_int_equal(t.nnames, NNAMES);
	assert_string_equal(t.toolchains[0].version, "12.2.0");
	assert_int_equal(t.nspecs, 1);
	assert_string_equal(t.specs[0].name, "arm/nano.specs");
	free(w);
}

static void
test_empty(void **state)
{
	struct table_hdr h = { .version = TABLE_VERSION };
	struct table t;

	(void)state;
	memcpy(h.magic, TABLE_MAGIC, sizeof(h.magic));
	assert_int_equal(table_parse(&t, &h, sizeof(h)), 0);
	assert_null(table_find(&t, "gcc"));
}

static void
test_find(void **state)
{
	static const struct {
		const char *word;
		const char *want; /* NULL: unknown */
	} cases[] = {
		{ "gcc", "gcc" },
		{ "/usr/bin/gcc", NULL }, /* choose() takes it apart */
		{ "clang++", "clang++" },
		{ "c99", "c99" },
		{ "x86_64-linux-gnu-gcc-12", "x86_64-linux-gnu-gcc-12" },
		{ "musl-gcc", "musl-gcc" },
		{ "gcc/", NULL },
		{ "", NULL },
		{ "/", NULL },
		{ "gcc-12", NULL },
		{ "gc", NULL },
		{ "zzz", NULL },
		{ "GCC", NULL },
	};
	struct whole *w = malloc(sizeof(*w));
	struct table t;

	(void)state;
	assert_non_null(w);
	fill(w);
	assert_int_equal(table_parse(&t, w, sizeof(*w)), 0);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct toolchain_name *n = table_find(&t, cases[i].word);

		if (cases[i].want == NULL)
			assert_null(n);
		else
			assert_string_equal(n->name, cases[i].want);
	}
	free(w);
}

/* DISTCC_CMDLIST_NUMWORDS; the rows are those of stringmap.c's own test. */
static void
test_tail(void **state)
{
	static const struct {
		unsigned words;
		const char *word, *want;
	} cases[] = {
		{ 0, "gcc", "gcc" },
		{ 0, "/usr/bin/gcc", "gcc" },
		{ 0, "../../gcc", "gcc" },
		{ 0, "gcc/", "" },
		{ 1, "/bar/bletch", "bletch" },
		{ 1, "bletch", "bletch" },
		{ 1, "", "" },
		{ 2, "/usr/bin/i686-blah-blah/gcc", "i686-blah-blah/gcc" },
		{ 2, "i686-blah-blah/gcc", "i686-blah-blah/gcc" },
		{ 2, "gcc", "gcc" },
		{ 3, "/zounds/gcc-3.3.3/bin/sh4-linux-gcc",
		    "gcc-3.3.3/bin/sh4-linux-gcc" },
		{ 8, "/a/b", "a/b" },
		{ 3, "/usr/bin/gcc", "usr/bin/gcc" },
		{ 2, "/", "" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct table t = { .words = cases[i].words };

		assert_string_equal(table_tail(&t, cases[i].word),
		    cases[i].want);
	}
}

/* Names of more than one component are for such tables alone. */
static void
test_long_names(void **state)
{
	struct whole *w = malloc(sizeof(*w));
	struct table t;

	(void)state;
	assert_non_null(w);
	fill(w);
	PUT(w->name[0].name, "a/bin/gcc");
	for (unsigned words = 0; words < 3; words++) {
		w->hdr.words = (uint8_t)words;
		assert_int_equal(table_parse(&t, w, sizeof(*w)), -EPROTO);
	}
	w->hdr.words = 3;
	assert_int_equal(table_parse(&t, w, sizeof(*w)), 0);
	assert_non_null(table_find(&t, table_tail(&t, "/x/a/bin/gcc")));
	assert_null(table_find(&t, table_tail(&t, "/x/b/bin/gcc")));
	free(w);
}

/* Every row overwrites one place of a good table, which makes it bad. */
#define AT(member, text) \
	{ #member " = " text, offsetof(struct whole, member), text, \
		sizeof(text) }
#define RAW(member, what) \
	{ #member ": " #what, offsetof(struct whole, member), what, \
		sizeof(what) - 1 }

static const struct {
	const char *what;
	size_t off;
	const char *bytes;
	size_t len;
} bad[] = {
	RAW(hdr.magic, "immuretd"),
	RAW(hdr.version, "\1"),
	RAW(hdr.ntoolchains, "\1"),
	RAW(hdr.ntoolchains, "\377\377\377\377"),
	RAW(hdr.nnames, "\6"),
	RAW(hdr.nnames, "\377\377\377\377"),
	RAW(hdr.words, "\11"),
	RAW(hdr.flags, "\2"),
	RAW(hdr.nspecs, "\0"),
	RAW(hdr.nspecs, "\101"),
	RAW(tc[0].family, "\0"),
	RAW(tc[0].family, "\3"),
	RAW(tc[0].flags, "\4"),
	AT(tc[0].machine, "a\nb"),
	AT(tc[0].version, "\x1b[1m"),
	AT(tc[0].title, "a\tb"),
	AT(tc[0].inc[0], "usr/include"),
	AT(tc[0].inc[0], "/"),
	AT(tc[0].inc[0], "/usr/../etc"),
	AT(tc[0].inc[0], "/usr/./x"),
	AT(tc[0].inc[0], "/usr//x"),
	AT(tc[0].inc[0], "/usr/x/"),
	AT(tc[0].inc[0], ""), /* a hole in the list */
	AT(tc[0].inc[1], "/usr/include"),
	AT(tc[0].inc[1], "/usr/include/c++"),
	AT(tc[0].env[0], "PATH"),
	AT(tc[0].env[0], "=x"),
	AT(tc[0].env[0], "path=x"),
	AT(tc[0].exec[0], "/usr/bin/gcc"),
	AT(tc[0].exec[0], "/.immure/../bin/sh"),
	AT(tc[0].exec[0], "/.immurex/gcc"),
	AT(tc[0].dirs[0], "usr/bin"),
	AT(name[0].name, "a/b"),
	AT(name[0].name, ""),
	AT(name[0].name, "-c"),
	AT(name[0].name, "a b"),
	AT(name[0].name, "clang++"), /* twice */
	AT(name[0].name, "d"),       /* out of order */
	RAW(name[0].state, "\0"),
	RAW(name[0].state, "\4"),
	RAW(name[0].state, "\3"), /* not listed, without a reason */
	RAW(name[0].state, "\2"), /* refused without a reason */
	RAW(name[0].toolchain, "\2"),
	RAW(name[0].toolchain, "\1"), /* not its program */
	AT(name[0].program, "/usr/bin/gcc"),
	AT(name[0].program, "/.immure/bin/sh"), /* not listed */
	AT(name[0].argv0, "gcc"),
	AT(name[0].argv0, ""),
	AT(name[0].extra, "std=c99"),
	AT(name[3].reason, ""),
	AT(specs.name, ""),
	AT(specs.name, "/nano.specs"),
	AT(specs.name, "arm//nano.specs"),
	AT(specs.name, "arm/../nano.specs"),
	AT(specs.name, "arm/other.specs"), /* not what `host` ends in */
	AT(specs.name, "rm/nano.specs"),
	AT(specs.host, "srv/arm/nano.specs"),
	AT(specs.host, "/arm/nano.specs"), /* no directory is left */
	AT(specs.host, "/srv/../arm/nano.specs"),
};

static void
test_bad(void **state)
{
	struct whole *w = malloc(sizeof(*w));
	struct table t;

	(void)state;
	assert_non_null(w);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		fill(w);
		memcpy((char *)w + bad[i].off, bad[i].bytes, bad[i].len);
		if (table_parse(&t, w, sizeof(*w)) != -EPROTO)
			fail_msg("accepted: %s", bad[i].what);
	}
	free(w);
}

/* No array may lack its NUL, wherever it lies. */
static void
test_unterminated(void **state)
{
#define ARRAY(member) \
	{ offsetof(struct whole, member), sizeof(((struct whole *)0)->member) }
	static const struct {
		size_t off, len;
	} arrays[] = {
		ARRAY(tc[0].machine), ARRAY(tc[0].version),
		ARRAY(tc[0].title), ARRAY(specs.name), ARRAY(specs.host),
		ARRAY(tc[0].inc[0]), ARRAY(tc[0].env[0]),
		ARRAY(tc[0].exec[0]), ARRAY(tc[0].dirs[0]),
		ARRAY(name[0].name), ARRAY(name[0].program),
		ARRAY(name[0].argv0), ARRAY(name[0].extra),
		ARRAY(name[3].reason),
	};
	struct whole *w = malloc(sizeof(*w));
	struct table t;

	(void)state;
	assert_non_null(w);
	for (size_t i = 0; i < sizeof(arrays) / sizeof(arrays[0]); i++) {
		char *s = (char *)w + arrays[i].off;
		size_t n;

		fill(w);
		n = strlen(s);
		memset(s + n, 'A', arrays[i].len - n);
		assert_int_equal(table_parse(&t, w, sizeof(*w)), -EPROTO);
	}
	free(w);
}

/* Any other length than the exact one is refused, and not read beyond. */
static void
test_lengths(void **state)
{
	struct whole *w = malloc(sizeof(*w));
	struct table t;

	(void)state;
	assert_non_null(w);
	fill(w);
	for (size_t len = 0; len < sizeof(*w); len += 997) {
		void *copy = malloc(len ? len : 1);

		assert_non_null(copy);
		memcpy(copy, w, len);
		assert_int_equal(table_parse(&t, copy, len), -EPROTO);
		free(copy);
	}
	free(w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good),
		cmocka_unit_test(test_empty),
		cmocka_unit_test(test_find),
		cmocka_unit_test(test_tail),
		cmocka_unit_test(test_long_names),
		cmocka_unit_test(test_bad),
		cmocka_unit_test(test_unterminated),
		cmocka_unit_test(test_lengths),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
