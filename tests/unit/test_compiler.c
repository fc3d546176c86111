/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Names of compilers, scripts in their place, what they print, ld.so.conf. */
#include <node/toolchain/compiler_name.h>
#include <node/imager/compiler_says.h>
#include <node/imager/ld_path.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static const struct {
	const char *name;
	enum compiler_base base;
	const char *triple, *version;
} names[] = {
	{ "gcc", BASE_GCC, "", "" },
	{ "g++", BASE_GXX, "", "" },
	{ "cc", BASE_CC, "", "" },
	{ "c++", BASE_CC, "", "" },
	{ "c99-gcc", BASE_CC, "", "" },
	{ "gcc-12", BASE_GCC, "", "12" },
	{ "g++-4.9", BASE_GXX, "", "4.9" },
	{ "clang", BASE_CLANG, "", "" },
	{ "clang++", BASE_CLANGXX, "", "" },
	{ "clang++-14", BASE_CLANGXX, "", "14" },
	{ "x86_64-linux-gnu-gcc", BASE_GCC, "x86_64-linux-gnu", "" },
	{ "x86_64-linux-gnu-g++-12", BASE_GXX, "x86_64-linux-gnu", "12" },
	{ "arm-none-eabi-gcc", BASE_GCC, "arm-none-eabi", "" },
	{ "x86_64-alpine-linux-musl-gcc", BASE_GCC,
	    "x86_64-alpine-linux-musl", "" },
	{ "musl-gcc", BASE_GCC, "musl", "" },
	{ "gcc-ar", BASE_NONE, "", "" },
	{ "gcc-12-ar", BASE_NONE, "", "" },
	{ "gcc-", BASE_NONE, "", "" },
	{ "gcc12", BASE_NONE, "", "" },
	{ "gnatgcc", BASE_NONE, "", "" },
	{ "-gcc", BASE_NONE, "", "" },
	{ "clang-format", BASE_NONE, "", "" },
	{ "clang-cpp-14", BASE_NONE, "", "" },
	{ "git-clang-format", BASE_NONE, "", "" },
	{ "c++filt", BASE_NONE, "", "" },
	{ "a b-gcc", BASE_NONE, "", "" },
	{ "sh", BASE_NONE, "", "" },
	{ "", BASE_NONE, "", "" },
};

static void
test_names(void **state)
{
	struct compiler_name n;

	(void)state;
	for (size_t i = 0; i < COUNT(names); i++) {
		(void)compiler_name_parse(&n, names[i].name);
		if (n.base != names[i].base ||
		    strcmp(n.triple, names[i].triple) != 0 ||
		    strcmp(n.version, names[i].version) != 0)
			fail_msg("%s: %d \"%s\" \"%s\"", names[i].name, n.base,
			    n.triple, n.version);
	}
	assert_true(compiler_name_is_wrapper("distcc"));
	assert_true(compiler_name_is_wrapper("ccache"));
	assert_false(compiler_name_is_wrapper("gcc"));
}

#define C99_HEAD                                                               \
	"#! /bin/sh\n\n# Call the compiler\nextra_flag=-std=c99\n\n"           \
	"for i; do\n    case \"$i\" in\n"                                      \
	"\t-std=c9[9x]|-std=iso9899:199[9x])\n\t    extra_flag=\n\t    ;;\n"   \
	"\t-std=*|-ansi)\n"                                                    \
	"\t    echo >&2 \"`basename $0` called with non ISO C99 option $i\"\n" \
	"\t    exit 1\n\t    ;;\n    esac\ndone\n\n"

static const struct {
	const char *text, *option; /* NULL: not a script we know */
} scripts[] = {
	{ C99_HEAD "exec gcc $extra_flag ${1+\"$@\"}\n", "-std=c99" },
	{ C99_HEAD "exec gcc-4 $extra_flag ${1+\"$@\"}\n", NULL },
	{ C99_HEAD "rm -rf /\nexec gcc $extra_flag ${1+\"$@\"}\n", NULL },
	{ C99_HEAD, NULL },
	{ C99_HEAD "exec gcc $extra_flag ${1+\"$@\"}\nid\n", NULL },
	{ "#!/bin/sh\nexec \"${REALGCC:-gcc}\" \"$@\" -specs x\n", NULL },
	{ "exec gcc\n", NULL },
	{ "", NULL },
	{ "#!", NULL },
};

static void
test_scripts(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(scripts); i++) {
		const char *o = compiler_script_option(scripts[i].text,
		    strlen(scripts[i].text));

		if (scripts[i].option == NULL)
			assert_null(o);
		else
			assert_string_equal(o, scripts[i].option);
	}
}

static const char gcc_says[] =
    "Using built-in specs.\nCOLLECT_GCC=gcc\nTarget: x86_64-linux-gnu\n"
    "Thread model: posix\ngcc version 12.2.0 (Debian 12.2.0-14+deb12u1) \n"
    " /usr/lib/gcc/x86_64-linux-gnu/12/cc1 -E -quiet -v /x\n"
    "ignoring nonexistent directory \"/usr/local/include/x\"\n"
    "#include \"...\" search starts here:\n"
    "#include <...> search starts here:\n"
    " /usr/lib/gcc/x86_64-linux-gnu/12/include\n /usr/local/include\n"
    " relative/dir\n /usr/include\nEnd of search list.\n /not/this\n";
static const char clang_says[] =
    "Debian clang version 14.0.6\nTarget: x86_64-pc-linux-gnu\n"
    "Thread model: posix\nInstalledDir: /usr/bin\n (in-process)\n"
    " \"/usr/lib/llvm-14/bin/clang\" -cc1\nclang -cc1 version 14.0.6 based\n"
    "#include \"...\" search starts here:\n"
    "#include <...> search starts here:\n"
    " /usr/bin/../lib/gcc/x/12/../../../../include/c++/12\n /usr/include\n"
    "End of search list.\n";

static void
test_says(void **state)
{
	static struct compiler_says s;

	(void)state;
	assert_int_equal(compiler_says_parse(&s, gcc_says,
	    sizeof(gcc_says) - 1), 0);
	assert_int_equal(s.family, FAMILY_GCC);
	assert_string_equal(s.version, "12.2.0");
	assert_string_equal(s.machine, "x86_64-linux-gnu");
	assert_int_equal(s.ndirs, 3);
	assert_string_equal(s.dirs[2], "/usr/include");
	assert_int_equal(compiler_says_parse(&s, clang_says,
	    sizeof(clang_says) - 1), 0);
	assert_int_equal(s.family, FAMILY_CLANG);
	assert_string_equal(s.version, "14.0.6");
	assert_string_equal(s.machine, "x86_64-pc-linux-gnu");
	assert_int_equal(s.ndirs, 2);
}

/* What is wrong, of what a compiler has said. */
static void
test_error(void **state)
{
	static const struct {
		const char *text, *line;
	} cases[] = {
		{ "", "" },
		{ "\n", "" },
		{ "as: killed", "as: killed" },
		{ "In file included from a.h:1,\n   from a.c:1:\n"
		  "b.h:2: fatal error: c.h: No such file\n", "b.h:2: fatal "
							     "error: c.h: No suc" },
		{ "a.c:1: error: b\na.c:2: error: c\n", "a.c:1: error: b" },
		{ "warn\na.c:2: error: \033[1mc\n", "a.c:2: error: ?[1mc" },
		{ "one\ntwo\n", "one" },
		{ "Using built-in specs.\n./configure --enable-werror x\n"
		  "cc1: error while loading shared libraries: l\n",
		    "cc1: error while loading shared" },
	};
	char line[32];

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		compiler_says_error(cases[i].text, strlen(cases[i].text), line,
		    sizeof(line));
		assert_string_equal(line, cases[i].line);
	}
}

/* What --version says, made of what -v says. */
static void
test_title(void **state)
{
	static const struct {
		const char *line, *title;
	} cases[] = {
		{ "gcc version 12.2.0 (Debian 12.2.0-14+deb12u1) ",
		    "gcc (Debian 12.2.0-14+deb12u1) 12.2.0" },
		{ "gcc version 13.2.1 20240309 (Alpine 13.2.1_git20240309)",
		    "gcc (Alpine 13.2.1_git20240309) 13.2.1 20240309" },
		{ "gcc version 4.9", "gcc 4.9" },
		{ "gcc version 4.9 ()", "gcc () 4.9" },
		{ "gcc version 4.9 (", "gcc 4.9 (" },
		{ "Debian clang version 14.0.6", "Debian clang version 14.0.6" },
		{ "clang version 17.0.6 (Fedora 17)",
		    "clang version 17.0.6 (Fedora 17)" },
	};
	static struct compiler_says s;
	char text[200];

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		int n = snprintf(text, sizeof(text), "Target: x\n%s\n",
		    cases[i].line);

		assert_int_equal(compiler_says_parse(&s, text, (size_t)n), 0);
		assert_string_equal(s.title, cases[i].title);
	}
}

static void
test_says_nonsense(void **state)
{
	static const char *const bad[] = { "", "\n\n", "tcc version 0.9.27\n",
		"gcc version 12.2.0\n", "Target: x\n",
		"gcc version \nTarget: x\n", "Target: \x1b[1m\ngcc version 1\n",
		"Target: x\ngcc version 1\n#include <...> search starts\n"
		" /a\1b\n" };
	static struct compiler_says s;

	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++)
		if (compiler_says_parse(&s, bad[i], strlen(bad[i])) == 0)
			fail_msg("accepted: %zu", i);
	/* Every shorter text: no byte beyond it is read (ASan). */
	for (size_t n = 0; n < sizeof(gcc_says); n++)
		(void)compiler_says_parse(&s, gcc_says, n);
}

static const struct {
	const char *path, *plain, *passed;
} paths[] = {
	{ "/usr/include", "/usr/include", "" },
	{ "/usr//./include/", "/usr/include", "" },
	{ "/usr/bin/../lib", "/usr/lib", "/usr/bin" },
	{ "/a/b/../../c", "/c", "/a/b /a" },
	{ "/../../x", "/x", "" },
	{ "/", "/", "" },
	{ "/..", "/", "" },
	{ "x", NULL, "" },
	{ "", NULL, "" },
};

static void
note(void *ctx, const char *dir)
{
	char *s = ctx;
	size_t n = strlen(s);

	snprintf(s + n, 128 - n, "%s%s", n ? " " : "", dir);
}

static void
test_paths(void **state)
{
	char got[64], passed[128], small[8];

	(void)state;
	for (size_t i = 0; i < COUNT(paths); i++) {
		int r;

		passed[0] = '\0';
		r = path_plain(paths[i].path, got, sizeof(got), note, passed);
		if (paths[i].plain == NULL) {
			assert_int_equal(r, -EINVAL);
			continue;
		}
		assert_int_equal(r, 0);
		assert_string_equal(got, paths[i].plain);
		assert_string_equal(passed, paths[i].passed);
	}
	assert_int_equal(path_plain("/1234567", small, 8, NULL, NULL),
	    -EINVAL);
	assert_int_equal(path_plain("/123456", small, 8, NULL, NULL), 0);
}

struct tried {
	char list[512];
	unsigned stop;
};

static int
try_one(void *ctx, const char *file)
{
	struct tried *t = ctx;
	size_t n = strlen(t->list);

	snprintf(t->list + n, sizeof(t->list) - n, "%s ", file);
	return t->stop > 0 && --t->stop == 0;
}

static void
note_dir(void *ctx, const char *path)
{
	char *list = ctx;

	(void)snprintf(list + strlen(list), 128, "%s ", path);
}

static void
test_ld_path(void **state)
{
	char lines[][64] = { "/usr/lib/a # comment", "  /usr/lib/b\n",
		"relative", "/usr/lib/a", "/old=libc5", "" };
	char include[] = "include /etc/ld.so.conf.d/*.conf\n";
	struct elf_facts e = { .runpath = "$ORIGIN/../lib:${ORIGIN}:$LIB/x",
		.rpath = "/rpath" };
	struct ld_object o = { &e, "/o/bin", "/above" };
	static struct ld_path p;
	char origins[256];
	struct tried t = { "", 0 };

	(void)state;
	for (size_t i = 0; i < COUNT(lines); i++)
		assert_null(ld_path_line(&p, lines[i]));
	assert_string_equal(ld_path_line(&p, include),
	    "/etc/ld.so.conf.d/*.conf");
	assert_int_equal(p.ndirs, 3);
	assert_int_equal(ld_path_search(&p, &o, "l.so", try_one, &t), 0);
	assert_string_equal(t.list, "/o/bin/../lib/l.so /o/bin/l.so "
	    "/usr/lib/a/l.so /usr/lib/b/l.so /old/l.so ");
	memset(origins, 0, sizeof(origins));
	ld_path_origin(&e, "/o/bin", note_dir, origins);
	assert_string_equal(origins, "/o/bin/../lib /o/bin ");
	ld_path_above(&o, origins, sizeof(origins));
	assert_string_equal(origins, "/above");
	e.runpath = NULL;
	t = (struct tried){ "", 3 };
	assert_int_equal(ld_path_search(&p, &o, "l.so", try_one, &t), 1);
	assert_string_equal(t.list, "/rpath/l.so /above/l.so /usr/lib/a/l.so ");
	t = (struct tried){ "", 0 };
	assert_int_equal(ld_path_search(&p, &o, "../l.so", try_one, &t), 0);
	assert_string_equal(t.list, "");
	e.rpath = "$ORIGIN/../lib:$LIB:/rpath";
	ld_path_above(&o, origins, sizeof(origins));
	assert_string_equal(origins, "/o/bin/../lib:/rpath:/above");
	ld_path_above(&o, origins, 21); /* whole directories alone */
	assert_string_equal(origins, "/o/bin/../lib:/above");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_scripts),
		cmocka_unit_test(test_says),
		cmocka_unit_test(test_title),
		cmocka_unit_test(test_error),
		cmocka_unit_test(test_says_nonsense),
		cmocka_unit_test(test_paths),
		cmocka_unit_test(test_ld_path),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
