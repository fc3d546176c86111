/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Needs nothing: literals are not looked up anywhere. */
#include <node/monitor/resolve.h>

#include <errno.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static void
test_literals(void **state)
{
	struct listen_list l = { .n = 0 };
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
	char err[256];

	(void)state;
	assert_int_equal(resolve_listen(&l, "127.0.0.1", 3632, err, 256), 0);
	assert_int_equal(resolve_listen(&l, "::1", 3632, err, 256), 0);
	assert_int_equal(resolve_listen(&l, "[::1]", 3632, err, 256), 0);
	assert_int_equal(resolve_listen(&l, "127.0.0.1", 3632, err, 256), 0);
	assert_int_equal(l.n, 2);
	memcpy(&v4, &l.at[0].addr, sizeof(v4));
	memcpy(&v6, &l.at[1].addr, sizeof(v6));
	assert_int_equal(v4.sin_family, AF_INET);
	assert_int_equal(ntohs(v4.sin_port), 3632);
	assert_int_equal(ntohl(v4.sin_addr.s_addr), INADDR_LOOPBACK);
	assert_int_equal(v6.sin6_family, AF_INET6);
	assert_memory_equal(&v6.sin6_addr, &in6addr_loopback, 16);
}

static void
test_refused(void **state)
{
	struct listen_list l = { .n = 0 };
	char err[256] = "", name[16];

	(void)state;
	assert_int_equal(resolve_listen(&l, "[", 1, err, 256), -ENOENT);
	assert_non_null(strstr(err, "--listen: \"[\""));
	assert_int_equal(l.n, 0);
	for (unsigned i = 0; i < LIMIT_LISTEN; i++) {
		(void)snprintf(name, sizeof(name), "127.0.0.%u", i + 1);
		assert_int_equal(resolve_listen(&l, name, 1, err, 256), 0);
	}
	assert_int_equal(resolve_listen(&l, "::1", 1, err, 256), -E2BIG);
	assert_int_equal(l.n, LIMIT_LISTEN);
}

static void
test_every_address(void **state)
{
	struct listen_list l = { .n = 0 };
	char err[256];

	(void)state;
	assert_int_equal(resolve_listen(&l, NULL, 3632, err, 256), 0);
	assert_true(l.n >= 1 && l.n <= 2);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_literals),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_every_address),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
