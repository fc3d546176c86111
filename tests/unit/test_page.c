/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The status page as distccd 3.4 writes it: wire-protocol §3.5. */
#include "node/status/page.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static const char empty[] =
    "HTTP/1.0 200 OK\n"
    "Content-Type: text/plain\n"
    "Connection: close\n"
    "\n"
    "argv /distccd\n"
    "<distccstats>\n"
    "dcc_tcp_accept 0\n"
    "dcc_rej_bad_req 0\n"
    "dcc_rej_overload 0\n"
    "dcc_compile_ok 0\n"
    "dcc_compile_error 0\n"
    "dcc_compile_timeout 0\n"
    "dcc_cli_disconnect 0\n"
    "dcc_other 0\n"
    "dcc_longest_job none\n"
    "dcc_longest_job_compiler none\n"
    "dcc_longest_job_time_msecs -1\n"
    "dcc_max_kids 3\n"
    "dcc_avg_kids1 0\n"
    "dcc_avg_kids2 0\n"
    "dcc_avg_kids3 0\n"
    "dcc_current_load 0\n"
    "dcc_load1 2.78\n"
    "dcc_load2 2.63\n"
    "dcc_load3 0.06\n"
    "dcc_num_compiles1 0\n"
    "dcc_num_compiles2 0\n"
    "dcc_num_compiles3 0\n"
    "dcc_num_procstate_D 0\n"
    "dcc_max_RSS 0\n"
    "dcc_max_RSS_name (none)\n"
    "dcc_io_rate -1\n"
    "dcc_free_space 78884 MB\n"
    "</distccstats>\n";

static const struct page_machine machine = {
	.load = { 2.78, 2.63, 0.06 },
	.free_bytes = 78884ULL << 20,
};

static void
test_empty(void **state)
{
	const struct imsg_stats n = { .jobs = 3 };
	char out[PAGE_MAX];

	(void)state;
	assert_int_equal(page_write(out, &n, &machine), sizeof(empty) - 1);
	assert_string_equal(out, empty);
}

static void
has(const char *page, const char *line)
{
	const char *at = strstr(page, line);

	if (at == NULL)
		fail_msg("no %s in %s", line, page);
	assert_true(at[-1] == '\n' && at[strlen(line)] == '\n');
}

static void
test_full(void **state)
{
	struct imsg_stats n = { .accepted = 11, .results = { 1, 2, 3, 4, 5, 6,
	    7 }, .longest_ms = 23, .max_rss_kib = 123456, .running = 9,
		.kids = { 4, 3, 2 }, .compiles = { 10, 20, 30 },
		.longest_job = "x.c", .longest_compiler = "gcc",
		.max_rss_name = "g++" };
	static const char *const lines[] = {
		"dcc_tcp_accept 11", "dcc_rej_bad_req 5", "dcc_rej_overload 6",
		"dcc_compile_ok 1", "dcc_compile_error 2",
		"dcc_compile_timeout 3", "dcc_cli_disconnect 4", "dcc_other 7",
		"dcc_longest_job x.c", "dcc_longest_job_compiler gcc",
		"dcc_longest_job_time_msecs 23", "dcc_avg_kids1 4",
		"dcc_avg_kids3 2", "dcc_current_load 9",
		"dcc_num_compiles1 10", "dcc_num_compiles3 30",
		"dcc_max_RSS 123456", "dcc_max_RSS_name (g++)",
	};
	char out[PAGE_MAX];

	(void)state;
	page_write(out, &n, &machine);
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		has(out, lines[i]);
}

/* What a client calls its file makes no line, no blank, no control byte; and
 * nothing is read beyond a field that has no NUL. */
static void
test_names(void **state)
{
	struct imsg_stats n = { .longest_job = "a b\nc\x1b[2J\xff.c",
		.longest_compiler = "\n" };
	char out[PAGE_MAX];
	size_t len;

	(void)state;
	page_write(out, &n, &machine);
	has(out, "dcc_longest_job a_b_c_[2J_.c");
	has(out, "dcc_longest_job_compiler _");
	memset(&n, 0xff, sizeof(n));
	memset(n.longest_job, 'j', sizeof(n.longest_job));
	memset(n.longest_compiler, 'c', sizeof(n.longest_compiler));
	memset(n.max_rss_name, 'm', sizeof(n.max_rss_name));
	len = page_write(out, &n, &machine);
	assert_in_range(len, sizeof(empty), PAGE_MAX / 2);
	assert_string_equal(out + len - 15, "</distccstats>\n");
	assert_int_equal(strspn(strstr(out, "(m") + 1, "m"),
	    sizeof(n.max_rss_name));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_empty),
		cmocka_unit_test(test_full),
		cmocka_unit_test(test_names),
	};

	return cmocka_run_group_tests_name("page", tests, NULL, NULL);
}
