/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The broker's answer to the question for toolchains. */
#include <node/broker/query.h>
#include <node/wire/query.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct toolchain chains[TABLE_TOOLCHAINS_MAX];
static struct toolchain_name names[TABLE_NAMES_MAX];
static const struct table table = { .toolchains = chains, .names = names };
static char out[QUERY_ANSWER_MAX];

static void
test_text(void **state)
{
	struct table t = table;
	size_t n;

	(void)state;
	t.ntoolchains = 2;
	t.nnames = 3;
	chains[0] = (struct toolchain){ .digest = { 0xab, [31] = 1 },
		.family = FAMILY_GCC, .flags = TOOLCHAIN_HEADERS,
		.machine = "x86_64-linux-gnu", .version = "12.2.0" };
	/* No name that is ready leads to it: it is not offered. */
	chains[1] = (struct toolchain){ .family = FAMILY_CLANG };
	names[0] = (struct toolchain_name){ .name = "cc", .state = NAME_READY };
	names[1] = (struct toolchain_name){ .name = "clang",
		.state = NAME_REFUSED, .toolchain = 1 };
	names[2] = (struct toolchain_name){ .name = "g\"c\\c",
		.state = NAME_READY };
	n = query_text(out, sizeof(out), &t, 6);
	assert_int_equal(n, strlen(out));
	assert_string_equal(out,
	    "{\"immured\":\"" IMMURE_VERSION "\",\"jobs\":6,\"toolchains\":[{"
	    "\"digest\":\"ab0000000000000000000000000000000000000000000000"
	    "0000000000000001\",\"family\":\"gcc\",\"target\":"
	    "\"x86_64-linux-gnu\",\"version\":\"12.2.0\",\"pump\":true,"
	    "\"names\":[\"cc\",\"g?c?c\"]}]}\n");
}

/* The largest table there can be fits; a smaller room is noticed. */
static void
test_room(void **state)
{
	struct table t = table;
	size_t n;

	(void)state;
	t.ntoolchains = TABLE_TOOLCHAINS_MAX;
	t.nnames = TABLE_NAMES_MAX;
	for (size_t i = 0; i < TABLE_TOOLCHAINS_MAX; i++) {
		chains[i].family = FAMILY_CLANG;
		memset(chains[i].machine, 'm', sizeof(chains[i].machine) - 1);
		memset(chains[i].version, 'v', sizeof(chains[i].version) - 1);
	}
	for (size_t i = 0; i < TABLE_NAMES_MAX; i++) {
		names[i].state = NAME_READY;
		names[i].toolchain = (uint32_t)i % TABLE_TOOLCHAINS_MAX;
		memset(names[i].name, 'n', sizeof(names[i].name) - 1);
	}
	n = query_text(out, sizeof(out), &t, 1024);
	assert_in_range(n, 1, QUERY_ANSWER_MAX - 1);
	assert_int_equal(query_text(out, n + 1, &t, 1024), n);
	assert_int_equal(query_text(out, n, &t, 1024), 0);
	assert_int_equal(query_text(out, 10, &t, 1024), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_text),
		cmocka_unit_test(test_room),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
