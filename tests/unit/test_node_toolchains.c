/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a node says of its toolchains, and what it could say. */
#include <node/cli/node_toolchains.h>

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define D16 "0123456789abcdef"
#define DIGEST D16 D16 D16 D16
#define CHAIN(digest)                                                          \
	"{\"digest\":\"" digest "\",\"family\":\"gcc\",\"target\":\"t\","      \
	"\"version\":\"1\\u001b[2J\",\"pump\":true,"                           \
	"\"names\":[3,\"gcc\",\"cc\"]}"
#define ANSWER(jobs, chains)                                                   \
	"{\"immured\":\"0.1\",\"jobs\":" jobs ",\"toolchains\":[" chains "]}"

static void
test_answer(void **state)
{
	static const char text[] = ANSWER("4", "7," CHAIN(DIGEST));
	struct node_toolchains n;
	struct node_toolchain t;

	(void)state;
	assert_int_equal(node_toolchains_parse(&n, text, strlen(text)), 0);
	assert_int_equal(n.jobs, 4);
	assert_string_equal(n.version, "0.1");
	assert_true(node_toolchains_find(&n, "cc", &t));
	assert_string_equal(t.digest, DIGEST);
	assert_string_equal(t.target, "t");
	assert_string_equal(t.version, "1?[2J"); /* nothing for a terminal */
	assert_true(t.pump);
	assert_false(node_toolchains_find(&n, "clang", &t));
	node_toolchains_done(&n);
}

static void
test_wrong(void **state)
{
	static const char *const texts[] = { "", "[]", "7", "{}",
		ANSWER("0", ""), ANSWER("99999", ""), ANSWER("\"4\"", ""),
		"{\"immured\":1,\"jobs\":4,\"toolchains\":[]}",
		"{\"immured\":\"1\",\"jobs\":4,\"toolchains\":{}}",
		"{\"immured\":\"1\",\"jobs\":4}" };
	struct node_toolchains n;
	struct node_toolchain t;

	(void)state;
	for (size_t i = 0; i < COUNT(texts); i++)
		assert_int_equal(node_toolchains_parse(&n, texts[i],
		    strlen(texts[i])), -EBADMSG);
	/* A digest that is none. */
	assert_int_equal(node_toolchains_parse(&n, ANSWER("1", CHAIN(D16)),
	    strlen(ANSWER("1", CHAIN(D16)))), 0);
	assert_false(node_toolchains_find(&n, "cc", &t));
	node_toolchains_done(&n);
}

static void
test_own(void **state)
{
	static const char list[] =
	    "{\"toolchains\":[{\"digest\":\"" DIGEST "\",\"target\":\"t\","
	    "\"version\":\"12\",\"headers\":false}],\"names\":["
	    "{\"name\":\"cc\",\"state\":\"ready\",\"toolchain\":0},"
	    "{\"name\":\"far\",\"state\":\"ready\",\"toolchain\":9},"
	    "{\"name\":\"neg\",\"state\":\"ready\",\"toolchain\":-1},"
	    "{\"name\":\"icc\",\"state\":\"refused\",\"reason\":\"x\"}]}";
	static const struct {
		const char *name;
		int want;
	} cases[] = { { "cc", 0 }, { "icc", -ENOENT }, { "no", -ENOENT },
		{ "far", -EBADMSG }, { "neg", -EBADMSG } };
	struct node_toolchain t;

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		assert_int_equal(own_toolchain_find(list, strlen(list),
		    cases[i].name, &t), cases[i].want);
	assert_int_equal(own_toolchain_find("{", 1, "cc", &t), -EBADMSG);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_answer),
		cmocka_unit_test(test_wrong),
		cmocka_unit_test(test_own),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
