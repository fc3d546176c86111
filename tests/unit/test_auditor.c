/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Needs root and build/libexec/immure-auditor, which confines itself: the
 * program itself with its filter on, this test as its monitor and its broker.
 */
#include <node/common/imsg.h>
#include <node/common/message.h>
#include <node/common/role.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <syslog.h>
#include <unistd.h>

#include <cmocka.h>

static char program[PATH_MAX];
static int monitor, broker; /* our ends */
static pid_t pid;

/* build/tests/unit/test_auditor -> build/libexec/immure-auditor */
static void
find_program(void)
{
	char dir[PATH_MAX - 64], *cut;
	ssize_t n = readlink("/proc/self/exe", dir, sizeof(dir) - 1);

	assert_true(n > 0);
	dir[n] = '\0';
	for (int i = 0; i < 3; i++) {
		cut = strrchr(dir, '/');
		assert_non_null(cut);
		*cut = '\0';
	}
	(void)snprintf(program, sizeof(program), "%s/libexec/immure-auditor",
	    dir);
}

static void
expect(uint32_t type)
{
	static struct msg m;

	assert_int_equal(msg_recv_wait(monitor, &m, 5000), 1);
	assert_int_equal(m.hdr.type, type);
	msg_done(&m);
}

static int
give_broker_as(uint32_t index)
{
	const struct imsg_peer p = { .role = ROLE_BROKER, .index = index };
	int pair[2];

	assert_int_equal(msg_pair(pair), 0);
	assert_int_equal(msg_send(monitor, IMSG_PEER, 0, &p, sizeof(p),
	    &pair[1], 1), 0);
	(void)close(pair[1]);
	return pair[0];
}

static void
give_broker(void)
{
	broker = give_broker_as(0);
}

static void
give_log_at(int fd, enum log_sink sink, uint32_t level)
{
	const struct imsg_log_file f = { .sink = sink, .level = level };

	assert_int_equal(msg_send(monitor, IMSG_LOG_FILE, 0, &f, sizeof(f),
	    &fd, 1), 0);
}

static void
give_log(int fd, enum log_sink sink)
{
	give_log_at(fd, sink, LOG_INFO);
}

static int
start(void **state)
{
	int pair[2];

	(void)state;
	if (geteuid() != 0 || access(program, X_OK) != 0)
		return 0;
	assert_int_equal(msg_pair(pair), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		(void)dup2(pair[1], ROLE_FD_MONITOR);
		(void)fcntl(ROLE_FD_MONITOR, F_SETFD, 0);
		(void)execl(program, "immure-auditor", (char *)NULL);
		_exit(127);
	}
	(void)close(pair[1]);
	monitor = pair[0];
	expect(IMSG_READY);
	give_broker();
	return 0;
}

static int
stop(void **state)
{
	(void)state;
	if (pid > 0) {
		(void)kill(pid, SIGKILL);
		(void)waitpid(pid, NULL, 0);
	}
	(void)close(monitor);
	(void)close(broker);
	pid = 0;
	monitor = broker = -1;
	return 0;
}

static void
need_auditor(void)
{
	if (pid == 0)
		skip(); /* not root, or not built */
}

/* Close our end and wait: everything that was sent is written by then. */
static void
finish(int code)
{
	int status;

	(void)close(monitor);
	monitor = -1;
	assert_int_equal(waitpid(pid, &status, 0), pid);
	pid = 0;
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), code);
}

static int
temporary(void)
{
	char path[] = "/tmp/test_auditor.XXXXXX";
	int fd = mkostemp(path, O_APPEND | O_CLOEXEC);

	assert_true(fd >= 0);
	assert_int_equal(unlink(path), 0);
	return fd;
}

static const char *
content(int fd)
{
	static char got[65536];
	ssize_t n = pread(fd, got, sizeof(got) - 1, 0);

	assert_true(n >= 0);
	got[n] = '\0';
	return got;
}

static void
send_job(int sock, const char *source)
{
	static struct imsg_audit_job j;

	memset(&j, 0, sizeof(j));
	j.peer = (struct peer){ .addr = { [10] = 0xff, [11] = 0xff, 127, 0, 0,
	    1 }, .port = 9 };
	(void)snprintf(j.compiler, sizeof(j.compiler), "gcc");
	(void)snprintf(j.source, sizeof(j.source), "%s", source);
	assert_int_equal(msg_send(sock, IMSG_AUDIT_JOB, 0, &j, sizeof(j), NULL,
	    0), 0);
}

static void
send_event(int sock, uint32_t role, const char *text)
{
	struct imsg_audit_event e = { .level = LOG_WARNING, .role = role,
		.word = "a.word" };

	(void)snprintf(e.text, sizeof(e.text), "%s", text);
	assert_int_equal(msg_send(sock, IMSG_AUDIT_EVENT, 0, &e, sizeof(e),
	    NULL, 0), 0);
}

static void
test_records(void **state)
{
	int text = temporary(), json = temporary(), sys[2];
	char got[512];
	const char *s;

	(void)state;
	need_auditor();
	assert_int_equal(
	    socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, sys), 0);
	give_log(text, LOG_SINK_TEXT);
	give_log(json, LOG_SINK_JSON);
	give_log(sys[1], LOG_SINK_SYSLOG);
	send_event(monitor, ROLE_FRONT, "from the front");
	usleep(100000);
	send_job(broker, "evil\n.c");
	send_event(broker, ROLE_MONITOR, "says it is the monitor");
	usleep(100000);
	finish(ROLE_EXIT_OK);
	s = content(text);
	assert_non_null(strstr(s, "] (front) a.word: from the front\n"));
	assert_int_equal(strncmp(strchr(s, '\n') + 1, "distccd[", 8), 0);
	assert_non_null(strstr(s, " gcc evil\\x0a.c\n"));
	assert_non_null(strstr(s, "(broker) a.word: says it is the monitor\n"));
	s = content(json);
	assert_non_null(strstr(s, "{\"type\":\"job\",\"time\":\"20"));
	assert_non_null(strstr(s, "\"source\":\"evil\\\\x0a.c\""));
	for (int i = 0; i < 3; i++)
		assert_true(recv(sys[0], got, sizeof(got), MSG_DONTWAIT) > 0);
	(void)close(text);
	(void)close(json);
	(void)close(sys[0]);
	(void)close(sys[1]);
}

/* What a selftest's broker tells is marked, and nothing that another says makes
 * it so; its pipe gets every job, and may go away unnoticed. */
static void
test_selftest(void **state)
{
	static struct imsg_audit_job j = { .selftest = 1, .source = "mine.c" };
	int text = temporary(), json = temporary(), p[2], second;
	const char *s;

	(void)state;
	need_auditor();
	assert_int_equal(pipe2(p, O_CLOEXEC), 0);
	give_log(text, LOG_SINK_TEXT);
	give_log(json, LOG_SINK_JSON);
	give_log_at(p[1], LOG_SINK_SELFTEST, LOG_EMERG);
	(void)close(p[1]);
	second = give_broker_as(1);
	usleep(100000);
	assert_int_equal(msg_send(broker, IMSG_AUDIT_JOB, 0, &j, sizeof(j),
	    NULL, 0), 0);
	send_job(second, "act.c");
	send_event(second, ROLE_BROKER, "on purpose");
	send_event(broker, ROLE_BROKER, "in earnest");
	usleep(100000);
	(void)close(p[0]);
	send_job(second, "late.c");
	usleep(100000);
	finish(ROLE_EXIT_OK);
	s = content(text);
	assert_non_null(strstr(s, " mine.c\n"));
	assert_non_null(strstr(s, " act.c selftest\n"));
	assert_non_null(strstr(s, " late.c selftest\n"));
	assert_non_null(strstr(s, "a.word: selftest: on purpose\n"));
	assert_non_null(strstr(s, "a.word: in earnest\n"));
	assert_null(strstr(s, "audit.lost"));
	s = strstr(content(json), "\"source\":\"mine.c\"");
	assert_non_null(s);
	assert_true(strstr(s, "\"selftest\":true") > strchr(s, '\n'));
	(void)close(text);
	(void)close(json);
	(void)close(second);
}

static void
test_selftest_pipe(void **state)
{
	static char got[65536];
	int p[2], second;

	(void)state;
	need_auditor();
	assert_int_equal(pipe2(p, O_CLOEXEC), 0);
	give_log_at(p[1], LOG_SINK_SELFTEST, LOG_EMERG);
	(void)close(p[1]);
	second = give_broker_as(1);
	usleep(100000);
	send_job(broker, "mine.c");
	send_job(second, "act.c");
	send_event(second, ROLE_BROKER, "no job");
	usleep(100000);
	assert_true(read(p[0], got, sizeof(got) - 1) > 0);
	assert_non_null(strstr(got, "\"source\":\"mine.c\""));
	assert_non_null(strstr(got, "\"source\":\"act.c\""));
	assert_null(strstr(got, "no job"));
	(void)close(give_broker_as(2)); /* there are no more than two */
	finish(ROLE_EXIT_PROTOCOL);
	(void)close(p[0]);
	(void)close(second);
}

/* --log-level error quietens the text; the record is whole all the same. */
static void
test_level(void **state)
{
	int text = temporary(), json = temporary();

	(void)state;
	need_auditor();
	give_log_at(text, LOG_SINK_TEXT, LOG_ERR);
	give_log_at(json, LOG_SINK_JSON, LOG_ERR);
	send_event(monitor, ROLE_FRONT, "a warning");
	send_job(monitor, "a.c");
	usleep(100000);
	finish(ROLE_EXIT_OK);
	assert_string_equal(content(text), "");
	assert_non_null(strstr(content(json), "a warning"));
	assert_non_null(strstr(content(json), "a.c"));
	(void)close(text);
	(void)close(json);
}

/* A disk that is full, then is not: the loss is told on its own. */
static void
test_loss_is_told(void **state)
{
	int full = open("/dev/full", O_WRONLY | O_CLOEXEC);
	int text = temporary();

	(void)state;
	need_auditor();
	give_log(full, LOG_SINK_TEXT);
	for (int i = 0; i < 3; i++)
		send_event(monitor, ROLE_FRONT, "lost");
	expect(IMSG_AUDIT_EVENT); /* the monitor hears of it, once */
	give_log(text, LOG_SINK_TEXT);
	for (int i = 0; i < 50 && content(text)[0] == '\0'; i++)
		usleep(100000);
	assert_non_null(strstr(content(text), "(auditor) audit.lost: 3 lines "
	    "were lost here: No space left on device\n"));
	assert_null(strstr(content(text), ": lost"));
	(void)close(full);
	(void)close(text);
}

/* Each message that a broker may not send cuts it off; a new one is heard. */
static void
test_hostile_broker(void **state)
{
	static struct imsg_audit_job j;
	const struct imsg_log_file f = { .sink = 0 };
	struct imsg_audit_event e = { .level = 99 };
	int text = temporary(), none = -1;
	struct pollfd p = { .events = POLLIN };

	(void)state;
	need_auditor();
	give_log(text, LOG_SINK_TEXT);
	memset(&j, 'x', sizeof(j));
	for (int i = 0; i < 6; i++) {
		int r = 0;

		if (i == 0)
			(void)msg_send(broker, IMSG_AUDIT_JOB, 0, &j,
			    sizeof(j), NULL, 0);
		else if (i == 1)
			(void)msg_send(broker, IMSG_AUDIT_JOB, 0, &j, 100,
			    NULL, 0);
		else if (i == 2)
			r = msg_send(broker, IMSG_LOG_FILE, 0, &f, sizeof(f),
			    &text, 1);
		else if (i == 3)
			(void)msg_send(broker, IMSG_AUDIT_EVENT, 0, &e,
			    sizeof(e), NULL, 0);
		else if (i == 4)
			(void)send(broker, "short", 5, 0);
		else
			(void)msg_send(broker, IMSG_READY, 0, NULL, 0, &none,
			    0);
		if (r < 0)
			continue; /* Linux 6.16: refused before it arrives */
		p.fd = broker;
		assert_int_equal(poll(&p, 1, 5000), 1);
		assert_true((p.revents & POLLHUP) != 0);
		(void)close(broker);
		give_broker();
	}
	send_job(broker, "after.c");
	usleep(100000);
	finish(ROLE_EXIT_OK);
	assert_non_null(strstr(content(text), " gcc after.c\n"));
	assert_non_null(strstr(content(text), "(auditor) role.protocol: "));
	(void)close(text);
}

/* Descriptors in an honest-looking message of the broker are refused. */
static void
test_broker_hands_descriptor(void **state)
{
	static struct imsg_audit_job j;
	int text = temporary();
	struct pollfd p = { .events = POLLIN };
	int r;

	(void)state;
	need_auditor();
	usleep(100000);
	r = msg_send(broker, IMSG_AUDIT_JOB, 0, &j, sizeof(j), &text, 1);
	if (r == 0) { /* before Linux 6.16 it arrives, and ends the broker */
		p.fd = broker;
		assert_int_equal(poll(&p, 1, 5000), 1);
		assert_true((p.revents & POLLHUP) != 0);
	}
	finish(ROLE_EXIT_OK);
	(void)close(text);
}

static void
test_hostile_monitor(void **state)
{
	const struct imsg_peer p = { .role = ROLE_FRONT };
	int text = temporary();
	int status;

	(void)state;
	need_auditor();
	assert_int_equal(msg_send(monitor, IMSG_PEER, 0, &p, sizeof(p), &text,
	    1), 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	pid = 0;
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), ROLE_EXIT_PROTOCOL);
	(void)close(text);
}

/* 200 replaced files and brokers leave no descriptor behind: RLIMIT_NOFILE
 * of the role is far below that. */
static void
test_no_leak(void **state)
{
	int text = temporary();

	(void)state;
	need_auditor();
	for (int i = 0; i < 200; i++) {
		give_log(text, LOG_SINK_TEXT);
		(void)close(broker);
		give_broker();
		if (i % 20 == 0)
			usleep(20000);
	}
	send_job(broker, "last.c");
	usleep(100000);
	finish(ROLE_EXIT_OK);
	assert_non_null(strstr(content(text), " gcc last.c\n"));
	(void)close(text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_records, start, stop),
		cmocka_unit_test_setup_teardown(test_level, start, stop),
		cmocka_unit_test_setup_teardown(test_selftest, start, stop),
		cmocka_unit_test_setup_teardown(test_selftest_pipe, start, stop),
		cmocka_unit_test_setup_teardown(test_loss_is_told, start,
		    stop),
		cmocka_unit_test_setup_teardown(test_hostile_broker, start,
		    stop),
		cmocka_unit_test_setup_teardown(test_broker_hands_descriptor,
		    start, stop),
		cmocka_unit_test_setup_teardown(test_hostile_monitor, start,
		    stop),
		cmocka_unit_test_setup_teardown(test_no_leak, start, stop),
	};

	find_program();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
