/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The client's side of the wire: requests as framed by the daemon's own
 * parser, replies of every kind. */
#include <node/cli/job_ask.h>
#include <node/cli/job_reply.h>
#include <node/wire/frame.h>
#include <node/wire/lzo_text.h>

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* What we send is what our own daemon takes, to the last byte. */
static void
test_compose(void **state)
{
	static const char *const argv[] = { "gcc", "-c", "a.c" };
	struct job_ask a = { .argv = argv, .argc = 3, .cdir = "/tmp",
		.file = "/tmp/a.c", .source = "int x;\n" };
	struct frame_piece piece;
	struct frame f;
	uint8_t *buf;
	size_t len, at;

	(void)state;
	for (a.proto = 1; a.proto <= 3; a.proto++) {
		buf = job_ask_compose(&a, &len);
		assert_non_null(buf);
		frame_init(&f, &limits_most);
		at = 0;
		do {
			assert_int_equal(frame_next(&f, buf + at, len - at,
			    &piece), FRAME_OK);
			at += piece.len;
		} while (piece.len > 0 && frame_state(&f) != FRAME_COMPLETE);
		assert_int_equal(frame_state(&f), FRAME_COMPLETE);
		assert_int_equal(at, len);
		assert_int_equal(f.proto, a.proto);
		free(buf);
	}
}

#define OK1 "DONE00000001STAT00000000SERR00000003errSOUT00000000DOTO00000002ob"

static void
test_whole(void **state)
{
	static const char ok[] = OK1;
	struct job_reply r;
	size_t n = sizeof(ok) - 1;

	(void)state;
	for (size_t i = 0; i < n; i++) /* it may come byte by byte */
		assert_int_equal(job_reply_read(&r, (const uint8_t *)ok, i, 1),
		    JOB_REPLY_MORE);
	assert_int_equal(job_reply_read(&r, (const uint8_t *)ok, n, 1),
	    JOB_REPLY_WHOLE);
	assert_int_equal(r.status, 0);
	assert_int_equal(r.serr.len, 3);
	assert_memory_equal(r.serr.at, "err", 3);
	assert_int_equal(r.object.len, 2);
	assert_memory_equal(r.object.at, "ob", 2);
}

static void
test_states(void **state)
{
	static const struct {
		const char *text;
		unsigned proto;
		enum job_reply_state want;
	} cases[] = {
		{ "HTTP/1.1 400 Bad Request\r\n", 1, JOB_REPLY_STRANGER },
		{ "X", 1, JOB_REPLY_STRANGER },
		{ "DONE0000000g", 1, JOB_REPLY_STRANGER },
		{ OK1, 2, JOB_REPLY_VERSION },
		{ "DONE00000001STAX", 1, JOB_REPLY_BAD },
		{ "DONE00000001STAT00000000SOUT", 1, JOB_REPLY_BAD },
		{ "DONE00000001STAT00000000SERR-0000001", 1, JOB_REPLY_BAD },
		{ "DONE00000001STAT00000000SERRffffffff", 1, JOB_REPLY_BIG },
		{ "DONE00000001STAT00000000SERR00100001", 1, JOB_REPLY_BIG },
		{ "DONE00000001STAT00000000SERR00100000", 1, JOB_REPLY_MORE },
		/* Only a pump job that went well has its .d. */
		{ "DONE00000003STAT00000100SERR00000000SOUT00000000"
		  "DOTO00000000", 3, JOB_REPLY_WHOLE },
		{ "DONE00000003STAT00000000SERR00000000SOUT00000000"
		  "DOTO00000000", 3, JOB_REPLY_MORE },
		{ "DONE00000003STAT00000000SERR00000000SOUT00000000"
		  "DOTO00000000DOTD00000000", 3, JOB_REPLY_WHOLE },
	};
	struct job_reply r;

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		assert_int_equal(job_reply_read(&r,
		    (const uint8_t *)cases[i].text, strlen(cases[i].text),
		    cases[i].proto), cases[i].want);
}

static void
test_unpack(void **state)
{
	uint8_t wire[64];
	struct job_reply_part p = { wire, 0 };
	uint8_t *text;
	size_t len = 1;

	(void)state;
	text = job_reply_unpack(&p, 2, 10, &len); /* empty is empty */
	assert_non_null(text);
	assert_int_equal(len, 0);
	free(text);
	p.len = lzo_text(wire, "hello, node", 11);
	text = job_reply_unpack(&p, 2, 11, &len);
	assert_non_null(text);
	assert_int_equal(len, 11);
	assert_string_equal(text, "hello, node");
	free(text);
	text = job_reply_unpack(&p, 1, 64, &len); /* protocol 1: as it is */
	assert_int_equal(len, p.len);
	free(text);
	assert_null(job_reply_unpack(&p, 2, 10, &len));
	assert_int_equal(errno, EMSGSIZE);
	assert_null(job_reply_unpack(&p, 1, 10, &len));
	assert_int_equal(errno, EMSGSIZE);
	p.len--; /* no end marker */
	assert_null(job_reply_unpack(&p, 2, 64, &len));
	assert_int_equal(errno, EBADMSG);
}

static void
test_stranger(void **state)
{
	static const struct {
		const char *text;
		const char *want;
	} cases[] = {
		{ "HTTP/1.0 200 OK", "an HTTP server" },
		{ "<html>", "an HTTP server" },
		{ "\x15\x03\x01", "a TLS server" },
		{ "SSH-2.0-x", "an SSH server" },
		{ "220 mail", "a mail or FTP server" },
		{ "HTT", "something else" },
		{ "", "something else" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		assert_string_equal(job_reply_stranger(
		    (const uint8_t *)cases[i].text, strlen(cases[i].text)),
		    cases[i].want);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_compose),
		cmocka_unit_test(test_whole),
		cmocka_unit_test(test_states),
		cmocka_unit_test(test_unpack),
		cmocka_unit_test(test_stranger),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
