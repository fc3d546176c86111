/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Entries of DISTCC_HOSTS: what each means, and how it is written again. */
#include <node/cli/host_spec.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static const struct {
	const char *word;
	enum host_kind kind;
	const char *name;
	unsigned port, limit;
	const char *user, *command;
	const char *again; /* host_spec_write() with the same limit */
} good[] = {
	{ "node", HOST_TCP, "node", 3632, 0, "", "", "node:3632" },
	{ "node:1234", HOST_TCP, "node", 1234, 0, "", "", "node:1234" },
	{ "node/6", HOST_TCP, "node", 3632, 6, "", "", "node:3632/6" },
	{ "node:80/6", HOST_TCP, "node", 80, 6, "", "", "node:80/6" },
	{ "node/6:80", HOST_TCP, "node", 80, 6, "", "", "node:80/6" },
	{ "192.0.2.1,lzo", HOST_TCP, "192.0.2.1", 3632, 0, "", "",
	    "192.0.2.1:3632,lzo" },
	{ "n/2,cpp,lzo", HOST_TCP, "n", 3632, 2, "", "",
	    "n:3632/2,cpp,lzo" },
	{ "n,lzo,cpp", HOST_TCP, "n", 3632, 0, "", "", "n:3632,cpp,lzo" },
	{ "n,lzo,down,auth", HOST_TCP, "n", 3632, 0, "", "", "n:3632,lzo" },
	{ "[2001:db8::1]", HOST_TCP, "2001:db8::1", 3632, 0, "", "",
	    "[2001:db8::1]:3632" },
	{ "[fe80::1%eth0]:99/3,lzo", HOST_TCP, "fe80::1%eth0", 99, 3, "", "",
	    "[fe80::1%eth0]:99/3,lzo" },
	/* Only the bare word means: here. */
	{ "localhost", HOST_LOCAL, "localhost", 0, 0, "", "", "localhost" },
	{ "localhost/3", HOST_LOCAL, "localhost", 0, 3, "", "",
	    "localhost/3" },
	{ "localhost:3632", HOST_TCP, "localhost", 3632, 0, "", "",
	    "localhost:3632" },
	{ "localhosts", HOST_TCP, "localhosts", 3632, 0, "", "",
	    "localhosts:3632" },
	{ "@node", HOST_SSH, "node", 0, 0, "", "", "@node" },
	{ "me@node/2:/opt/distccd,lzo", HOST_SSH, "node", 0, 2, "me",
	    "/opt/distccd", "me@node/2:/opt/distccd,lzo" },
};

static void
test_good(void **state)
{
	char again[HOST_SPEC_ROOM];
	struct host_spec h;

	(void)state;
	for (size_t i = 0; i < COUNT(good); i++) {
		assert_null(host_spec_parse(&h, good[i].word,
		    strlen(good[i].word)));
		assert_int_equal(h.kind, good[i].kind);
		assert_string_equal(h.name, good[i].name);
		assert_int_equal(h.port, good[i].port);
		assert_int_equal(h.limit, good[i].limit);
		assert_string_equal(h.user, good[i].user);
		assert_string_equal(h.command, good[i].command);
		assert_int_equal(host_spec_write(&h, h.limit, again),
		    strlen(good[i].again));
		assert_string_equal(again, good[i].again);
	}
}

static void
test_options(void **state)
{
	struct host_spec h;

	(void)state;
	assert_null(host_spec_parse(&h, "n,lzo,cpp,down,auth", 19));
	assert_true(h.lzo && h.cpp && h.down && h.auth);
	assert_null(host_spec_parse(&h, "n", 1));
	assert_false(h.lzo || h.cpp || h.down || h.auth);
}

static void
test_bad(void **state)
{
	static const char *const words[] = { "", ":3632", "/4", ",lzo",
		"node:", "node:0", "node:65536", "node:x", "node:80x",
		"node/", "node/0", "node/x", "node/99999", "node,zip",
		"node,", "node,lzoo", "node,cpp", "[::1", "[]", "[::1]x",
		"no de", "node\x1b[31m", "n\xc3\xb6" "de", "-oProxy=x",
		"@-oProxyCommand=x", "-l@node", "@", "me@", "+zeroconf",
		"[[200also]", "a[b", "a%b", "localhost/0", "localhost/1x", "localhost/1,lzo", "n:1:2" };
	struct host_spec h;
	char longer[HOST_WORD_MAX + 2];

	(void)state;
	for (size_t i = 0; i < COUNT(words); i++)
		assert_non_null(
		    host_spec_parse(&h, words[i], strlen(words[i])));
	memset(longer, 'a', sizeof(longer));
	assert_non_null(host_spec_parse(&h, longer, sizeof(longer)));
	assert_non_null(host_spec_parse(&h, longer, HOST_NAME_MAX_BYTES + 1));
	assert_null(host_spec_parse(&h, longer, HOST_NAME_MAX_BYTES));
}

static void
test_list(void **state)
{
	static const char *const want[] = { "a", "b:1,lzo", "c", "d" };
	const char *at = " a\tb:1,lzo # not this\n#nor this\n\n c#x y\r\nd";
	const char *word;
	size_t len, n = 0;

	(void)state;
	while (host_list_word(&at, &word, &len)) {
		assert_int_equal(len, strlen(want[n]));
		assert_memory_equal(word, want[n], len);
		n++;
	}
	assert_int_equal(n, COUNT(want));
	assert_true(host_word_is_option("--randomize", 11));
	assert_true(host_word_is_option("--localslots=2", 14));
	assert_true(host_word_is_option("--localslots_cpp=2", 18));
	assert_false(host_word_is_option("--random", 8));
	assert_false(host_word_is_option("node", 4));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good),
		cmocka_unit_test(test_options),
		cmocka_unit_test(test_bad),
		cmocka_unit_test(test_list),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
