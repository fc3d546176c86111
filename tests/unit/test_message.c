/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Messages from peers that are taken over: records of every wrong shape,
 * descriptors of every kind.  After each row as many descriptors are open as
 * before it.  What parks descriptors runs in a process of its own, because
 * they stay until it ends.  Needs nothing.
 */
#include "node/common/fd.h"
#include "node/common/message.h"

#include <errno.h>
#include <dirent.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#define ROWS(t) (sizeof(t) / sizeof((t)[0]))
/* security-rules 16: no neighbour blocks longer. */
#define PROMPT_MS 100
#ifndef SO_PASSRIGHTS
#define SO_PASSRIGHTS 83
#endif

static unsigned
open_fds(void)
{
	DIR *d = opendir("/proc/self/fd");
	unsigned n = 0;

	assert_non_null(d);
	while (readdir(d) != NULL)
		n++;
	closedir(d);
	return n;
}

static long
now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

/* A record as no msg_send() would make it. */
static void
send_raw(int sock, const void *buf, size_t len, const int *fds, unsigned nfds)
{
	union {
		char buf[CMSG_SPACE(16 * sizeof(int))];
		struct cmsghdr align;
	} control;
	struct iovec iov = { (void *)(uintptr_t)buf, len };
	struct msghdr mh = { .msg_iov = &iov, .msg_iovlen = 1 };
	struct cmsghdr *c;

	assert_true(nfds <= 16);
	if (nfds > 0) {
		memset(&control, 0, sizeof(control));
		mh.msg_control = control.buf;
		mh.msg_controllen = CMSG_SPACE(nfds * sizeof(int));
		c = CMSG_FIRSTHDR(&mh);
		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = CMSG_LEN(nfds * sizeof(int));
		memcpy(CMSG_DATA(c), fds, nfds * sizeof(int));
	}
	assert_int_equal(sendmsg(sock, &mh, MSG_DONTWAIT), (ssize_t)len);
}

static void
test_records(void **state)
{
	static const struct {
		const char *name;
		size_t len;       /* of the record */
		uint32_t claimed; /* hdr.len */
		unsigned nfds;
		int want;
	} rows[] = {
		{ "no body", 16, 0, 0, 1 },
		{ "a body", 24, 8, 0, 1 },
		{ "the largest", 16 + MSG_BODY_MAX, MSG_BODY_MAX, 0, 1 },
		{ "three descriptors", 24, 8, 3, 1 },
		{ "one descriptor", 16, 0, 1, 1 },
		{ "empty: reads as the end", 0, 0, 0, 0 },
		{ "empty with a descriptor", 0, 0, 1, -EPROTO },
		{ "one byte", 1, 0, 0, -EPROTO },
		{ "header cut by one", 15, 0, 0, -EPROTO },
		{ "header cut, with descriptors", 15, 0, 3, -EPROTO },
		{ "claims one more", 24, 9, 0, -EPROTO },
		{ "claims one less", 24, 7, 0, -EPROTO },
		{ "claims 2^32-1", 24, UINT32_MAX, 0, -EPROTO },
		{ "claims 2^32-16", 16, UINT32_MAX - 15, 0, -EPROTO },
		{ "claims none", 24, 0, 2, -EPROTO },
		{ "too long by one", 17 + MSG_BODY_MAX, MSG_BODY_MAX + 1, 0,
		    -EPROTO },
		{ "too long, length that fits", 17 + MSG_BODY_MAX,
		    MSG_BODY_MAX, 2, -EPROTO },
		{ "64 KiB", 65536, 65520, 0, -EPROTO },
		{ "four descriptors", 24, 8, 4, -EPROTO },
		{ "five descriptors", 24, 8, 5, -EPROTO },
		{ "sixteen descriptors", 24, 8, 16, -EPROTO },
	};
	static uint8_t buf[65536];
	struct msg_hdr h;
	struct msg m;
	int sv[2], fds[16];
	unsigned before;

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		print_message("  %s\n", rows[i].name);
		assert_int_equal(msg_pair(sv), 0);
		for (int k = 0; k < 16; k++)
			fds[k] = sv[0];
		before = open_fds();
		memset(buf, 0x5a, sizeof(buf));
		h = (struct msg_hdr){ .type = 0x300,
			.len = rows[i].claimed, .job = 7 };
		memcpy(buf, &h, sizeof(h));
		send_raw(sv[1], buf, rows[i].len, fds, rows[i].nfds);
		assert_int_equal(msg_recv(sv[0], &m), rows[i].want);
		if (rows[i].want == 1) {
			assert_int_equal(m.nfds, rows[i].nfds);
			assert_int_equal(m.hdr.job, 7);
			assert_int_equal(open_fds(), before + rows[i].nfds);
			for (unsigned k = 0; k < m.nfds; k++)
				close(msg_take_fd(&m, k));
			assert_int_equal(msg_take_fd(&m, 0), -1);
			assert_int_equal(msg_take_fd(&m, MSG_FDS_MAX), -1);
			msg_done(&m);
		}
		close(sv[1]);
		close(sv[0]);
		/* what is foreign and no memfd or pipe was parked */
		if (rows[i].want == 1 || rows[i].nfds == 0)
			assert_int_equal(open_fds(), before - 2);
	}
}

/* Memfds and pipes are let go of at once, however many come. */
static void
test_no_leak(void **state)
{
	uint8_t buf[40] = { 0 };
	struct msg_hdr h = { .type = 1, .len = 24, .job = 1 };
	int sv[2], fds[16], p[2];
	struct msg m;
	unsigned before;

	(void)state;
	assert_int_equal(msg_pair(sv), 0);
	assert_int_equal(pipe(p), 0);
	for (int i = 0; i < 16; i++)
		fds[i] = i % 2 == 0 ? p[i / 2 % 2] :
		                      memfd_create("t", MFD_CLOEXEC);
	before = open_fds();
	memcpy(buf, &h, sizeof(h));
	for (unsigned n = 0; n <= 16; n++) {
		send_raw(sv[1], buf, sizeof(buf), fds, n);
		assert_int_equal(msg_recv(sv[0], &m), n <= 3 ? 1 : -EPROTO);
		msg_done(&m);
		assert_int_equal(open_fds(), before);
	}
	for (int i = 1; i < 16; i += 2)
		close(fds[i]);
	close(p[0]);
	close(p[1]);
	close(sv[0]);
	close(sv[1]);
}

static void
test_closed(void **state)
{
	struct msg_hdr h = { .type = 1, .len = 8, .job = 1 };
	struct msg m;
	int sv[2];
	long t;

	(void)state;
	assert_int_equal(msg_pair(sv), 0);
	assert_int_equal(msg_recv(sv[0], &m), -EAGAIN);
	t = now_ms();
	assert_int_equal(msg_recv_wait(sv[0], &m, 30), -ETIMEDOUT);
	assert_in_range(now_ms() - t, 25, 1000);
	send_raw(sv[1], &h, 12, NULL, 0); /* and dies */
	close(sv[1]);
	assert_int_equal(msg_recv(sv[0], &m), -EPROTO);
	assert_int_equal(msg_recv(sv[0], &m), 0);
	assert_int_equal(msg_recv_wait(sv[0], &m, -1), 0);
	assert_int_equal(msg_send(sv[0], 1, 0, NULL, 0, NULL, 0), -EPIPE);
	close(sv[0]);

	/* its peer closes with our record unread: ECONNRESET, not an error */
	assert_int_equal(msg_pair(sv), 0);
	assert_int_equal(msg_send(sv[0], 1, 0, NULL, 0, NULL, 0), 0);
	close(sv[1]);
	assert_int_equal(msg_recv(sv[0], &m), 0);
	close(sv[0]);
}

static void
test_send_limits(void **state)
{
	static const uint8_t body[MSG_BODY_MAX + 1];
	int sv[2], fds[4];
	struct msg m;

	(void)state;
	assert_int_equal(msg_pair(sv), 0);
	for (int i = 0; i < 4; i++)
		fds[i] = sv[0];
	assert_int_equal(msg_send(sv[0], 1, 2, body, MSG_BODY_MAX + 1, NULL,
	    0), -EMSGSIZE);
	assert_int_equal(msg_send(sv[0], 1, 2, body, 8, fds, 4), -EMSGSIZE);
	assert_int_equal(msg_recv(sv[1], &m), -EAGAIN);
	assert_int_equal(msg_send(sv[0], 1, 2, body, MSG_BODY_MAX, NULL, 0),
	    0);
	assert_int_equal(msg_recv(sv[1], &m), 1);
	assert_int_equal(m.hdr.len, MSG_BODY_MAX);
	msg_done(&m);
	close(sv[0]);
	close(sv[1]);
}

static void
test_full_queue(void **state)
{
	uint8_t body[64] = { 0 };
	int sv[2], r, n = 0;
	struct msg m;
	long t = now_ms();

	(void)state;
	assert_int_equal(msg_pair(sv), 0);
	while ((r = msg_send(sv[0], 1, 0, body, sizeof(body), NULL, 0)) == 0)
		assert_true(n++ < 100000);
	assert_int_equal(r, -EAGAIN);
	assert_true(n > 16);
	assert_true(now_ms() - t < 2000);
	/* one taken, one fits again */
	assert_int_equal(msg_recv(sv[1], &m), 1);
	while (msg_recv(sv[1], &m) == 1)
		;
	assert_int_equal(msg_send(sv[0], 1, 0, body, sizeof(body), NULL, 0),
	    0);
	close(sv[0]);
	close(sv[1]);
}

/* -- dispatch -- */

static int called;

static int
count_call(void *ctx, struct msg *m)
{
	(void)ctx;
	(void)m;
	called++;
	return 0;
}

static int
blame(void *ctx, struct msg *m)
{
	(void)ctx;
	(void)m;
	return -EINVAL;
}

static void
test_dispatch(void **state)
{
	static const struct msg_rule rules[] = {
		{ 0x10, MSG_ANY_STATE, 8, 0, count_call },
		{ 0x12, 1U << 1 | 1U << 3, 0, 2, count_call },
		{ 0x14, 0, 0, 0, count_call },
		{ 0x16, MSG_ANY_STATE, 0, 0, blame },
	};
	static const struct {
		const char *name;
		uint32_t type, len;
		unsigned nfds, state;
		int want;
	} rows[] = {
		{ "as listed", 0x10, 8, 0, 0, 0 },
		{ "as listed, last state", 0x10, 8, 0, 31, 0 },
		{ "longer", 0x10, 9, 0, 0, -EPROTO },
		{ "shorter", 0x10, 7, 0, 0, -EPROTO },
		{ "none", 0x10, 0, 0, 0, -EPROTO },
		{ "a descriptor", 0x10, 8, 1, 0, -EPROTO },
		{ "right state", 0x12, 0, 2, 1, 0 },
		{ "other right state", 0x12, 0, 2, 3, 0 },
		{ "wrong state", 0x12, 0, 2, 0, -EPROTO },
		{ "state between", 0x12, 0, 2, 2, -EPROTO },
		{ "one descriptor less", 0x12, 0, 1, 1, -EPROTO },
		{ "one descriptor more", 0x12, 0, 3, 1, -EPROTO },
		{ "in no state", 0x14, 0, 0, 0, -EPROTO },
		{ "an answer (odd)", 0x11, 8, 0, 0, -EPROTO },
		{ "type 0", 0, 8, 0, 0, -EPROTO },
		{ "type 2^32-1", UINT32_MAX, 8, 0, 0, -EPROTO },
		{ "upper half", 0x10010, 8, 0, 0, -EPROTO },
		{ "its function says no", 0x16, 0, 0, 0, -EINVAL },
	};
	struct msg m;

	(void)state;
	memset(&m, 0, sizeof(m));
	for (size_t i = 0; i < ROWS(rows); i++) {
		print_message("  %s\n", rows[i].name);
		m.hdr = (struct msg_hdr){ rows[i].type, rows[i].len, 1 };
		m.nfds = rows[i].nfds;
		called = 0;
		assert_int_equal(msg_dispatch(rules, ROWS(rules),
		    rows[i].state, NULL, &m), rows[i].want);
		assert_int_equal(called, rows[i].want == 0);
	}
}

/* -- descriptors that are not what they seem, each in its own process -- */

/* A connected TCP socket with bytes that will never leave, which would hold
 * its last closer for ten seconds (socket(7), SO_LINGER). */
static int
make_lingering(void)
{
	struct sockaddr_in a = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	static const struct linger l = { 1, 10 };
	static char waste[65536];
	socklen_t len = sizeof(a);
	int s = socket(AF_INET, SOCK_STREAM, 0);
	int c = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
	int size = 4096, peer;

	(void)setsockopt(s, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
	if (bind(s, (struct sockaddr *)&a, sizeof(a)) < 0 ||
	    listen(s, 1) < 0 ||
	    getsockname(s, (struct sockaddr *)&a, &len) < 0)
		return -1;
	(void)connect(c, (struct sockaddr *)&a, sizeof(a));
	peer = accept(s, NULL, NULL); /* never read, never closed */
	(void)fcntl(c, F_SETFL, 0);
	while (send(c, waste, sizeof(waste), MSG_DONTWAIT) > 0)
		;
	(void)setsockopt(c, SOL_SOCKET, SO_LINGER, &l, sizeof(l));
	(void)close(s);
	return peer < 0 ? -1 : c;
}

static int
make_fifo_read(void)
{
	int p[2];

	return pipe(p) < 0 ? -1 : p[0]; /* the writing end stays: no EOF */
}

static int
make_fifo_full(void)
{
	static char waste[65536];
	int p[2];

	if (pipe2(p, O_NONBLOCK) < 0)
		return -1;
	while (write(p[1], waste, sizeof(waste)) > 0)
		;
	(void)fcntl(p[1], F_SETFL, 0);
	return p[1];
}

static int
make_epoll(void)
{
	struct epoll_event ev = { .events = EPOLLIN };
	int e = epoll_create1(0), p[2];

	if (pipe(p) < 0 || epoll_ctl(e, EPOLL_CTL_ADD, p[0], &ev) < 0)
		return -1;
	return e;
}

static int
make_path(void)
{
	return open("/", O_PATH | O_DIRECTORY);
}

static int
make_directory(void)
{
	return open("/", O_RDONLY | O_DIRECTORY);
}

static int
make_own_end(void)
{
	int sv[2];

	return msg_pair(sv) < 0 ? -1 : sv[0];
}

static int
make_memfd(void)
{
	return memfd_create("t", 0);
}

static const struct kind {
	const char *name;
	int (*make)(void);
	int parked; /* how many each record leaves open */
} kinds[] = {
	{ "a lingering socket", make_lingering, 3 },
	{ "a pipe's read end", make_fifo_read, 0 },
	{ "a full pipe's write end", make_fifo_full, 0 },
	{ "an epoll descriptor", make_epoll, 3 },
	{ "O_PATH", make_path, 3 },
	{ "a directory", make_directory, 3 },
	{ "one end of a pair", make_own_end, 3 },
	{ "a memfd", make_memfd, 0 },
};

/* In a child: receive a record with three of @k that nobody takes. */
static int
receive_three(const struct kind *k)
{
	struct msg_hdr h = { .type = 1, .len = 0, .job = 0 };
	int sv[2], fds[3];
	unsigned before;
	struct msg m;
	long t;

	if (msg_pair(sv) < 0)
		return 10;
	before = open_fds();
	for (int i = 0; i < 3; i++) {
		fds[i] = k->make();
		if (fds[i] < 0)
			return 11;
	}
	send_raw(sv[1], &h, sizeof(h), fds, 3);
	for (int i = 0; i < 3; i++)
		if (k->make != make_lingering)
			close(fds[i]);
	if (k->make == make_lingering) {
		/* close(2) here must not be the last, or we block ourselves */
		before = open_fds();
		t = now_ms();
		if (msg_recv(sv[0], &m) != 1)
			return 12;
		msg_done(&m);
		return now_ms() - t > PROMPT_MS ? 13 : 0;
	}
	before = open_fds();
	t = now_ms();
	if (msg_recv(sv[0], &m) != 1)
		return 12;
	msg_done(&m);
	if (now_ms() - t > PROMPT_MS)
		return 13;
	return open_fds() != before + (unsigned)k->parked ? 14 : 0;
}

static int
status_of(pid_t pid, long *ret_ms)
{
	long t = now_ms();
	int status = 0;

	assert_int_equal(waitpid(pid, &status, 0), pid);
	if (ret_ms != NULL)
		*ret_ms = now_ms() - t;
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static void
test_kinds(void **state)
{
	pid_t pid;

	(void)state;
	for (size_t i = 0; i < ROWS(kinds); i++) {
		print_message("  %s\n", kinds[i].name);
		pid = fork();
		if (pid == 0)
			_exit(receive_three(&kinds[i]));
		assert_int_equal(status_of(pid, NULL), 0);
	}
}

/*
 * The real thing: nobody but the receiver holds the socket any more, and the
 * other end of its connection lives.
 */
static int
linger_receiver(int sock)
{
	struct msg m;
	long t;
	int r;

	r = msg_recv_wait(sock, &m, 5000);
	(void)usleep(50000); /* the sender closes its own */
	t = now_ms();
	if (r == 1)
		msg_done(&m);
	if (now_ms() - t > PROMPT_MS)
		return 1;
	/* serves its next peer */
	return msg_recv_wait(sock, &m, 5000) <= 0 ? 0 : 2;
}

/* One record with @fd; 0 or errno. */
static int
send_one_fd(int sock, int fd)
{
	struct msg_hdr h = { .type = 1, .len = 0, .job = 0 };

	return -msg_send(sock, h.type, h.job, NULL, 0, &fd, 1);
}

static bool
kernel_refuses_rights(void)
{
	int sv[2], on = 1;
	bool yes;

	assert_int_equal(msg_pair(sv), 0);
	yes = setsockopt(sv[0], SOL_SOCKET, SO_PASSRIGHTS, &on,
	    sizeof(on)) == 0;
	close(sv[0]);
	close(sv[1]);
	return yes;
}

static void
test_linger(void **state)
{
	static const struct linger at_once = { 1, 0 };
	int sv[2], fd;
	long ms;
	pid_t rx;

	(void)state;
	for (int refuse = 0; refuse < 2; refuse++) {
		print_message("  %s\n", refuse ? "refused" : "parked");
		assert_int_equal(msg_pair(sv), 0);
		if (refuse)
			msg_refuse_fds(sv[0]);
		rx = fork();
		if (rx == 0) {
			close(sv[1]);
			_exit(linger_receiver(sv[0]));
		}
		fd = make_lingering();
		assert_true(fd >= 0);
		close(sv[0]);
		if (send_one_fd(sv[1], fd) == EPERM) {
			assert_true(refuse && kernel_refuses_rights());
			(void)setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once,
			    sizeof(at_once));
		} else {
			assert_true(!refuse || !kernel_refuses_rights());
		}
		close(fd);
		(void)usleep(300000);
		close(sv[1]);
		assert_int_equal(status_of(rx, &ms), 0);
		assert_true(ms < 2000); /* nor does its end linger */
	}
}

/* Who sends that many is taken over; we end, and have not run out. */
static int
receive_many(unsigned n)
{
	struct msg_hdr h = { .type = 1, .len = 0, .job = 0 };
	int sv[2], fd = open("/", O_RDONLY | O_DIRECTORY);
	struct msg m;

	if (msg_pair(sv) < 0)
		return 1;
	for (unsigned i = 0; i < n; i++) {
		send_raw(sv[1], &h, sizeof(h), &fd, 1);
		if (msg_recv(sv[0], &m) != 1)
			return 2;
		msg_done(&m);
	}
	return 0;
}

static void
test_parking_ends(void **state)
{
	static const struct {
		unsigned n;
		int want;
	} rows[] = { { 1, 0 }, { FD_PARKED_MAX - 1, 0 },
		{ FD_PARKED_MAX, 72 }, { 1000, 72 } };
	pid_t pid;

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		pid = fork();
		if (pid == 0)
			_exit(receive_many(rows[i].n));
		assert_int_equal(status_of(pid, NULL), rows[i].want);
	}
}

/* What arrives is close-on-exec, and a descriptor is not inherited. */
static void
test_cloexec(void **state)
{
	int sv[2], fd;
	struct msg m;

	(void)state;
	assert_int_equal(msg_pair(sv), 0);
	assert_true((fcntl(sv[0], F_GETFD) & FD_CLOEXEC) != 0);
	fd = memfd_create("t", 0);
	assert_int_equal(msg_send(sv[0], 1, 0, NULL, 0, &fd, 1), 0);
	close(fd);
	assert_int_equal(msg_recv(sv[1], &m), 1);
	assert_true((fcntl(m.fds[0], F_GETFD) & FD_CLOEXEC) != 0);
	msg_done(&m);
	assert_int_equal(m.fds[0], -1);
	msg_done(&m); /* twice is fine */
	close(sv[0]);
	close(sv[1]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		/* first: the count of what is parked is the process's */
		cmocka_unit_test(test_parking_ends),
		cmocka_unit_test(test_records),
		cmocka_unit_test(test_no_leak),
		cmocka_unit_test(test_closed),
		cmocka_unit_test(test_send_limits),
		cmocka_unit_test(test_full_queue),
		cmocka_unit_test(test_dispatch),
		cmocka_unit_test(test_kinds),
		cmocka_unit_test(test_linger),
		cmocka_unit_test(test_cloexec),
	};

	(void)signal(SIGPIPE, SIG_DFL); /* msg_send must not raise it */
	return cmocka_run_group_tests_name("message", tests, NULL, NULL);
}
