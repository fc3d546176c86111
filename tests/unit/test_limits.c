/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The table of limits: its rows, and what is done with all of it at once. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "node/common/imsg.h"
#include "node/common/limit_rows.h"
#include "node/common/message.h"

/* What is built in, and what is made for, is within bounds; no row is without
 * its sentence, no two have one key; all but those that are named have a word. */
static void
test_rows(void **state)
{
	static const char silent[] = " processes open_files stack ";
	char name[64];

	(void)state;
	for (size_t i = 0; i < LIMITS_COUNT; i++) {
		const struct limit_row *r = &limit_rows[i];

		print_message("  %s\n", r->key);
		assert_true(r->least >= 1 && r->least < r->most);
		assert_in_range(r->built_in, r->least, r->most);
		assert_true(strncmp(r->key, "limit-", 6) == 0);
		assert_true(strlen(r->why) > 20);
		assert_int_equal(r->why[strlen(r->why) - 1], '.');
		(void)snprintf(name, sizeof(name), " %s ", r->field);
		assert_true((r->word[0] == '\0') ==
		    (strstr(silent, name) != NULL));
		if (r->unit == LIMIT_SECONDS)
			assert_int_equal(r->least % 1000 + r->most % 1000, 0);
		for (size_t k = 0; k < i; k++)
			assert_string_not_equal(r->key, limit_rows[k].key);
	}
	assert_true(limits_are_valid(&limits_built_in));
	assert_true(limits_are_valid(&limits_most));
	assert_true(sizeof(struct imsg_settings) <= MSG_BODY_MAX);
}

/* A receiver takes no number outside of a row, whichever it is. */
static void
test_bounds(void **state)
{
	struct limits l;
	char word[LIMITS_WORD];

	(void)state;
	for (size_t i = 0; i < LIMITS_COUNT; i++) {
		const struct limit_row *r = &limit_rows[i];
		const struct {
			uint64_t v;
			bool valid;
		} cases[] = { { r->least, true }, { r->most, true },
			{ r->least - 1, false }, { r->most + 1, false },
			{ UINT64_MAX, false } };

		for (size_t k = 0; k < sizeof(cases) / sizeof(cases[0]); k++) {
			l = limits_built_in;
			limit_put(&l, r, cases[k].v);
			assert_int_equal(limit_get(&l, r), cases[k].v);
			assert_int_equal(limits_are_valid(&l), cases[k].valid);
			limits_print(&l, word, sizeof(word));
			assert_int_equal(limits_scan(&l, word) == 0,
			    cases[k].valid);
		}
	}
}

static void
test_word(void **state)
{
	static const char *const bad[] = { "", "1", ",", "a", "-1", "+1", " 1",
		"99999999999999999999999999" };
	char word[LIMITS_WORD], longer[LIMITS_WORD + 8];
	char broken[LIMITS_WORD + 8];
	struct limits l = limits_built_in, got;

	(void)state;
	for (size_t i = 0; i < LIMITS_COUNT; i++)
		limit_put(&l, &limit_rows[i], limit_rows[i].least + i % 2);
	limits_print(&l, word, LIMITS_WORD);
	memset(&got, 0, sizeof(got));
	assert_int_equal(limits_scan(&got, word), 0);
	assert_memory_equal(&got, &l, sizeof(l));
	/* the longest there is fits */
	limits_print(&limits_most, word, LIMITS_WORD);
	assert_int_equal(limits_scan(&got, word), 0);
	assert_memory_equal(&got, &limits_most, sizeof(got));
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_not_equal(limits_scan(&got, bad[i]), 0);
		(void)snprintf(broken, sizeof(broken), "%.3s%s", bad[i], word);
		assert_int_not_equal(bad[i][0] == '\0' ? -1 :
		    limits_scan(&got, broken), 0);
	}
	(void)snprintf(longer, sizeof(longer), "%s,", word);
	assert_int_not_equal(limits_scan(&got, longer), 0);
	/* what does not hold leaves all as it was */
	assert_memory_equal(&got, &limits_most, sizeof(got));
}

/* Budgets of a small machine are parts of it; the rest stays. */
static void
test_machine(void **state)
{
	struct limits l;

	(void)state;
	limits_for(&l, 0);
	assert_memory_equal(&l, &limits_built_in, sizeof(l));
	limits_for(&l, 1024 * GIB);
	assert_int_equal(l.budget, limits_built_in.budget);
	assert_int_equal(l.memory, 764 * GIB);
	limits_for(&l, 2 * GIB);
	assert_int_equal(l.memory, GIB);
	assert_int_equal(l.memory_free, 128 * MIB);
	assert_int_equal(l.budget, 512 * MIB);
	assert_int_equal(l.client_budget, 256 * MIB);
	assert_int_equal(l.site_budget, 384 * MIB);
	assert_int_equal(l.files, limits_built_in.files);
	limits_for(&l, 1);
	assert_true(limits_are_valid(&l));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_bounds),
		cmocka_unit_test(test_word),
		cmocka_unit_test(test_machine),
	};

	return cmocka_run_group_tests_name("limits", tests, NULL, NULL);
}
