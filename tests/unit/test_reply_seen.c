/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <node/relay/reply_seen.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static const struct row {
	const char *bytes;
	enum reply_seen_state want;
} rows[] = {
	{ "", REPLY_NONE },
	{ "D", REPLY_PART },
	{ "DONE00000001STAT", REPLY_PART },
	{ "DONE00000001STAT00000000SERR00000000SOUT00000000DOTO00000000",
	    REPLY_WHOLE },
	{ "DONE00000002STAT00000100SERR00000002noSOUT00000001xDOTO00000000",
	    REPLY_WHOLE },
	/* all but the last byte of the object */
	{ "DONE00000001STAT00000000SERR00000000SOUT00000000DOTO00000003ab",
	    REPLY_PART },
	/* pump: a .d file follows, but not after a failure */
	{ "DONE00000003STAT00000000SERR00000000SOUT00000000DOTO00000001x",
	    REPLY_PART },
	{ "DONE00000003STAT00000000SERR00000000SOUT00000000DOTO00000001x"
	  "DOTD00000002d:", REPLY_WHOLE },
	{ "DONE00000003STAT00000009SERR00000000SOUT00000000DOTO00000000",
	    REPLY_WHOLE },
	/* bytes behind it are nobody's */
	{ "DONE00000001STAT00000000SERR00000000SOUT00000000DOTO00000000junk",
	    REPLY_WHOLE },
	{ "STAT00000000", REPLY_BROKEN },
	{ "DONE0000000x", REPLY_BROKEN },
	{ "DONE00000001DONE00000001", REPLY_BROKEN },
	{ "This account is not available", REPLY_BROKEN },
};

static void
test_rows(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const uint8_t *p = (const void *)rows[i].bytes;
		size_t n = strlen(rows[i].bytes);

		for (size_t cut = 0; cut <= n; cut++) {
			struct reply_seen s = { 0 };

			reply_seen_add(&s, p, cut);
			reply_seen_add(&s, p + cut, n - cut);
			assert_int_equal(s.state, rows[i].want);
		}
	}
}

/* A body as long as a token can say does not wrap anything around. */
static void
test_longest_body(void **state)
{
	static const char head[] =
	    "DONE00000001STAT00000000SERRffffffff";
	static uint8_t body[1 << 20];
	struct reply_seen s = { 0 };

	(void)state;
	reply_seen_add(&s, (const void *)head, sizeof(head) - 1);
	for (unsigned i = 0; i < 4095; i++)
		reply_seen_add(&s, body, sizeof(body));
	assert_int_equal(s.state, REPLY_PART);
	assert_int_equal(s.body_left, sizeof(body) - 1);
	reply_seen_add(&s, body, sizeof(body) - 1);
	assert_int_equal(s.body_left, 0);
	assert_int_equal(s.state, REPLY_PART);
	reply_seen_add(&s, (const void *)"SOUT00000000DOTO00000000", 24);
	assert_int_equal(s.state, REPLY_WHOLE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_longest_body),
	};

	return cmocka_run_group_tests_name("reply_seen", tests, NULL, NULL);
}
