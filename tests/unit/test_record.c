/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Needs nothing: records in, lines out. */
#include <node/auditor/job_json.h>
#include <node/auditor/job_line.h>
#include <node/auditor/record.h>

#include <jansson.h>
#include <linux/audit.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <syslog.h>

#include <cmocka.h>

static struct line l;
static struct imsg_audit_job job;

static const struct peer client = {
	.addr = { [10] = 0xff, [11] = 0xff, 192, 0, 2, 7 }, .port = 40000
};

static void
ordinary_job(void)
{
	memset(&job, 0, sizeof(job));
	job.peer = client;
	job.accepted_us = 1000000;
	job.done_us = 1028400;
	job.wall_us = 20000;
	job.proto = 1;
	(void)snprintf(job.compiler, sizeof(job.compiler),
	    "x86_64-linux-gnu-gcc");
	(void)snprintf(job.source, sizeof(job.source), "hello.c");
	memcpy(job.argv, "gcc\0-c\0hello.c", 15);
	job.argv_len = 15;
	job.argc = 3;
	job.toolchain_digest[31] = 0xab;
}

static void
test_summary(void **state)
{
	(void)state;
	ordinary_job();
	job_line(&l, &job);
	assert_string_equal(l.text, "(dcc_job_summary) client: "
	    "192.0.2.7:40000 COMPILE_OK exit:0 sig:0 core:0 ret:0 time:28ms "
	    "x86_64-linux-gnu-gcc hello.c");
	assert_string_equal(l.tag, "distccd");
	assert_int_equal(l.level, LOG_NOTICE);
	assert_int_equal(l.len, strlen(l.text));
}

static void
test_results(void **state)
{
	static const struct {
		uint32_t result, status;
		const char *reason, *want;
	} cases[] = {
		{ RESULT_COMPILE_ERROR, 0x100, "",
		    " COMPILE_ERROR exit:1 sig:0 core:0 ret:0 " },
		{ RESULT_COMPILE_ERROR, 0x8b, "",
		    " COMPILE_ERROR exit:0 sig:11 core:1 ret:0 " },
		{ RESULT_COMPILE_TIMEOUT, 0x7600, "limit.wall",
		    " COMPILE_TIMEOUT exit:118 sig:0 core:0 ret:118 " },
		{ RESULT_CLI_DISCONN, 0x6b00, "",
		    " CLI_DISCONN exit:107 sig:0 core:0 ret:107 " },
		{ RESULT_REJ_BAD_REQ, 0, "request.token",
		    " REJ_BAD_REQ exit:0 sig:0 core:0 ret:109 " },
		{ RESULT_REJ_OVERLOAD, 0, "limit.queue",
		    " REJ_OVERLOAD exit:0 sig:0 core:0 ret:114 " },
		{ RESULT_OTHER, 0, "option.plugin",
		    " OTHER exit:0 sig:0 core:0 ret:100 " },
		{ 99, 0, "", " OTHER exit:0 " },
	};
	char tail[64];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		ordinary_job();
		job.result = cases[i].result;
		job.status = cases[i].status;
		(void)snprintf(job.reason, sizeof(job.reason), "%s",
		    cases[i].reason);
		job_line(&l, &job);
		assert_non_null(strstr(l.text, cases[i].want));
		(void)snprintf(tail, sizeof(tail), "hello.c%s%s",
		    cases[i].reason[0] != '\0' ? " reason:" : "",
		    cases[i].reason);
		assert_string_equal(l.text + l.len - strlen(tail), tail);
	}
}

/* Names that try to be a second line, a second record, another outcome. */
static void
test_forged(void **state)
{
	(void)state;
	ordinary_job();
	job.done_us = 0; /* a lying clock */
	(void)snprintf(job.compiler, sizeof(job.compiler),
	    "cc\ndistccd[1] (dcc_job_summary)");
	(void)snprintf(job.source, sizeof(job.source),
	    "a.c reason:none\033[1A\342\200\256");
	job_line(&l, &job);
	assert_null(strchr(l.text, '\n'));
	assert_null(strchr(l.text, '\033'));
	assert_non_null(strstr(l.text, " time:0ms cc\\x0adistccd[1]\\x20"
	    "(dcc_job_summary) a.c\\x20reason:none\\x1b[1A\\u{202e}"));
}

static void
test_event(void **state)
{
	struct imsg_audit_event e = { .level = LOG_ERR,
		.role = ROLE_EXECUTOR, .word = "role.died",
		.text = "slot 1: signal 9\nforged", .peer = client };

	(void)state;
	event_line(&l, &e);
	assert_string_equal(l.text, "(executor) role.died: slot 1: signal 9"
	    "\\x0aforged; client: 192.0.2.7:40000");
	assert_string_equal(l.tag, "immured");
	assert_int_equal(l.level, LOG_ERR);
	memset(&e.peer, 0, sizeof(e.peer));
	event_line(&l, &e);
	assert_null(strstr(l.text, "client:"));
}

static json_t *
parse_line(void)
{
	json_error_t error;
	json_t *o;

	for (size_t i = 0; i < l.len; i++)
		assert_in_range(l.text[i], 0x20, 0x7e);
	o = json_loads(l.text, JSON_REJECT_DUPLICATES, &error);
	assert_non_null(o);
	return o;
}

static const char *
string_of(const json_t *o, const char *key)
{
	return json_string_value(json_object_get(o, key));
}

static void
test_json(void **state)
{
	json_t *o;

	(void)state;
	ordinary_job();
	assert_int_equal(job_json(&l, &job, 1700000000123456ULL), 0);
	o = parse_line();
	assert_string_equal(string_of(o, "type"), "job");
	assert_string_equal(string_of(o, "time"), "2023-11-14T22:13:20.123456Z");
	assert_string_equal(string_of(o, "client"), "192.0.2.7");
	assert_string_equal(string_of(o, "result"), "COMPILE_OK");
	assert_true(json_is_null(json_object_get(o, "request")));
	assert_string_equal(string_of(o, "toolchain") + 62, "ab");
	assert_int_equal(
	    json_integer_value(json_object_get(o, "total_us")), 28400);
	assert_int_equal(json_array_size(json_object_get(o, "argv")), 3);
	assert_string_equal(json_string_value(json_array_get(
	    json_object_get(o, "argv"), 1)), "-c");
	assert_true(json_is_true(json_object_get(o, "argv_complete")));
	json_decref(o);
	job.argc = 4;
	job.peer.addr[10] = 0x20;
	assert_int_equal(job_json(&l, &job, 0), 0);
	o = parse_line();
	assert_true(json_is_false(json_object_get(o, "argv_complete")));
	assert_non_null(strchr(string_of(o, "client"), ':'));
	json_decref(o);
}

static int64_t
number_of(const json_t *o, const char *key)
{
	json_t *n = json_object_get(o, key);

	assert_non_null(n);
	return json_integer_value(n);
}

/* What the kernel did not tell of a group is no 0. */
static void
test_group(void **state)
{
	json_t *o, *g, *p;

	(void)state;
	ordinary_job();
	assert_int_equal(job_json(&l, &job, 0), 0);
	o = parse_line();
	assert_null(json_object_get(o, "group"));
	json_decref(o);
	job.cost = (struct cell_cost){ .known = COST_CPU, .user_us = 5,
		.sys_us = 6, .peak_kib = 7, .some_us = { 8, 9, 10 },
		.full_us = { 11, 12, 13 } };
	assert_int_equal(job_json(&l, &job, 0), 0);
	o = parse_line();
	g = json_object_get(o, "group");
	assert_int_equal(json_object_size(g), 2);
	assert_int_equal(number_of(g, "user_us"), 5);
	assert_int_equal(number_of(g, "system_us"), 6);
	json_decref(o);
	job.cost.known = COST_PEAK | COST_PRESSURE << PRESSURE_MEMORY |
	    COST_PRESSURE << PRESSURE_IO;
	assert_int_equal(job_json(&l, &job, 0), 0);
	o = parse_line();
	g = json_object_get(o, "group");
	p = json_object_get(g, "pressure");
	assert_int_equal(json_object_size(g), 2);
	assert_int_equal(number_of(g, "memory_peak_kib"), 7);
	assert_int_equal(json_object_size(p), 2);
	assert_int_equal(number_of(json_object_get(p, "memory"), "some_us"), 9);
	assert_int_equal(number_of(json_object_get(p, "io"), "full_us"), 13);
	json_decref(o);
}

/* The worst that fits a message still fits a record. */
static json_t *
violation_of(uint32_t arch, int32_t nr)
{
	json_t *o, *v;

	ordinary_job();
	job.violation = (struct violation){ .arch = arch, .nr = nr,
		.args = { 0, UINT64_MAX, 3, 4, 5, 1ULL << 63 }, .callers = 7 };
	assert_int_equal(job_json(&l, &job, 0), 0);
	o = parse_line();
	v = json_incref(json_object_get(o, "violation"));
	json_decref(o);
	return v;
}

/* A register is text: a JSON number has 53 bits in most hands. */
static void
test_json_violation(void **state)
{
	json_t *v = violation_of(AUDIT_ARCH_I386, 20), *args;

	(void)state;
	assert_string_equal(string_of(v, "arch"), "i386");
	assert_int_equal(json_integer_value(json_object_get(v, "number")), 20);
	assert_int_equal(json_integer_value(json_object_get(v, "callers")), 7);
	args = json_object_get(v, "args");
	assert_int_equal(json_array_size(args), 6);
	assert_string_equal(
	    json_string_value(json_array_get(args, 0)), "0x0");
	assert_string_equal(json_string_value(json_array_get(args, 1)),
	    "0xffffffffffffffff");
	assert_string_equal(json_string_value(json_array_get(args, 5)),
	    "0x8000000000000000");
	json_decref(v);
#ifdef __x86_64__
	v = violation_of(AUDIT_ARCH_X86_64, SYS_kcmp);
	assert_string_equal(string_of(v, "call"), "kcmp");
	json_decref(v);
#endif
	/* what has no name: the numbers stand for themselves */
	v = violation_of(0x12345678, -1);
	assert_string_equal(string_of(v, "arch"), "0x12345678");
	assert_true(json_is_null(json_object_get(v, "call")));
	json_decref(v);
	assert_null(violation_of(0, 0));
}

static void
test_json_worst(void **state)
{
	static const char worst[] = { '\377', '\\', '"', '\033' };
	json_t *o;

	(void)state;
	for (size_t i = 0; i < sizeof(worst); i++) {
		memset(&job, worst[i], sizeof(job));
		job.result = RESULT_OTHER;
		job.compiler[sizeof(job.compiler) - 1] = '\0';
		job.source[sizeof(job.source) - 1] = '\0';
		job.ran[sizeof(job.ran) - 1] = '\0';
		job.reason[sizeof(job.reason) - 1] = '\0';
		job.argv_len = sizeof(job.argv);
		job.cost.known = COST_ALL;
		for (size_t at = 1; at < sizeof(job.argv); at += 2)
			job.argv[at] = '\0';
		assert_true(record_check(&job));
		assert_int_equal(job_json(&l, &job, UINT64_MAX), 0);
		o = parse_line();
		assert_int_equal(
		    json_array_size(json_object_get(o, "argv")), 1024);
		json_decref(o);
		memset(job.argv, worst[i], sizeof(job.argv) - 1);
		assert_int_equal(job_json(&l, &job, 1), 0);
		json_decref(parse_line());
		job_line(&l, &job);
		assert_int_equal(l.len, strlen(l.text));
	}
}

static void
test_event_json(void **state)
{
	struct imsg_audit_event e = { .level = LOG_ERR, .role = ROLE_BROKER,
		.word = "slot.rebuilt", .text = "na\303\257ve\n" };
	json_t *o;

	(void)state;
	assert_int_equal(event_json(&l, &e, 0), 0);
	o = parse_line();
	assert_string_equal(string_of(o, "type"), "event");
	assert_string_equal(string_of(o, "role"), "broker");
	assert_string_equal(string_of(o, "text"), "na\303\257ve\\x0a");
	assert_null(json_object_get(o, "client"));
	json_decref(o);
	e.peer = client;
	assert_int_equal(event_json(&l, &e, 0), 0);
	o = parse_line();
	assert_string_equal(string_of(o, "client"), "192.0.2.7");
	json_decref(o);
}

static void
test_check(void **state)
{
	struct imsg_audit_event e = { .level = 3, .role = ROLE_FRONT };

	(void)state;
	ordinary_job();
	assert_true(record_check(&job));
	job.argv_len = 0;
	assert_true(record_check(&job));
	job.argv_len = sizeof(job.argv) + 1;
	assert_false(record_check(&job));
	job.argv_len = 14; /* the last word does not end */
	assert_false(record_check(&job));
	ordinary_job();
	job.result = RESULT_COUNT;
	assert_false(record_check(&job));
	ordinary_job();
	job.cost.known = COST_ALL;
	assert_true(record_check(&job));
	job.cost.known = COST_ALL + 1;
	assert_false(record_check(&job));
	ordinary_job();
	memset(job.source, 'x', sizeof(job.source));
	assert_false(record_check(&job));
	ordinary_job();
	memset(job.compiler, 'x', sizeof(job.compiler));
	assert_false(record_check(&job));
	ordinary_job();
	memset(job.reason, 'x', sizeof(job.reason));
	assert_false(record_check(&job));
	assert_true(event_check(&e));
	e.level = 8;
	assert_false(event_check(&e));
	e.level = 0;
	e.role = ROLE_COUNT;
	assert_false(event_check(&e));
	e.role = 0;
	memset(e.word, 'x', sizeof(e.word));
	assert_false(event_check(&e));
	e.word[0] = '\0';
	memset(e.text, 'x', sizeof(e.text));
	assert_false(event_check(&e));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_summary),
		cmocka_unit_test(test_results),
		cmocka_unit_test(test_forged),
		cmocka_unit_test(test_event),
		cmocka_unit_test(test_json),
		cmocka_unit_test(test_group),
		cmocka_unit_test(test_json_violation),
		cmocka_unit_test(test_json_worst),
		cmocka_unit_test(test_event_json),
		cmocka_unit_test(test_check),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
