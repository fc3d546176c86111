/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Needs liblzo2, to decode what drip_text() encodes. */
#include <node/wire/drip.h>
#include <node/wire/lzo_text.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <lzo/lzo1x.h>

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define KILLED 9

static void
test_status(void **state)
{
	static const struct {
		uint32_t sent, status, want;
	} cases[] = {
		{ 0, 0, 0 },
		{ 0, 0x100, 0x100 },
		{ 12, 0x6e00, 0x6e00 },
		{ 20, 0xff00, 0xff00 },	 /* still anything */
		{ 21, 0x0f00, 0x0f00 },	 /* exit codes below 16 */
		{ 21, 0x1000, KILLED },
		{ 21, 0x000b, 0x000b },
		{ 22, 0x0100, KILLED },	 /* no exit code */
		{ 22, 0x001f, 0x001f },
		{ 23, 0x001f, KILLED },	 /* signals below 16 */
		{ 23, 0x000b, 0x000b },
		{ 23, 0, 0 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		assert_int_equal(drip_status(cases[i].sent, cases[i].status),
		    cases[i].want);
}

/* Whatever is out and however the job ended: what follows fits to what is out,
 * success is said of success alone, and no status is a trap. */
static void
test_every_status(void **state)
{
	uint8_t out[REPLY_TOKEN];
	uint32_t said;

	(void)state;
	for (uint32_t sent = 0; sent <= DRIP_OPEN; sent++)
		for (uint32_t status = 0; status <= 0xffff; status++) {
			if (reply_status_is_trap(status))
				continue;
			said = drip_status(sent, status);
			reply_token(out, "STAT", said);
			if (sent > REPLY_TOKEN)
				assert_memory_equal(out, "STAT00000000",
				    sent - REPLY_TOKEN);
			assert_int_equal(said == 0, status == 0);
			assert_false(reply_status_is_trap(said));
		}
}

static void
test_text(void **state)
{
	static uint8_t out[2][DRIP_TEXT_MAX + 64];
	static uint8_t text[DRIP_TEXT_MAX + 1];
	lzo_uint n;

	(void)state;
	assert_true(lzo_text_bound(DRIP_TEXT_MAX) <= sizeof(out[0]));
	for (unsigned proto = 1; proto <= 3; proto++)
		for (size_t len = DRIP_TEXT_MIN; len <= DRIP_TEXT_MAX;
		     len += 13) {
			size_t w = drip_text(out[0], proto, len, false);
			size_t sure = drip_text_sure(proto, w);

			assert_int_equal(drip_text(out[1], proto, len, true),
			    w);
			assert_true(sure > len / 2 && sure < w);
			assert_memory_equal(out[0], out[1], sure);
			for (int lost = 0; lost < 2; lost++) {
				n = sizeof(text) - 1;
				if (proto == 1) {
					n = w;
					memcpy(text, out[lost], w);
				} else {
					assert_int_equal(lzo1x_decompress_safe(
					    out[lost], w, text, &n, NULL),
					    LZO_E_OK);
				}
				assert_int_equal(n, len);
				text[n] = '\0';
				assert_int_equal(strlen((char *)text), n);
				assert_int_equal(text[n - 1], '\n');
				assert_int_equal(strstr((char *)text,
				    "\nimmured: the compiler had messages")
				    != NULL, lost);
			}
		}
}

/* A caller's mistake stays within the buffer. */
static void
test_length_is_bounded(void **state)
{
	static uint8_t out[DRIP_TEXT_MAX + 64];

	(void)state;
	assert_int_equal(drip_text(out, 1, 0, true), DRIP_TEXT_MIN);
	assert_int_equal(drip_text(out, 1, SIZE_MAX, true), DRIP_TEXT_MAX);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_status),
		cmocka_unit_test(test_every_status),
		cmocka_unit_test(test_text),
		cmocka_unit_test(test_length_is_bounded),
	};

	return cmocka_run_group_tests_name("drip", tests, NULL, NULL);
}
