/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Needs liblzo2, to decode what lzo_text() encodes. */
#include <node/wire/lzo_text.h>
#include <node/wire/reply.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <lzo/lzo1x.h>

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static void
test_token(void **state)
{
	static const struct {
		uint32_t value;
		const char *want;
	} cases[] = {
		{ 0, "STAT00000000" },
		{ 1, "STAT00000001" },
		{ 0x6e00, "STAT00006e00" },
		{ 0xdeadbeef, "STATdeadbeef" },
		{ 0xffffffff, "STATffffffff" },
	};
	uint8_t out[REPLY_TOKEN];
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(cases); i++) {
		reply_token(out, "STAT", cases[i].value);
		assert_memory_equal(out, cases[i].want, REPLY_TOKEN);
	}
}

/* What a client makes of a status: wire-protocol §1.4. */
static void
test_trap(void **state)
{
	static const struct {
		uint32_t status;
		int want;
	} cases[] = {
		{ 0, 0 },	  /* done */
		{ 1 << 8, 0 },	  /* exit 1 */
		{ 255 << 8, 0 },  /* exit 255 */
		{ 9, 0 },	  /* SIGKILL */
		{ 11 | 0x80, 0 }, /* SIGSEGV and a core */
		{ 126, 0 },
		{ 0x7f, 1 }, /* "stopped" */
		{ 0x017f, 1 },
		{ 0xff, 1 },
		{ 0x80, 1 },	/* a core of nothing */
		{ 0x10000, 1 }, /* exit 0, but not 0 */
		{ 0x10100, 1 },
		{ 0xffffffff, 1 },
	};
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(cases); i++)
		assert_int_equal(
		    reply_status_is_trap(cases[i].status), cases[i].want);
}

static void
test_deps(void **state)
{
	(void)state;
	assert_true(reply_has_deps(3, 0));
	assert_false(reply_has_deps(3, 0x100));
	assert_false(reply_has_deps(2, 0));
	assert_false(reply_has_deps(1, 0));
}

static void
check_text(size_t n)
{
	uint8_t *text = malloc(n + 1), *back = malloc(n + 1);
	uint8_t *block = malloc(lzo_text_bound(n));
	lzo_uint got = n;
	size_t len, i;

	for (i = 0; i < n; i++)
		text[i] = (uint8_t)(i * 31 >> 3);
	len = lzo_text(block, text, n);
	assert_true(len > n && len <= lzo_text_bound(n));
	assert_memory_equal(block + len - 3, "\x11\0\0", 3);
	assert_int_equal(
	    lzo1x_decompress_safe(block, len, back, &got, NULL), LZO_E_OK);
	assert_int_equal(got, n);
	assert_memory_equal(text, back, n);
	free(text);
	free(back);
	free(block);
}

static void
test_lzo_text(void **state)
{
	size_t n;
	uint8_t out[8];

	(void)state;
	assert_int_equal(lzo_init(), LZO_E_OK);
	assert_int_equal(lzo_text(out, "", 0), 0);
	for (n = 1; n <= 1100; n++) /* over all borders of the length */
		check_text(n);
	check_text(65536);
	check_text(1300000);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_token),
		cmocka_unit_test(test_trap),
		cmocka_unit_test(test_deps),
		cmocka_unit_test(test_lzo_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
