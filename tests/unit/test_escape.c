/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Needs nothing: bytes in, text out. */
#include <node/auditor/escape.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static void
test_cases(void **state)
{
	static const struct {
		const char *in, *text, *word; /* NULL = as text */
	} cases[] = {
		{ "hello.c", "hello.c", NULL },
		{ "", "", "-" },
		{ "-", "-", "\\x2d" },
		{ "-c", "-c", NULL },
		{ "a b", "a b", "a\\x20b" },
		{ "a\\b", "a\\\\b", NULL },
		{ "a\\x20b", "a\\\\x20b", NULL },
		{ "a\nb", "a\\x0ab", NULL },
		{ "a\rb\t", "a\\x0db\\x09", NULL },
		{ "\033[2J", "\\x1b[2J", NULL },
		{ "\177", "\\x7f", NULL },
		{ "na\303\257ve", "na\303\257ve", NULL },
		{ "\346\227\245\346\234\254", "\346\227\245\346\234\254",
		    NULL },
		{ "\360\237\230\200", "\360\237\230\200", NULL },
		/* not UTF-8: overlong, surrogate, too big, cut, stray */
		{ "\300\257", "\\xc0\\xaf", NULL },
		{ "\340\200\257", "\\xe0\\x80\\xaf", NULL },
		{ "\355\240\200", "\\xed\\xa0\\x80", NULL },
		{ "\364\220\200\200", "\\xf4\\x90\\x80\\x80", NULL },
		{ "\303", "\\xc3", NULL },
		{ "\303(", "\\xc3(", NULL },
		{ "\200", "\\x80", NULL },
		{ "\377\376", "\\xff\\xfe", NULL },
		{ "\360\237\230", "\\xf0\\x9f\\x98", NULL },
		/* what moves or hides text */
		{ "\302\233", "\\u{9b}", NULL },
		{ "\302\205", "\\u{85}", NULL },
		{ "\302\255", "\\u{ad}", NULL },
		{ "\330\234", "\\u{61c}", NULL },
		{ "\342\200\213", "\\u{200b}", NULL },
		{ "\342\200\216", "\\u{200e}", NULL },
		{ "\342\200\250", "\\u{2028}", NULL },
		{ "\342\200\251", "\\u{2029}", NULL },
		{ "\342\200\252", "\\u{202a}", NULL },
		{ "\342\200\256", "\\u{202e}", NULL },
		{ "\342\201\246", "\\u{2066}", NULL },
		{ "\342\201\251", "\\u{2069}", NULL },
		{ "\357\273\277", "\\u{feff}", NULL },
		{ "\357\277\276", "\\u{fffe}", NULL },
		{ "\363\240\201\201", "\\u{e0041}", NULL },
		{ "\364\217\277\277", "\\u{10ffff}", NULL },
		/* what only looks like the end of a word */
		{ "a\302\240b", "a\302\240b", "a\\u{a0}b" },
		{ "a\343\200\200b", "a\343\200\200b", "a\\u{3000}b" },
		/* a neighbour of each kind that must stay */
		{ "\302\240", "\302\240", "\\u{a0}" },
		{ "\342\200\247", "\342\200\247", NULL },
		{ "\357\277\275", "\357\277\275", NULL },
	};
	char out[256];

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		const char *in = cases[i].in;
		const char *word = cases[i].word != NULL ? cases[i].word :
		    cases[i].text;
		size_t n;

		n = escape(out, sizeof(out), in, strlen(in), ESCAPE_TEXT);
		assert_string_equal(out, cases[i].text);
		assert_int_equal(n, strlen(out));
		n = escape(out, sizeof(out), in, strlen(in), ESCAPE_WORD);
		assert_string_equal(out, word);
		assert_int_equal(n, strlen(out));
	}
}

static void
test_nul(void **state)
{
	char out[32];

	(void)state;
	assert_int_equal(escape(out, sizeof(out), "a\0b", 3, ESCAPE_TEXT), 6);
	assert_string_equal(out, "a\\x00b");
}

/* Cut short between pieces, and never a byte more than there is room for. */
static void
test_room(void **state)
{
	static const char in[] = "ab\303\257\033\342\200\256\\";
	static const size_t lengths[] = { 0, 1, 2, 2, 4, 4, 4, 4, 8 };
	char out[64];

	(void)state;
	for (size_t room = 1; room <= COUNT(lengths); room++) {
		memset(out, '#', sizeof(out));
		assert_int_equal(
		    escape(out, room, in, sizeof(in) - 1, ESCAPE_TEXT),
		    lengths[room - 1]);
		assert_int_equal(out[lengths[room - 1]], '\0');
		assert_int_equal(out[room], '#');
	}
	assert_int_equal(escape(out, 1, "", 0, ESCAPE_WORD), 0);
	assert_string_equal(out, "");
}

/* ESCAPE_ROOM is enough for the worst of every length. */
static void
test_room_enough(void **state)
{
	char in[8], out[ESCAPE_ROOM(sizeof(in))];

	(void)state;
	memset(in, 0xff, sizeof(in));
	assert_int_equal(
	    escape(out, sizeof(out), in, sizeof(in), ESCAPE_TEXT), 32);
	memcpy(in, "\364\217\277\277\364\217\277\277", 8);
	assert_int_equal(
	    escape(out, sizeof(out), in, sizeof(in), ESCAPE_TEXT), 20);
	memcpy(in, "\302\200\302\200\302\200\302\200", 8);
	assert_int_equal(
	    escape(out, sizeof(out), in, sizeof(in), ESCAPE_TEXT), 24);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cases),
		cmocka_unit_test(test_nul),
		cmocka_unit_test(test_room),
		cmocka_unit_test(test_room_enough),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
