/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Needs a /dev/full and a temporary directory. */
#include <node/auditor/sink.h>

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <syslog.h>
#include <unistd.h>

#include <cmocka.h>

static struct line l;
static struct sink s;

static void
set_line(const char *text)
{
	l = (struct line){ .level = LOG_NOTICE, .tag = "immured" };
	l.len = strlen(text);
	memcpy(l.text, text, l.len + 1);
}

static int
fresh(void **state)
{
	(void)state;
	s = (struct sink){ .fd = -1 };
	return 0;
}

static int
temporary(void)
{
	char path[] = "/tmp/test_sink.XXXXXX";
	int fd = mkostemp(path, O_APPEND | O_CLOEXEC);

	assert_true(fd >= 0);
	assert_int_equal(unlink(path), 0);
	return fd;
}

static void
expect_content(int fd, const char *want)
{
	char got[4096];
	ssize_t n = pread(fd, got, sizeof(got) - 1, 0);

	assert_true(n >= 0);
	got[n] = '\0';
	assert_string_equal(got, want);
}

static void
test_file(void **state)
{
	int fd = temporary();

	(void)state;
	sink_open(&s, fd, LOG_SINK_TEXT, LOG_INFO);
	assert_true(s.regular);
	set_line("(front) a.b: text");
	assert_int_equal(sink_write(&s, &l, 42), 0);
	assert_int_equal(sink_write(&s, &l, 42), 0);
	expect_content(fd, "immured[42] (front) a.b: text\n"
	    "immured[42] (front) a.b: text\n");
	fd = temporary();
	sink_open(&s, fd, LOG_SINK_JSON, LOG_INFO);
	set_line("{}");
	assert_int_equal(sink_write(&s, &l, 42), 0);
	expect_content(fd, "{}\n");
	(void)close(fd);
}

static void
test_full_disk(void **state)
{
	int fd = temporary();

	(void)state;
	sink_open(&s, open("/dev/full", O_WRONLY | O_CLOEXEC), LOG_SINK_TEXT,
	    LOG_INFO);
	set_line("x");
	assert_int_equal(sink_write(&s, &l, 1), -ENOSPC);
	assert_int_equal(sink_write(&s, &l, 1), -ENOSPC);
	assert_int_equal(s.lost, 2);
	assert_int_equal(s.error, ENOSPC);
	sink_open(&s, fd, LOG_SINK_TEXT, LOG_INFO);
	assert_int_equal(s.lost, 2);
	assert_int_equal(sink_write(&s, &l, 1), 0);
	expect_content(fd, "immured[1] x\n");
	(void)close(fd);
}

/* A line that was cut in the middle does not swallow the next one. */
static void
test_torn_line(void **state)
{
	struct rlimit limit, old;
	int fd = temporary();

	(void)state;
	(void)signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
	limit = old;
	limit.rlim_cur = 14;
	sink_open(&s, fd, LOG_SINK_TEXT, LOG_INFO);
	set_line("long line");
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
	assert_int_equal(sink_write(&s, &l, 1), -EFBIG);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
	assert_true(s.torn);
	assert_int_equal(sink_write(&s, &l, 1), 0);
	assert_false(s.torn);
	expect_content(fd, "immured[1] lon\nimmured[1] long line\n");
	(void)close(fd);
}

/* A pipe that nobody reads: lines are lost, nothing waits. */
static void
test_stuck_pipe(void **state)
{
	char buf[4096];
	int p[2];

	(void)state;
	assert_int_equal(pipe2(p, O_CLOEXEC), 0);
	sink_open(&s, p[1], LOG_SINK_JSON, LOG_INFO);
	assert_false(s.regular);
	set_line("");
	memset(l.text, 'x', 10000);
	l.len = 10000;
	while (s.lost < 3)
		(void)sink_write(&s, &l, 1);
	assert_int_equal(s.error, EAGAIN);
	assert_int_equal(fcntl(p[0], F_SETFL, O_NONBLOCK), 0);
	while (read(p[0], buf, sizeof(buf)) > 0)
		;
	assert_int_equal(sink_write(&s, &l, 1), 0);
	(void)close(p[0]);
	(void)signal(SIGPIPE, SIG_IGN);
	assert_true(sink_write(&s, &l, 1) < 0);
	(void)close(p[1]);
}

static void
test_syslog(void **state)
{
	char got[256];
	int sv[2];
	ssize_t n;

	(void)state;
	assert_int_equal(
	    socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, sv), 0);
	sink_open(&s, sv[0], LOG_SINK_SYSLOG, LOG_INFO);
	set_line("(dcc_job_summary) x");
	l.tag = "distccd";
	assert_int_equal(sink_write(&s, &l, 7), 0);
	n = recv(sv[1], got, sizeof(got) - 1, 0);
	assert_true(n > 0);
	got[n] = '\0';
	/* <daemon.notice>, "Mmm dd hh:mm:ss " */
	assert_int_equal(strncmp(got, "<29>", 4), 0);
	assert_int_equal(got[4 + 3], ' ');
	assert_int_equal(got[4 + 9], ':');
	assert_string_equal(got + 4 + 16, "distccd[7]: (dcc_job_summary) x");
	while (sink_write(&s, &l, 7) == 0)
		;
	assert_int_equal(s.error, EAGAIN);
	(void)close(sv[1]);
	assert_int_equal(sink_write(&s, &l, 7), -ECONNREFUSED);
	(void)close(sv[0]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_file, fresh),
		cmocka_unit_test_setup(test_full_disk, fresh),
		cmocka_unit_test_setup(test_torn_line, fresh),
		cmocka_unit_test_setup(test_stuck_pipe, fresh),
		cmocka_unit_test_setup(test_syslog, fresh),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
