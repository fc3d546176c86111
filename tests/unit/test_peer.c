/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Addresses of clients: text, and who counts as one.  Needs nothing. */
#include "node/common/peer.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <cmocka.h>

#define ROWS(t) (sizeof(t) / sizeof((t)[0]))

static struct peer
peer_of(const char *text, uint16_t port)
{
	struct sockaddr_in v4 = { .sin_family = AF_INET,
		.sin_port = htons(port) };
	struct sockaddr_in6 v6 = { .sin6_family = AF_INET6,
		.sin6_port = htons(port) };
	struct peer p;

	if (inet_pton(AF_INET, text, &v4.sin_addr) == 1) {
		assert_int_equal(peer_from_sockaddr(&p, (void *)&v4,
		    sizeof(v4)), 0);
	} else {
		assert_int_equal(inet_pton(AF_INET6, text, &v6.sin6_addr), 1);
		assert_int_equal(peer_from_sockaddr(&p, (void *)&v6,
		    sizeof(v6)), 0);
	}
	return p;
}

static void
test_format(void **state)
{
	static const struct {
		const char *addr;
		uint16_t port;
		const char *want;
	} rows[] = {
		{ "1.2.3.4", 55, "1.2.3.4:55" },
		{ "255.255.255.255", 65535, "255.255.255.255:65535" },
		{ "0.0.0.0", 0, "0.0.0.0:0" },
		{ "::ffff:1.2.3.4", 55, "1.2.3.4:55" },
		{ "fe80::1", 1, "[fe80::1]:1" },
		{ "::1", 3632, "[::1]:3632" },
		{ "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", 65535,
		    "[ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff]:65535" },
	};
	char text[PEER_TEXT_MAX];
	struct peer p;

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		p = peer_of(rows[i].addr, rows[i].port);
		peer_format(&p, text);
		assert_string_equal(text, rows[i].want);
	}
}

static void
test_not_an_address(void **state)
{
	struct sockaddr_un un = { .sun_family = AF_UNIX };
	struct sockaddr_in v4 = { .sin_family = AF_INET };
	struct sockaddr_in6 v6 = { .sin6_family = AF_INET6 };
	struct peer p;

	(void)state;
	assert_int_equal(peer_from_sockaddr(&p, (void *)&un, sizeof(un)),
	    -EAFNOSUPPORT);
	assert_int_equal(peer_from_sockaddr(&p, (void *)&v4, sizeof(v4) - 1),
	    -EAFNOSUPPORT);
	assert_int_equal(peer_from_sockaddr(&p, (void *)&v6, sizeof(v6) - 1),
	    -EAFNOSUPPORT);
	assert_int_equal(peer_from_sockaddr(&p, (void *)&v6, sizeof(v4)),
	    -EAFNOSUPPORT);
}

static void
test_same_client(void **state)
{
	static const struct {
		const char *a, *b;
		bool want;
	} rows[] = {
		{ "10.0.0.1", "10.0.0.1", true },
		{ "10.0.0.1", "10.0.0.2", false },
		{ "10.0.0.1", "::ffff:10.0.0.1", true },
		/* all of IPv4 lies in one /64 of its own: never one client */
		{ "10.0.0.1", "::", false },
		{ "10.0.0.1", "::10.0.0.1", false },
		{ "::1", "::2", true },
		{ "2001:db8:0:1::1", "2001:db8:0:1:ffff::9", true },
		{ "2001:db8:0:1::1", "2001:db8:0:2::1", false },
		{ "2001:db8::1", "2001:db9::1", false },
	};
	struct peer a, b;

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		a = peer_of(rows[i].a, 1);
		b = peer_of(rows[i].b, 2);
		assert_int_equal(peer_same_client(&a, &b), rows[i].want);
		assert_int_equal(peer_same_client(&b, &a), rows[i].want);
	}
}

/* One who has a /48 has 65536 clients; nobody else has more than one. */
static void
test_same_site(void **state)
{
	static const struct {
		const char *a, *b;
		bool want;
	} rows[] = {
		{ "2001:db8:0:1::1", "2001:db8:0:1::1", true },
		{ "2001:db8:0:1::1", "2001:db8:0:2::1", true },
		{ "2001:db8:0:1::1", "2001:db8:1:1::1", false },
		{ "10.0.0.1", "10.0.0.1", false },
		{ "10.0.0.1", "::1", false },
	};
	struct peer a, b, user, root;

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		a = peer_of(rows[i].a, 1);
		b = peer_of(rows[i].b, 2);
		assert_int_equal(peer_same_site(&a, &b), rows[i].want);
		assert_int_equal(peer_same_site(&b, &a), rows[i].want);
	}
	/* nor more than one user: that one has 65536 uids in /etc/subuid */
	peer_from_uid(&user, 1000);
	peer_from_uid(&b, 100000);
	peer_from_uid(&root, 0);
	a = peer_of("::3e8", 1); /* the same bytes as the user's */
	assert_true(peer_has_site(&user));
	assert_true(peer_same_site(&user, &b));
	assert_false(peer_same_site(&user, &a));
	assert_false(peer_same_site(&a, &user));
	assert_false(peer_has_site(&root));
	assert_false(peer_same_site(&user, &root));
	assert_false(peer_same_site(&root, &root));
}

static void
test_local_users(void **state)
{
	struct peer root, user, other, v6 = peer_of("::3e8", 0);
	char text[PEER_TEXT_MAX], host[PEER_HOST_MAX];

	(void)state;
	peer_from_uid(&root, 0);
	peer_from_uid(&user, 1000);
	peer_from_uid(&other, 4294967295U);
	peer_format(&root, text);
	assert_string_equal(text, "unix:0");
	peer_format(&user, text);
	assert_string_equal(text, "unix:1000");
	peer_format_host(&user, host);
	assert_string_equal(host, "unix:1000");
	peer_format_host(&other, host);
	assert_string_equal(host, "unix:4294967295");
	assert_true(peer_same_client(&user, &user));
	assert_false(peer_same_client(&user, &root));
	/* the same sixteen bytes, but an address */
	assert_memory_equal(user.addr, v6.addr, sizeof(v6.addr));
	assert_false(peer_same_client(&user, &v6));
	assert_false(peer_same_client(&v6, &user));
}

static void
test_host(void **state)
{
	struct peer v4 = peer_of("1.2.3.4", 5), v6 = peer_of("fe80::1", 5);
	char host[PEER_HOST_MAX];

	(void)state;
	peer_format_host(&v4, host);
	assert_string_equal(host, "1.2.3.4");
	peer_format_host(&v6, host);
	assert_string_equal(host, "fe80::1");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_format),
		cmocka_unit_test(test_not_an_address),
		cmocka_unit_test(test_same_client),
		cmocka_unit_test(test_same_site),
		cmocka_unit_test(test_local_users),
		cmocka_unit_test(test_host),
	};

	return cmocka_run_group_tests_name("peer", tests, NULL, NULL);
}
