/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Counters by reason. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "node/common/counts.h"

static void
test_tell(void **state)
{
	struct counts c = { 0 };
	char same[] = "limit.wall", text[200];
	struct count all[4];

	(void)state;
	assert_false(counts_text(&c, 1, text, sizeof(text)));
	assert_int_equal(counts_next_ms(&c, 1), -1);
	counts_add(&c, "");
	counts_add(&c, NULL);
	counts_add(&c, "limit.wall");
	counts_add(&c, same); /* another constant, the same word */
	counts_add(&c, "conn.gone");
	assert_int_equal(counts_of(&c, "limit.wall"), 2);
	assert_int_equal(counts_of(&c, "limit.none"), 0);
	/* at once the first time, then a minute later */
	assert_int_equal(counts_next_ms(&c, COUNTS_TELL_US + 1), 0);
	assert_true(counts_text(&c, COUNTS_TELL_US, text, sizeof(text)));
	assert_string_equal(text, "limit.wall 2, conn.gone 1");
	assert_false(counts_text(&c, COUNTS_TELL_US, text, sizeof(text)));
	assert_int_equal(counts_next_ms(&c, 10 * COUNTS_TELL_US), -1);
	counts_add(&c, "conn.gone");
	assert_int_equal(counts_next_ms(&c, COUNTS_TELL_US + 1000), 59999);
	assert_true(counts_text(&c, 3 * COUNTS_TELL_US, text, sizeof(text)));
	assert_string_equal(text, "conn.gone 2");
	assert_int_equal(counts_fill(&c, all, 4), 2);
	assert_string_equal(all[1].word, "conn.gone");
	assert_int_equal(all[1].n, 2);
	assert_int_equal(counts_fill(&c, all, 1), 1);
}

/* More words than there is room for in one text, and than are counted. */
static void
test_many(void **state)
{
	static char words[COUNTS_MAX + 10][16];
	static struct counts c;
	char text[100];
	unsigned n = 0, texts = 0;

	(void)state;
	for (unsigned i = 0; i < COUNTS_MAX + 10; i++) {
		(void)snprintf(words[i], sizeof(words[i]), "w.%u", i);
		counts_add(&c, words[i]);
	}
	assert_int_equal(c.used, COUNTS_MAX);
	assert_int_equal(counts_of(&c, "w.255"), 11);
	while (counts_text(&c, 1, text, sizeof(text))) {
		assert_true(strlen(text) < sizeof(text));
		for (const char *p = text; p != NULL; p = strchr(p + 1, ','))
			n++;
		texts++;
	}
	assert_int_equal(n, COUNTS_MAX);
	assert_in_range(texts, 10, 60);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_tell),
		cmocka_unit_test(test_many),
	};

	return cmocka_run_group_tests_name("counts", tests, NULL, NULL);
}
