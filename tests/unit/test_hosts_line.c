/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The line for DISTCC_HOSTS, by what is listened on. */
#include <node/monitor/hosts_line.h>
#include <arpa/inet.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

static void
put(struct sockaddr_storage *ss, const char *text)
{
	struct sockaddr_in6 *six = (void *)ss;
	struct sockaddr_in *four = (void *)ss;

	memset(ss, 0, sizeof(*ss));
	if (inet_pton(AF_INET6, text, &six->sin6_addr) == 1)
		ss->ss_family = AF_INET6;
	else if (inet_pton(AF_INET, text, &four->sin_addr) == 1)
		ss->ss_family = AF_INET;
	else
		fail_msg("%s", text);
}

static void
test_lines(void **state)
{
	static const struct {
		const char *at[3];
		const char *want;
	} cases[] = {
		{ { "0.0.0.0", "::" }, "build1:3632/8" },
		{ { "::" }, "build1:3632/8" },
		{ { "192.0.2.7" }, "192.0.2.7:3632/8" },
		{ { "127.0.0.1" }, "127.0.0.1:3632/8" },
		{ { "::1" }, "[::1]:3632/8" },
		{ { "2001:db8::5" }, "[2001:db8::5]:3632/8" },
		{ { "127.0.0.1", "192.0.2.7" }, "192.0.2.7:3632/8" },
		{ { "::1", "fe80::1", "2001:db8::5" },
		    "[2001:db8::5]:3632/8" },
		{ { "fe80::1" }, "[fe80::1]:3632/8" },
		{ { NULL }, "build1:3632/8" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct sockaddr_storage at[3];
		char line[128];
		unsigned n = 0;

		for (; n < 3 && cases[i].at[n] != NULL; n++)
			put(&at[n], cases[i].at[n]);
		hosts_line(at, n, "build1", 3632, 8, line, sizeof(line));
		assert_string_equal(line, cases[i].want);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_lines) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
