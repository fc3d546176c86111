/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the administrator names: the list of DISTCC_CMDLIST, and the directory
 * of a toolchain outside of the usual places. */
#include <node/imager/wish.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

static void
test_lines(void **state)
{
	static const struct {
		const char *text;
		size_t n;
		const char *first, *last;
	} cases[] = {
		{ "", 0, NULL, NULL },
		{ "\n\n", 0, NULL, NULL },
		{ "/usr/bin/gcc", 1, "/usr/bin/gcc", "/usr/bin/gcc" },
		{ "/usr/bin/gcc\n", 1, "/usr/bin/gcc", "/usr/bin/gcc" },
		{ "/a/b/cc\n\n/c d/g++\n", 2, "/a/b/cc", "/c d/g++" },
		{ "gcc\n#no comment\n", 2, "gcc", "#no comment" },
	};
	static struct wish w;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		w.named[0] = "of --compiler";
		w.nnamed = 1;
		(void)snprintf(w.text, sizeof(w.text), "%s", cases[i].text);
		wish_lines(&w, strlen(cases[i].text));
		assert_int_equal(w.nnamed, cases[i].n);
		assert_false(w.full);
		if (w.nnamed == 0)
			continue;
		assert_string_equal(w.named[0], cases[i].first);
		assert_string_equal(w.named[w.nnamed - 1], cases[i].last);
	}
}

static void
test_full(void **state)
{
	static struct wish w;

	(void)state;
	memset(w.text, '\n', WISH_LIST_BYTES);
	for (size_t i = 0; i < WISH_LIST_BYTES; i += 2)
		w.text[i] = '/';
	wish_lines(&w, WISH_LIST_BYTES);
	assert_int_equal(w.nnamed, WISH_NAMED_MAX);
	assert_true(w.full);
}

static void
test_root(void **state)
{
	static const struct {
		const char *real, *want; /* NULL: no jail is shown that */
	} cases[] = {
		{ "/srv/arm/bin/arm-linux-gcc", "/srv/arm" },
		{ "/srv/arm/arm-linux-gcc", "/srv/arm" },
		{ "/srv/bin/gcc", "/srv" },
		{ "/srv/cabin/gcc", "/srv/cabin" },
		{ "/home/tools/x/bin/gcc", "/home/tools/x" },
		{ "/home/bin/gcc", NULL },
		{ "/home/gcc", NULL },
		{ "/root/bin/gcc", NULL },
		{ "/bin/gcc", NULL },
		{ "/gcc", NULL },
		{ "/etc/bin/gcc", NULL },
		{ "/tmp/gcc", NULL },
		{ "/proc/1/root/bin/gcc", NULL },
		{ "/sys/x/y", NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char root[192];

		if (wish_root(cases[i].real, root) != (cases[i].want != NULL))
			fail_msg("%s", cases[i].real);
		if (cases[i].want != NULL)
			assert_string_equal(root, cases[i].want);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lines),
		cmocka_unit_test(test_full),
		cmocka_unit_test(test_root),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
