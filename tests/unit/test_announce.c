/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The service file of --zeroconf: wire-protocol §3.7. */
#include "node/common/word.h"
#include "node/monitor/announce.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static void
test_whole(void **state)
{
	const struct announcement a = { .port = 3632, .cpus = 4, .jobs = 6,
		.cc_version = "12", .cc_machine = "x86_64-linux-gnu" };
	static const char *const lines[] = {
		"<name replace-wildcards=\"yes\">distcc@%h</name>",
		"<type>_distcc._tcp</type>",
		"<subtype>_x86-64-linux-gnu--12._sub._distcc._tcp</subtype>",
		"<port>3632</port>",
		"<txt-record>txtvers=1</txt-record>",
		"<txt-record>cpus=4</txt-record>",
		"<txt-record>jobs=6</txt-record>",
		"<txt-record>cc_version=12</txt-record>",
		"<txt-record>cc_machine=x86_64-linux-gnu</txt-record>",
		"<txt-record>gnuhost=",
		"<txt-record>distcc=",
	};
	char out[ANNOUNCE_MAX];
	size_t len = announce_write(out, &a);

	(void)state;
	assert_int_equal(len, strlen(out));
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		if (strstr(out, lines[i]) == NULL)
			fail_msg("no %s in %s", lines[i], out);
	assert_true(announce_is_ours(out, len));
	assert_false(announce_is_ours(out, 10));
	assert_false(announce_is_ours("<?xml version=\"1.0\"?><service-group>",
	    36));
	/* avahi.service(5): subtypes before the port, records after it */
	assert_true(strstr(out, "<subtype>") < strstr(out, "<port>"));
	assert_true(strstr(out, "<port>") < strstr(out, "<txt-record>"));
}

/* Without a cc nobody finds it by its version. */
static void
test_no_cc(void **state)
{
	const struct announcement a = { .port = 1, .cpus = 1, .jobs = 1,
		.cc_version = "", .cc_machine = "" };
	char out[ANNOUNCE_MAX];

	(void)state;
	assert_true(announce_write(out, &a) > 0);
	assert_null(strstr(out, "subtype"));
	assert_null(strstr(out, "cc_"));
	assert_non_null(strstr(out, "_distcc._tcp"));
}

static void
test_subtype(void **state)
{
	const struct announcement a = { .port = 65535, .cpus = 1, .jobs = 1,
		.cc_version = "14.0.6+B_1",
		.cc_machine = "x86_64-alpine-linux-musl" };
	char out[ANNOUNCE_MAX];

	(void)state;
	assert_true(announce_write(out, &a) > 0);
	assert_non_null(strstr(out, "<subtype>_x86-64-alpine-linux-musl--"
	    "14-0-6-b-1._sub._distcc._tcp</subtype>"));
}

/* What a compiler says comes into the file only as a word. */
static void
test_words(void **state)
{
	static const char bad[][8] = { "a b", "a<b", "a>b", "a&b", "a\"b",
		"a'b", "a\nb", "a\x01", "\xc3\xa9", "a%h", "a/b", "a;b" };
	static const char *const good[] = { "", "12", "14.0.6",
		"x86_64-linux-gnu", "13.2.1+git" };

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(word_is_plain(bad[i], sizeof(bad[i])));
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		assert_true(word_is_plain(good[i], strlen(good[i]) + 1));
	assert_false(word_is_plain("abcdefgh", 8)); /* no NUL */
}

/* As long as the fields of the message allow. */
static void
test_longest(void **state)
{
	char version[32], machine[64], out[ANNOUNCE_MAX];
	const struct announcement a = { .port = 65535, .cpus = UINT32_MAX,
		.jobs = UINT32_MAX, .cc_version = version,
		.cc_machine = machine };
	size_t len;

	(void)state;
	memset(version, '1', sizeof(version));
	memset(machine, 'm', sizeof(machine));
	version[sizeof(version) - 1] = machine[sizeof(machine) - 1] = '\0';
	len = announce_write(out, &a);
	assert_true(len > 0);
	assert_string_equal(out + len - 17, "</service-group>\n");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_whole),
		cmocka_unit_test(test_no_cc),
		cmocka_unit_test(test_subtype),
		cmocka_unit_test(test_words),
		cmocka_unit_test(test_longest),
	};

	return cmocka_run_group_tests_name("announce", tests, NULL, NULL);
}
