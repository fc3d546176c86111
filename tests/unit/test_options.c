/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * options_decide(): command lines in, verdicts out, one row a case.  A command
 * line is words with one blank between; the wanted verdict is the reason word,
 * or the decided words between argv0 and "-o CELL_OBJECT".
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "node/cell/cell_paths.h"
#include "node/common/limits.h"
#include "node/options/options.h"
#include "tests/unit/options_rows.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ARGV0 "/usr/bin/x-cc"
#define WORDS 64

struct words {
	char text[1024];
	const char *argv[WORDS];
	unsigned argc;
};

static void
split(struct words *w, const char *line)
{
	char *p = w->text;

	assert_true(strlen(line) < sizeof(w->text));
	memcpy(w->text, line, strlen(line) + 1);
	w->argv[0] = "gcc";
	w->argc = 1;
	while (*p != '\0') {
		assert_true(w->argc < WORDS);
		w->argv[w->argc++] = p;
		p += strcspn(p, " ");
		if (*p != '\0')
			*p++ = '\0';
	}
}

static void
decide(struct options_decision *d, struct words *w, unsigned where,
    const char *extra)
{
	struct options_request req = {
		.proto = where & PUMP ? 3 : 1,
		.argc = w->argc,
		.argv = w->argv,
		.family = where & GCC ? FAMILY_GCC : FAMILY_CLANG,
		.argv0 = ARGV0,
		.extra = extra,
	};

	assert_int_equal(options_decide(d, &req), 0);
}

static int
is_reason(const char *word)
{
	size_t i;

	for (i = 0; options_reasons[i] != NULL; i++)
		if (strcmp(options_reasons[i], word) == 0)
			return 1;
	return 0;
}

/* The decided words but argv0 and the output's, with "D" for CELL_DEPS. */
static void
join(char *buf, size_t size, const struct options_decision *d)
{
	unsigned i;
	size_t n = 0;

	buf[0] = '\0';
	for (i = 1; i + 2 < d->argc; i++) {
		n += (size_t)snprintf(buf + n, size - n, "%s%s",
		    i == 1 ? "" : " ",
		    strcmp(d->argv[i], CELL_DEPS) == 0 ? "D" : d->argv[i]);
		assert_true(n < size);
	}
}

static void
check_allowed(const struct options_decision *d, const struct row *row)
{
	char got[2048];

	if (d->reason != NULL)
		fail_msg("\"%s\" refused: %s %s", row->line, d->reason,
		    d->text);
	assert_string_equal(d->argv[0], ARGV0);
	assert_string_equal(d->argv[d->argc - 2], "-o");
	assert_string_equal(d->argv[d->argc - 1], CELL_OBJECT);
	assert_null(d->argv[d->argc]);
	assert_non_null(d->source);
	join(got, sizeof(got), d);
	if (row->want != NULL)
		assert_string_equal(got, row->want);
}

static void
check_refused(const struct options_decision *d, const struct row *row)
{
	if (d->reason == NULL)
		fail_msg("\"%s\" passed", row->line);
	if (strcmp(d->reason, row->want) != 0)
		fail_msg("\"%s\": %s, not %s", row->line, d->reason,
		    row->want);
	assert_true(is_reason(d->reason));
	assert_true(strlen(d->text) > 20);
	assert_null(strchr(d->text, '\n'));
}

static void
check_row(const struct row *row, unsigned where)
{
	struct options_decision d;
	struct words w;

	split(&w, row->line);
	decide(&d, &w, where, "");
	if (row->want != NULL && strncmp(row->want, "option.", 7) == 0)
		check_refused(&d, row);
	else
		check_allowed(&d, row);
	options_done(&d);
}

static void
check_rows(const struct row *rows, size_t n)
{
	unsigned where;
	size_t i;

	for (i = 0; i < n; i++)
		for (where = 1; where <= C3; where <<= 1)
			if (rows[i].where & where)
				check_row(&rows[i], where);
}

#define ROWS_TEST(name) \
	static void test_##name(void **state) \
	{ \
		(void)state; \
		check_rows(name, sizeof(name) / sizeof(name[0])); \
	}

ROWS_TEST(positions)
ROWS_TEST(languages)
ROWS_TEST(preprocessor)
ROWS_TEST(outputs)
ROWS_TEST(programs)
ROWS_TEST(inner)
ROWS_TEST(builds)

static void
test_input_and_source(void **state)
{
	struct options_decision d;
	struct words w;

	(void)state;
	split(&w, "-c src/hello.c -o hello.o -MD");
	decide(&d, &w, GP, "");
	assert_string_equal(d.input, "hello.i");
	assert_ptr_equal(d.source, w.argv[2]);
	assert_int_equal(d.want_deps, 0);
	options_done(&d);
	decide(&d, &w, G3, "");
	assert_string_equal(d.input, "");
	assert_ptr_equal(d.source, w.argv[2]);
	assert_int_equal(d.want_deps, 1);
	options_done(&d);
}

static void
test_extra_comes_first(void **state)
{
	struct options_decision d;
	struct words w;

	(void)state;
	split(&w, "-c hello.c");
	decide(&d, &w, GP, "-std=c99");
	assert_string_equal(d.argv[1], "-std=c99");
	assert_string_equal(d.argv[2], "-c");
	options_done(&d);
}

static void
test_notes(void **state)
{
	struct options_decision d;
	struct words w;

	(void)state;
	split(&w, "-gsplit-dwarf -gsplit-dwarf -c a.c");
	decide(&d, &w, GP, "");
	assert_string_equal(d.notes, "immured: note: \"-gsplit-dwarf\": no "
	    ".dwo is returned: the debug information stays in the object\n");
	options_done(&d);
	split(&w, "-c a.c -O2");
	decide(&d, &w, GP, "");
	assert_string_equal(d.notes, "");
	options_done(&d);
}

static void
test_notes_are_bounded(void **state)
{
	static char words[200][32];
	static const char *argv[203];
	struct options_request req = { .proto = 1, .argc = 203, .argv = argv,
		.family = FAMILY_GCC, .argv0 = ARGV0, .extra = "" };
	struct options_decision d;
	unsigned i;

	(void)state;
	argv[0] = "gcc";
	argv[1] = "-c";
	argv[2] = "a.c";
	for (i = 0; i < 200; i++) {
		snprintf(words[i], sizeof(words[i]), "-fdump-%u", i);
		argv[i + 3] = words[i];
	}
	assert_int_equal(options_decide(&d, &req), 0);
	assert_null(d.reason);
	assert_true(strlen(d.notes) < sizeof(d.notes));
	assert_non_null(strstr(d.notes, "and more of the kind\n"));
	assert_int_equal(d.notes[strlen(d.notes) - 1], '\n');
	options_done(&d);
}

static void
test_text_is_escaped(void **state)
{
	static const char *argv[] = { "gcc", "-c",
		"-fplugin=\n\033[2J\"\\\xff", "a.c" };
	struct options_request req = { .proto = 1, .argc = 4, .argv = argv,
		.family = FAMILY_GCC, .argv0 = ARGV0, .extra = "" };
	struct options_decision d;

	(void)state;
	assert_int_equal(options_decide(&d, &req), 0);
	assert_string_equal(d.reason, "option.plugin");
	assert_string_equal(d.text, "\"-fplugin=\\x0a\\x1b[2J\\x22\\x5c\\xff\""
	    " loads code into the compiler; leave the plugin out, or compile "
	    "this file locally");
	options_done(&d);
}

/* Those of --sysroot, by either name; gcc alone has them in its images. */
static void
test_specs(void **state)
{
	static const struct toolchain_specs files[] = {
		{ .name = "a.specs", .host = "/srv/a.specs" },
		{ .name = "arm/nano.specs", .host = "/srv/arm/nano.specs" },
	};
	static const struct {
		enum toolchain_family family;
		const char *words[2]; /* of the option */
		const char *want;     /* NULL: refused */
	} cases[] = {
		{ FAMILY_GCC, { "-specs=a.specs" }, "a.specs" },
		{ FAMILY_GCC, { "--specs=/srv/a.specs" }, "a.specs" },
		{ FAMILY_GCC, { "-specs", "arm/nano.specs" },
		    "arm/nano.specs" },
		{ FAMILY_GCC, { "--specs", "arm/nano.specs" },
		    "arm/nano.specs" },
		{ FAMILY_GCC, { "-specs=nano.specs" }, NULL },
		{ FAMILY_GCC, { "-specs=/srv/arm/../a.specs" }, NULL },
		{ FAMILY_GCC, { "-specs=srv/a.specs" }, NULL },
		{ FAMILY_GCC, { "-specs=" }, NULL },
		{ FAMILY_GCC, { "-o", "-specs=a.specs" }, NULL },
		{ FAMILY_CLANG, { "-specs=a.specs" }, NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const char *argv[5] = { "gcc", "-c", "a.c" };
		struct options_request req = { .proto = 1, .argv = argv,
			.family = cases[i].family, .argv0 = ARGV0,
			.extra = "", .specs = files, .nspecs = 2 };
		struct options_decision d;
		char want[64];

		for (req.argc = 3; req.argc < 5 &&
		     cases[i].words[req.argc - 3] != NULL; req.argc++)
			argv[req.argc] = cases[i].words[req.argc - 3];
		assert_int_equal(options_decide(&d, &req), 0);
		if ((d.reason == NULL) != (cases[i].want != NULL))
			fail_msg("%s", cases[i].words[0]);
		if (cases[i].want != NULL) {
			(void)snprintf(want, sizeof(want),
			    "-specs=/.immure/.specs/%s", cases[i].want);
			assert_string_equal(d.argv[3], want);
		}
		options_done(&d);
	}
}

static void
test_no_words(void **state)
{
	static const char *argv[] = { NULL };
	struct options_request req = { .proto = 1, .argc = 0, .argv = argv,
		.family = FAMILY_GCC, .argv0 = ARGV0, .extra = "" };
	struct options_decision d;

	(void)state;
	assert_int_equal(options_decide(&d, &req), 0);
	assert_string_equal(d.reason, "option.limit");
	options_done(&d);
}

static void
test_most_words(void **state)
{
	const char **argv = calloc(LIMIT_ARGC + 1, sizeof(*argv));
	struct options_request req = { .proto = 1, .argc = LIMIT_ARGC,
		.argv = argv, .family = FAMILY_GCC, .argv0 = ARGV0,
		.extra = "" };
	struct options_decision d;
	unsigned i;

	(void)state;
	assert_non_null(argv);
	for (i = 0; i <= LIMIT_ARGC; i++)
		argv[i] = "-xc";
	argv[LIMIT_ARGC - 2] = "-c";
	argv[LIMIT_ARGC - 1] = "a.c";
	assert_int_equal(options_decide(&d, &req), 0);
	assert_null(d.reason);
	assert_int_equal(d.argc, 2 * (LIMIT_ARGC - 3) + 5);
	assert_null(d.argv[d.argc]);
	options_done(&d);
	req.argc++;
	assert_int_equal(options_decide(&d, &req), 0);
	assert_string_equal(d.reason, "option.limit");
	options_done(&d);
	free(argv);
}

/* A decision on input names at the limit of a file name and beyond it. */
static void
test_long_name(void **state)
{
	char name[300];
	const char *argv[] = { "gcc", "-c", name };
	struct options_request req = { .proto = 1, .argc = 3, .argv = argv,
		.family = FAMILY_GCC, .argv0 = ARGV0, .extra = "" };
	struct options_decision d;

	(void)state;
	memset(name, 'a', sizeof(name));
	memcpy(name + 253, ".c", 3);
	assert_int_equal(options_decide(&d, &req), 0);
	assert_null(d.reason);
	assert_int_equal(strlen(d.input), 255);
	options_done(&d);
	memcpy(name + 253, "a.c", 4);
	assert_int_equal(options_decide(&d, &req), 0);
	assert_string_equal(d.reason, "option.input");
	options_done(&d);
}

/* What was told: "action name=value>runs reason", a blank between options. */
static void
append_step(void *ctx, const struct options_step *step)
{
	char *text = ctx;
	size_t n = strlen(text);

	n += (size_t)snprintf(text + n, 1024 - n, "%s%s %s",
	    n == 0 ? "" : "; ", options_action_word(step->action),
	    step->name);
	if (step->value != NULL)
		n += (size_t)snprintf(text + n, 1024 - n, "=%s", step->value);
	for (unsigned i = 0; i < step->nruns; i++)
		n += (size_t)snprintf(text + n, 1024 - n, " >%s",
		    step->runs[i]);
	if (step->reason != NULL)
		(void)snprintf(text + n, 1024 - n, " %s", step->reason);
	assert_true(strlen(text) < 1000);
}

static void
test_steps(void **state)
{
	static const struct {
		unsigned where;
		const char *line, *steps, *reason;
	} cases[] = {
		{ GP, "--include-directory=i -O2 -o x.o -xc -c d/a.c",
		    "left out -I=i; passed -O2 >-O2; replaced -o=x.o; "
		    "replaced -x=c >-x >cpp-output; kept -c >-c; "
		    "source d/a.c >a.i", NULL },
		{ G3, "--include-directory i --any=1 -MF d -S a.c",
		    "kept -I=i >--include-directory >i; passed -fany=1 "
		    ">--any=1; replaced -MF=d; kept -S >-S; source a.c >a.c",
		    NULL },
		{ CP, "--any=1 -c a.c",
		    "passed --any=1 >--any=1; kept -c >-c; source a.c >a.i",
		    NULL },
		/* Behind a refusal the walk goes on; the first one stands. */
		{ GP, "-fplugin=x -c a.c b.c -fq=/ -o",
		    "refused -fplugin==x option.plugin; kept -c >-c; "
		    "source a.c >a.i; refused b.c option.input; "
		    "refused -fq=/ option.unknown; "
		    "refused -o option.argument", "option.plugin" },
		{ GP, "-c @a a.c", "refused @a option.response-file",
		    "option.response-file" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char text[1024] = "";
		struct options_decision d;
		struct words w;
		struct options_request req = { .argv = w.argv,
			.proto = cases[i].where & PUMP ? 3 : 1,
			.family = cases[i].where & GCC ? FAMILY_GCC :
			    FAMILY_CLANG, .argv0 = ARGV0,
			.step = append_step, .step_ctx = text };

		split(&w, cases[i].line);
		req.argc = w.argc;
		assert_int_equal(options_decide(&d, &req), 0);
		assert_string_equal(text, cases[i].steps);
		if (cases[i].reason == NULL)
			assert_null(d.reason);
		else
			assert_string_equal(d.reason, cases[i].reason);
		options_done(&d);
	}
}

static void
test_language_and_phase(void **state)
{
	struct options_decision d;
	struct words w;

	(void)state;
	split(&w, "-c a.cc");
	decide(&d, &w, GP, "");
	assert_string_equal(d.language, "c++");
	assert_string_equal(d.phase, "-c");
	options_done(&d);
	split(&w, "-S -x objective-c a.cc -c");
	decide(&d, &w, G3, "");
	assert_string_equal(d.language, "objective-c");
	assert_string_equal(d.phase, "-S");
	options_done(&d);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_positions),
		cmocka_unit_test(test_languages),
		cmocka_unit_test(test_preprocessor),
		cmocka_unit_test(test_outputs),
		cmocka_unit_test(test_programs),
		cmocka_unit_test(test_inner),
		cmocka_unit_test(test_builds),
		cmocka_unit_test(test_input_and_source),
		cmocka_unit_test(test_extra_comes_first),
		cmocka_unit_test(test_notes),
		cmocka_unit_test(test_notes_are_bounded),
		cmocka_unit_test(test_text_is_escaped),
		cmocka_unit_test(test_specs),
		cmocka_unit_test(test_no_words),
		cmocka_unit_test(test_most_words),
		cmocka_unit_test(test_long_name),
		cmocka_unit_test(test_steps),
		cmocka_unit_test(test_language_and_phase),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
