/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Needs nothing: rules in, verdicts out. */
#include <node/common/acl.h>

#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static struct peer
peer_of(const char *text)
{
	struct peer p = { .port = 1 };
	char mapped[64];

	if (inet_pton(AF_INET6, text, p.addr) != 1) {
		(void)snprintf(mapped, sizeof(mapped), "::ffff:%s", text);
		assert_int_equal(inet_pton(AF_INET6, mapped, p.addr), 1);
	}
	return p;
}

static void
test_match(void **state)
{
	static const struct {
		const char *rule, *peer;
		bool want;
	} cases[] = {
		{ "192.0.2.7", "192.0.2.7", true },
		{ "192.0.2.7", "192.0.2.6", false },
		{ "192.0.2.0/24", "192.0.2.255", true },
		{ "192.0.2.0/24", "192.0.3.0", false },
		{ "192.0.2.77/24", "192.0.2.1", true },
		{ "10.0.0.0/8", "10.255.1.2", true },
		{ "10.0.0.0/8", "11.0.0.1", false },
		{ "192.0.2.128/25", "192.0.2.127", false },
		{ "192.0.2.128/25", "192.0.2.128", true },
		{ "172.16.0.0/12", "172.31.255.255", true },
		{ "172.16.0.0/12", "172.32.0.0", false },
		{ "192.0.2.6/31", "192.0.2.7", true },
		{ "192.0.2.6/31", "192.0.2.8", false },
		{ "0.0.0.0/0", "203.0.113.9", true },
		{ "0.0.0.0/0", "2001:db8::1", false },
		{ "0.0.0.0/0", "::1", false },
		/* distcc issue 443: a mapped client, and its bytes reversed */
		{ "192.168.0.0/16", "::ffff:192.168.1.5", true },
		{ "192.168.0.0/16", "::ffff:5.1.168.192", false },
		{ "10.0.0.0/8", "::ffff:0.0.0.10", false },
		{ "::ffff:10.0.0.0/104", "10.1.2.3", true },
		{ "::ffff:10.0.0.0/104", "11.1.2.3", false },
		/* the IPv4-compatible form (RFC 4291 2.5.5.1) is not IPv4 */
		{ "10.0.0.0/8", "::10.0.0.1", false },
		{ "::1", "::1", true },
		{ "::1", "::2", false },
		{ "::1", "127.0.0.1", false },
		{ "2001:db8::/32", "2001:db8:ffff::1", true },
		{ "2001:db8::/32", "2001:db9::1", false },
		{ "fe80::/10", "febf::1", true },
		{ "fe80::/10", "fec0::1", false },
		{ "::/0", "2001:db8::1", true },
		{ "::/0", "192.0.2.1", false },
		{ "::/95", "192.0.2.1", false },
		{ "2001:db8::1/127", "2001:db8::", true },
		{ "2001:db8::1/128", "2001:db8::", false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct acl a = { .n = 0 };
		struct peer p = peer_of(cases[i].peer);

		assert_int_equal(acl_add(&a, cases[i].rule), ACL_OK);
		if (acl_allows(&a, &p) != cases[i].want)
			fail_msg("%s %s %s", cases[i].rule,
			    cases[i].want ? "refuses" : "admits",
			    cases[i].peer);
	}
}

static void
test_text(void **state)
{
	static const struct {
		const char *rule;
		enum acl_error want;
	} cases[] = {
		{ "", ACL_E_ADDRESS }, { "/", ACL_E_ADDRESS },
		{ "/8", ACL_E_ADDRESS }, { "host.example", ACL_E_ADDRESS },
		{ "10", ACL_E_ADDRESS }, { "10.0.0", ACL_E_ADDRESS },
		{ "10.0.0.0.0", ACL_E_ADDRESS }, { "256.0.0.1", ACL_E_ADDRESS },
		{ " 10.0.0.1", ACL_E_ADDRESS }, { "10.0.0.1 ", ACL_E_ADDRESS },
		{ "0x0a.0.0.1", ACL_E_ADDRESS }, { "010.0.0.1", ACL_E_ADDRESS },
		{ "fe80::1%lo", ACL_E_ADDRESS }, { "[::1]", ACL_E_ADDRESS },
		{ ":::", ACL_E_ADDRESS }, { "1:2:3:4:5:6:7", ACL_E_ADDRESS },
		{ "1111:1111:1111:1111:1111:1111:1111:1111:1111:1111:1111",
		    ACL_E_ADDRESS },
		{ "10.0.0.1/", ACL_E_BITS }, { "10.0.0.1/33", ACL_E_BITS },
		{ "10.0.0.1/-1", ACL_E_BITS }, { "10.0.0.1/+8", ACL_E_BITS },
		{ "10.0.0.1/ 8", ACL_E_BITS }, { "10.0.0.1/8 ", ACL_E_BITS },
		{ "10.0.0.1/0x8", ACL_E_BITS }, { "10.0.0.1/8/8", ACL_E_BITS },
		{ "10.0.0.1/255.0.0.0", ACL_E_BITS },
		{ "10.0.0.1/4294967304", ACL_E_BITS }, { "::/129", ACL_E_BITS },
		{ "::/0000", ACL_E_BITS }, { "::/128", ACL_OK },
		{ "::/000", ACL_OK }, { "10.0.0.1/32", ACL_OK },
		{ "10.0.0.1/0", ACL_OK },
	};
	struct acl a = { .n = 0 };
	unsigned good = 0;

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		enum acl_error e = acl_add(&a, cases[i].rule);

		if (e != cases[i].want)
			fail_msg("\"%s\": %s", cases[i].rule,
			    acl_error_text(e));
		good += e == ACL_OK;
		assert_int_equal(a.n, good);
	}
}

static void
test_name(void **state)
{
	static const char *const names[] = { "localhost", "build-7", "3com",
		"a", "host.example", "_x.y", "7.example", "10e5", "x.0y" };
	static const char *const others[] = { "", ".", "-a", "a.", ".a", "a..b",
		"1", "10", "10.0.0", "10.0.0.0.0", "256.0.0.1", "010.0.0.1",
		"0x7f000001", "0x0a.0.0.0x1", "1.0XA", "a.1", "*", "a b", "a/8",
		"::1", "[::1]", "fe80::1%lo", "a,b", "h\xc3\xa9" };
	char longest[ACL_NAME_MAX + 2];

	(void)state;
	for (size_t i = 0; i < COUNT(names); i++)
		if (!acl_is_name(names[i]))
			fail_msg("\"%s\" is a name", names[i]);
	for (size_t i = 0; i < COUNT(others); i++)
		if (acl_is_name(others[i]))
			fail_msg("\"%s\" is no name", others[i]);
	memset(longest, 'a', sizeof(longest) - 1);
	longest[ACL_NAME_MAX + 1] = '\0';
	assert_false(acl_is_name(longest));
	longest[ACL_NAME_MAX] = '\0';
	assert_true(acl_is_name(longest));
}

static void
test_private(void **state)
{
	static const char *const in[] = { "127.0.0.1", "127.255.255.255",
		"10.0.0.1", "172.16.0.1", "172.31.0.1", "192.168.255.1", "::1",
		"fe80::1", "fd00::1", "fc00::1" };
	static const char *const out[] = { "126.255.255.255", "128.0.0.1",
		"9.255.255.255", "11.0.0.0", "172.15.255.255", "172.32.0.0",
		"192.167.0.1", "192.169.0.1", "169.254.0.1", "100.64.0.1", "::",
		"::2", "fec0::1", "fe00::1", "2001:db8::1", "0.0.0.0" };
	struct acl a = { .n = 0 };
	struct peer p;

	(void)state;
	assert_int_equal(acl_add_private(&a), ACL_OK);
	for (size_t i = 0; i < COUNT(in); i++) {
		p = peer_of(in[i]);
		assert_true(acl_allows(&a, &p));
	}
	for (size_t i = 0; i < COUNT(out); i++) {
		p = peer_of(out[i]);
		assert_false(acl_allows(&a, &p));
	}
}

static void
test_none_and_full(void **state)
{
	struct acl a = { .n = 0 };
	struct peer p = peer_of("127.0.0.1"), nobody = { .port = 0 };

	(void)state;
	assert_false(acl_allows(&a, &p));
	assert_false(acl_allows(&a, &nobody));
	for (unsigned i = 0; i < LIMIT_ACL_RULES; i++)
		assert_int_equal(acl_add(&a, "192.0.2.1"), ACL_OK);
	assert_int_equal(acl_add(&a, "127.0.0.1"), ACL_E_FULL);
	assert_int_equal(acl_add_private(&a), ACL_E_FULL);
	assert_false(acl_allows(&a, &p));
	assert_string_equal(acl_error_text(ACL_E_FULL), "too many rules");
	assert_string_equal(acl_error_text(ACL_E_COUNT), "unknown error");
}

/* The unix socket has its own rule, the file's mode. */
static void
test_local_users(void **state)
{
	struct acl a = { .n = 0 };
	const struct peer p = { .kind = PEER_UNIX, .addr = { [15] = 42 } };

	(void)state;
	assert_int_equal(acl_add(&a, "::/0"), ACL_OK);
	assert_int_equal(acl_add(&a, "0.0.0.0/0"), ACL_OK);
	assert_false(acl_allows(&a, &p));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_local_users),
		cmocka_unit_test(test_match),
		cmocka_unit_test(test_text),
		cmocka_unit_test(test_private),
		cmocka_unit_test(test_name),
		cmocka_unit_test(test_none_and_full),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
