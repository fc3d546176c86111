/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Needs build/libexec/immure-relay: the program itself with its filter on,
 * this test as its client and its node.
 */
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
#include <unistd.h>

#include <cmocka.h>

#define REPLY "DONE00000001STAT00000000SERR00000000SOUT00000000DOTO00000000"

static char program[PATH_MAX];
static int in, out, node; /* our ends */
static pid_t pid;

/* build/tests/unit/test_relay -> build/libexec/immure-relay */
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
	(void)snprintf(program, sizeof(program), "%s/libexec/immure-relay",
	    dir);
}

static void
start_with(int child_in, int child_out)
{
	int sv[2];

	/* make asan builds tests alone: the filter leaves ASan no room. */
	if (access(program, X_OK) < 0)
		skip();
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0,
	    sv), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		/* Beyond those that they become. */
		int i = fcntl(child_in, F_DUPFD, 10);
		int o = fcntl(child_out, F_DUPFD, 10);
		int n = fcntl(sv[1], F_DUPFD, 10);

		(void)dup2(i, 0);
		(void)dup2(o, 1);
		(void)dup2(n, 3);
		(void)close(i);
		(void)close(o);
		(void)close(n);
		(void)execl(program, "immure-relay", (char *)NULL);
		_exit(99);
	}
	(void)close(sv[1]);
	(void)close(child_in);
	if (child_out != child_in)
		(void)close(child_out);
	node = sv[0];
}

/* As sshd does: one socket for both. */
static void
start_socket(void)
{
	int sv[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0,
	    sv), 0);
	start_with(sv[1], sv[1]);
	in = out = sv[0];
}

static void
start_pipes(void)
{
	int a[2], b[2];

	assert_int_equal(pipe2(a, O_CLOEXEC), 0);
	assert_int_equal(pipe2(b, O_CLOEXEC), 0);
	start_with(a[0], b[1]);
	in = a[1];
	out = b[0];
}

static int
status_of(void)
{
	int status, ms;

	for (ms = 0; waitpid(pid, &status, WNOHANG) == 0; ms++) {
		if (ms == 10000) {
			(void)kill(pid, SIGKILL);
			fail_msg("the relay does not end");
		}
		(void)usleep(1000);
	}
	(void)close(node);
	(void)close(in);
	if (out != in)
		(void)close(out);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static void
put(int fd, const char *text)
{
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
}

static void
get(int fd, const char *want)
{
	char buf[256] = "";
	size_t have = 0;
	struct pollfd p = { .fd = fd, .events = POLLIN };

	while (have < strlen(want)) {
		ssize_t n;

		assert_int_equal(poll(&p, 1, 5000), 1);
		n = read(fd, buf + have, strlen(want) - have);
		assert_true(n > 0);
		have += (size_t)n;
	}
	assert_string_equal(buf, want);
}

static void
get_end(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	char c;

	assert_int_equal(poll(&p, 1, 5000), 1);
	assert_int_equal(read(fd, &c, 1), 0);
}

/* It does not wait until the node, or its client, has closed. */
static void
job(void (*start)(void))
{
	start();
	put(in, "request");
	get(node, "request");
	put(node, REPLY);
	get(out, REPLY);
	assert_int_equal(status_of(), 0);
}

static void
test_job(void **state)
{
	(void)state;
	job(start_socket);
	job(start_pipes);
}

static void
test_client_gone(void **state)
{
	(void)state;
	start_pipes();
	put(in, "reque");
	get(node, "reque");
	(void)close(in);
	get_end(node); /* and so the job is over */
	in = open("/dev/null", O_RDONLY | O_CLOEXEC);
	(void)shutdown(node, SHUT_RDWR);
	assert_int_equal(status_of(), 109);

	start_socket();
	put(in, "request");
	get(node, "request");
	(void)close(in);
	get_end(node);
	in = out = open("/dev/null", O_RDONLY | O_CLOEXEC);
	assert_int_equal(status_of(), 107);
}

static void
test_node_gone(void **state)
{
	(void)state;
	start_socket();
	put(in, "request");
	get(node, "request");
	(void)shutdown(node, SHUT_RDWR);
	assert_int_equal(status_of(), 109);

	start_pipes();
	put(node, "DONE00000001STAT0000");
	get(out, "DONE00000001STAT0000");
	(void)shutdown(node, SHUT_RDWR);
	assert_int_equal(status_of(), 107);

	start_socket();
	(void)shutdown(node, SHUT_RDWR);
	assert_int_equal(status_of(), 108);
}

/* Nobody reads at first; both ways at a time, more than any buffer holds. */
static void
much(void (*start)(void))
{
	enum { BYTES = 8 << 20 };
	static char sent[BYTES], back[BYTES];
	size_t got = 0;
	pid_t writers[2];
	const int to[2] = { 0, 1 };
	ssize_t n;

	for (size_t i = 0; i < sizeof(sent); i++)
		sent[i] = (char)(i * 31 >> 3);
	start();
	for (int w = 0; w < 2; w++) {
		writers[w] = fork();
		assert_true(writers[w] >= 0);
		if (writers[w] == 0) {
			int fd = to[w] == 0 ? in : node;
			size_t at = 0;

			while (at < BYTES && (n = write(fd, sent + at,
			    BYTES - at)) > 0)
				at += (size_t)n;
			_exit(at == BYTES ? 0 : 1);
		}
	}
	(void)usleep(100000);
	while (got < BYTES && (n = read(node, back + got, BYTES - got)) > 0)
		got += (size_t)n;
	assert_int_equal(got, BYTES);
	assert_memory_equal(sent, back, BYTES);
	for (got = 0; got < BYTES && (n = read(out, back + got,
	    BYTES - got)) > 0; )
		got += (size_t)n;
	assert_int_equal(got, BYTES);
	assert_memory_equal(sent, back, BYTES);
	for (int w = 0; w < 2; w++) {
		int status;

		assert_int_equal(waitpid(writers[w], &status, 0), writers[w]);
		assert_int_equal(status, 0);
	}
	(void)shutdown(node, SHUT_RDWR);
	assert_int_equal(status_of(), 109); /* that was no reply */
}

static void
test_much(void **state)
{
	(void)state;
	much(start_socket);
	much(start_pipes);
}

/* What it has while it works, by /proc. */
static void
test_confined(void **state)
{
	static const char *const want[] = { "NoNewPrivs:\t1",
		"Seccomp:\t2", "CapEff:\t0000000000000000",
		"CapPrm:\t0000000000000000" };
	char path[64], text[8192], *end;
	ssize_t n;
	int fd;

	(void)state;
	start_socket();
	put(in, "x");
	get(node, "x"); /* it is at work */
	(void)snprintf(path, sizeof(path), "/proc/%d/status", pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	n = read(fd, text, sizeof(text) - 1);
	(void)close(fd);
	assert_true(n > 0);
	text[n] = '\0';
	for (size_t i = 0; i < sizeof(want) / sizeof(want[0]); i++) {
		if (strstr(text, want[i]) == NULL)
			fail_msg("%s is missing in\n%s", want[i], text);
	}
	/* its two ends and nothing else */
	for (int i = 4; i < 64; i++) {
		(void)snprintf(path, sizeof(path), "/proc/%d/fd/%d", pid, i);
		end = text;
		assert_int_equal(readlink(path, end, sizeof(text)), -1);
	}
	(void)shutdown(node, SHUT_RDWR);
	(void)status_of();
}

static int
set_up(void **state)
{
	(void)state;
	(void)signal(SIGPIPE, SIG_IGN);
	find_program();
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_job),
		cmocka_unit_test(test_client_gone),
		cmocka_unit_test(test_node_gone),
		cmocka_unit_test(test_much),
		cmocka_unit_test(test_confined),
	};

	return cmocka_run_group_tests_name("relay", tests, set_up, NULL);
}
