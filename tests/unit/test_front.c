/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A front without its confinement: its own loop over real sockets, with the
 * test as client, broker and monitor.  Needs nothing.
 */
int front_main(int argc, char *argv[]);
#define main front_main
#include "node/front/front.c"
#undef main

#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "node/common/memfd.h"
#include "node/wire/drip.h"

#define ROWS(t) (sizeof(t) / sizeof((t)[0]))
#define V1                                                                     \
	"DIST00000001ARGC00000002ARGV00000002ccARGV00000002-cDOTI00000005hello"
#define V1_HEADS (sizeof(V1) - 1 - 5)

static int monitor_sock, broker_sock; /* the test's ends */
static uint64_t serial;

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

/* Rounds of the front's loop until nothing is left to do. */
static void
turn(void)
{
	struct pollfd p = { .fd = front.epoll_fd, .events = POLLIN };

	for (int i = 0; i < 1000 && poll(&p, 1, 2) > 0; i++)
		round_of_events(&front);
	conn_sweep(&front);
}

/* A client's end of a new connection, handed over as the monitor does. */
static int
client(uint64_t *ret_id)
{
	struct imsg_conn ic = { .peer = { .port = 1 } };
	int sv[2];

	assert_int_equal(socketpair(AF_UNIX,
	    SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, sv), 0);
	*ret_id = ++serial;
	assert_int_equal(msg_send(monitor_sock, IMSG_CONN, serial, &ic,
	    sizeof(ic), &sv[0], 1), 0);
	close(sv[0]);
	turn();
	return sv[1];
}

static void
say(int c, const char *s, size_t n)
{
	assert_int_equal(send(c, s, n, MSG_NOSIGNAL), (ssize_t)n);
	turn();
}

/* The next message at @sock must be this one; m is the caller's to be done. */
static void
expect(int sock, uint32_t type, uint64_t id, struct msg *m)
{
	turn();
	assert_int_equal(msg_recv(sock, m), 1);
	assert_int_equal(m->hdr.type, type);
	assert_int_equal(m->hdr.job, id);
}

static void
expect_none(int sock)
{
	struct msg m;

	turn();
	assert_int_equal(msg_recv(sock, &m), -EAGAIN);
}

static void
grant(uint64_t id, uint64_t bytes)
{
	struct imsg_reserve r = { .bytes = bytes };

	assert_int_equal(msg_send(broker_sock, IMSG_RESERVED, id, &r,
	    sizeof(r), NULL, 0), 0);
	turn();
}

static uint64_t
asked(uint64_t id)
{
	struct msg m;
	uint64_t n;

	expect(broker_sock, IMSG_RESERVE, id, &m);
	n = ((const struct imsg_reserve *)(const void *)m.body)->bytes;
	msg_done(&m);
	return n;
}

/* Both are told of the end, the connection is closed, nothing is left. */
static void
expect_over(int c, uint64_t id, uint32_t reason)
{
	struct msg m;
	char b;

	expect(broker_sock, IMSG_CONN_OVER, id, &m);
	assert_int_equal(((const struct imsg_conn_over *)(const void *)
	        m.body)->reason, reason);
	expect(monitor_sock, IMSG_CONN_END, id, &m);
	if (c >= 0) {
		assert_true(recv(c, &b, 1, 0) == 0 || errno == ECONNRESET);
		close(c);
	}
	assert_int_equal(front.nconns, 0);
}

/* A complete v1 request; its descriptors are taken. */
static int
ready(uint64_t *ret_id)
{
	int c = client(ret_id);
	struct msg m;

	say(c, V1, sizeof(V1) - 1);
	grant(*ret_id, asked(*ret_id));
	expect(broker_sock, IMSG_JOB_REQUEST, *ret_id, &m);
	assert_int_equal(m.nfds, 2);
	msg_done(&m);
	return c;
}

static int
result_fd(const char *text, size_t size, bool seal)
{
	int fd = memfd_new("result");

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	if (size != strlen(text))
		assert_int_equal(ftruncate(fd, (off_t)size), 0);
	if (seal)
		assert_int_equal(memfd_seal(fd), 0);
	return fd;
}

static void
reply_with(uint64_t id, const struct imsg_job_reply *r, int fd)
{
	assert_int_equal(msg_send(broker_sock, IMSG_JOB_REPLY, id, r,
	    sizeof(*r), &fd, 1), 0);
	close(fd);
	turn();
}

/* -- tests -- */

static void
test_byte_at_a_time(void **state)
{
	static const char request[] = V1;
	uint8_t buf[256];
	uint64_t id;
	struct msg m;
	const struct imsg_job_request *q = (const void *)m.body;
	int c = client(&id);

	(void)state;
	say(c, request, 1);
	assert_true(asked(id) >= 64 * KIB);
	grant(id, MIB);
	for (size_t i = 1; i < sizeof(request) - 1; i++) {
		expect_none(broker_sock);
		say(c, request + i, 1);
	}
	expect(broker_sock, IMSG_JOB_REQUEST, id, &m);
	assert_int_equal(m.nfds, 2);
	assert_int_equal(q->proto, 1);
	assert_int_equal(q->heads_len, V1_HEADS);
	assert_int_equal(q->bodies_len, 5);
	assert_int_equal(memfd_check(m.fds[0], V1_HEADS, getuid()), MEMFD_OK);
	assert_int_equal(memfd_check(m.fds[1], 5, getuid()), MEMFD_OK);
	assert_int_equal(pread(m.fds[0], buf, sizeof(buf), 0), V1_HEADS);
	assert_memory_equal(buf, request, V1_HEADS);
	assert_int_equal(pread(m.fds[1], buf, sizeof(buf), 0), 5);
	assert_memory_equal(buf, "hello", 5);
	msg_done(&m);
	close(c);
	expect_over(-1, id, OVER_GONE);
}

static void
test_no_budget(void **state)
{
	static const char piece[32 * 1024];
	uint64_t id, first;
	int c = client(&id);

	(void)state;
	say(c, V1, sizeof(V1) - 1);
	(void)asked(id);
	expect_none(broker_sock);
	grant(id, 0);
	expect_over(c, id, OVER_NO_BUDGET);

	/* the second time, for the body: not before it comes, and then not
	 * for all that was announced */
	c = client(&id);
	say(c, "DIST00000001ARGC00000001ARGV00000002ccDOTI00500000", 50);
	first = asked(id);
	assert_true(first < MIB);
	grant(id, first);
	expect_none(broker_sock);
	for (uint64_t sent = 0; sent + sizeof(piece) < first;
	     sent += sizeof(piece))
		say(c, piece, sizeof(piece));
	assert_in_range(asked(id), MIB, 2 * MIB);
	say(c, "more", 4);
	expect_none(broker_sock);
	grant(id, 0);
	expect_over(c, id, OVER_NO_BUDGET);
}

/* What has been read when the budget ends is neither lost nor doubled. */
static void
test_held(void **state)
{
	static uint8_t got[2 * MIB];
	struct imsg_job_request q;
	uint64_t id;
	struct msg m;
	char *body = malloc(MIB), head[64];
	int c = client(&id), n, at = 0;

	(void)state;
	assert_non_null(body);
	for (unsigned i = 0; i < MIB; i++)
		body[i] = (char)(i * 7 + i / 251);
	n = snprintf(head, sizeof(head),
	    "DIST00000001ARGC00000001ARGV00000002ccDOTI%08lx", MIB);
	say(c, head, (size_t)n);
	grant(id, asked(id));
	while (at < (int)MIB) {
		n = (int)send(c, body + at, MIB - (size_t)at, MSG_DONTWAIT);
		if (n > 0)
			at += n;
		turn();
		if (msg_recv(broker_sock, &m) == 1) {
			if (m.hdr.type == IMSG_JOB_REQUEST)
				break;
			assert_int_equal(m.hdr.type, IMSG_RESERVE);
			grant(id, ((struct imsg_reserve *)(void *)
			    m.body)->bytes);
		}
	}
	if (m.hdr.type != IMSG_JOB_REQUEST)
		expect(broker_sock, IMSG_JOB_REQUEST, id, &m);
	memcpy(&q, m.body, sizeof(q));
	assert_int_equal(q.bodies_len, MIB);
	assert_int_equal(pread(m.fds[1], got, sizeof(got), 0), MIB);
	assert_memory_equal(got, body, MIB);
	msg_done(&m);
	free(body);
	close(c);
	expect_over(-1, id, OVER_GONE);
}

static void
test_eof(void **state)
{
	static const struct {
		const char *name, *sent;
		uint32_t reason;
	} rows[] = {
		{ "at once", "", OVER_EMPTY },
		{ "in DIST", "DIST0000", OVER_PROTOCOL },
		{ "after DIST", "DIST00000001", OVER_PROTOCOL },
		{ "in a word", "DIST00000001ARGC00000002ARGV00000004cc",
		    OVER_PROTOCOL },
		{ "between words", "DIST00000001ARGC00000002ARGV00000002cc",
		    OVER_PROTOCOL },
		{ "its cpp failed", "DIST00000001ARGC00000001ARGV00000002cc",
		    OVER_NO_SOURCE },
		{ "in DOTI's header",
		    "DIST00000001ARGC00000001ARGV00000002ccDOTI",
		    OVER_PROTOCOL },
		{ "in the body", "DIST00000001ARGC00000001ARGV00000002cc"
		                 "DOTI00000005hell", OVER_PROTOCOL },
		{ "garbage", "GET / HTTP/1.1\r\n\r\n", OVER_PROTOCOL },
		{ "GSS", "*", OVER_PROTOCOL },
		{ "too many words", "DIST00000001ARGCffffffff",
		    OVER_TOO_BIG },
		{ "no words", "DIST00000001ARGC00000000", OVER_PROTOCOL },
		{ "too large", "DIST00000001ARGC00000001ARGV00000002cc"
		               "DOTIffffffff", OVER_TOO_BIG },
	};
	uint64_t id;
	unsigned before;
	int c;

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		print_message("  %s\n", rows[i].name);
		before = open_fds();
		c = client(&id);
		if (rows[i].sent[0] != '\0') {
			say(c, rows[i].sent, strlen(rows[i].sent));
			grant(id, asked(id));
		}
		assert_int_equal(shutdown(c, SHUT_WR), 0);
		expect_over(c, id, rows[i].reason);
		assert_int_equal(open_fds(), before);
	}
}

static void
test_waiting(void **state)
{
	uint64_t id;
	int c = ready(&id);

	(void)state;
	say(c, "extra bytes are not our business", 32);
	expect_none(broker_sock);
	assert_int_equal(shutdown(c, SHUT_WR), 0);
	expect_over(c, id, OVER_GONE);

	c = ready(&id);
	close(c);
	expect_over(-1, id, OVER_GONE);

	c = ready(&id);
	assert_int_equal(msg_send(broker_sock, IMSG_JOB_CLOSE, id, NULL, 0,
	    NULL, 0), 0);
	expect_over(c, id, OVER_CLOSED);
}

/* More than a request in one go: the rest is left alone. */
static void
test_extra(void **state)
{
	uint64_t id;
	struct msg m;
	int c = client(&id);

	(void)state;
	say(c, V1 V1, 2 * (sizeof(V1) - 1));
	grant(id, asked(id));
	expect(broker_sock, IMSG_JOB_REQUEST, id, &m);
	assert_int_equal(((struct imsg_job_request *)(void *)m.body)
	    ->bodies_len, 5);
	msg_done(&m);
	expect_none(broker_sock);
	close(c);
	expect_over(-1, id, OVER_GONE);
}

static void
test_reply(void **state)
{
	const struct imsg_job_reply r = { .proto = 1, .status = 0x100,
		.len = { 3, 2, 0, 0 } };
	static const char want[] = "DONE00000001STAT00000100SERR00000003err"
	                           "SOUT00000002okDOTO00000000";
	char got[256];
	uint64_t id;
	unsigned before = open_fds();
	int c = ready(&id);

	(void)state;
	reply_with(id, &r, result_fd("errok", 5, true));
	assert_int_equal(recv(c, got, sizeof(got), 0), sizeof(want) - 1);
	assert_memory_equal(got, want, sizeof(want) - 1);
	assert_int_equal(recv(c, got, sizeof(got), 0), 0);
	expect_none(broker_sock); /* it lingers until the client closes */
	close(c);
	expect_over(-1, id, OVER_ANSWERED);
	assert_int_equal(open_fds(), before);
}

/* A client that takes a few bytes at a time gets all of them. */
static void
test_partial(void **state)
{
	struct imsg_job_reply r = { .proto = 1, .len = { 0, 0, 300000, 0 } };
	static char body[300001], got[301000];
	int size = 2048, c, n, at = 0, stalls = 0;
	uint64_t id;

	(void)state;
	for (int i = 0; i < 300000; i++)
		body[i] = (char)(1 + i % 251);
	c = ready(&id);
	(void)setsockopt(front.conns->fd, SOL_SOCKET, SO_SNDBUF, &size,
	    sizeof(size));
	reply_with(id, &r, result_fd(body, 300000, true));
	while ((n = (int)recv(c, got + at, 777, MSG_DONTWAIT)) != 0) {
		if (n > 0) {
			at += n;
			continue;
		}
		assert_int_equal(errno, EAGAIN);
		stalls++;
		turn();
	}
	assert_int_equal(at, 60 + 300000);
	assert_memory_equal(got + 60, body, 300000);
	assert_true(stalls > 3);
	close(c);
	expect_over(-1, id, OVER_ANSWERED);
}

/* Results that a broken executor or broker might pass. */
static void
test_bad_results(void **state)
{
	enum what { SEALED, UNSEALED, LONGER, SHORTER, SPARSE, PIPE_FD, FILE_FD,
		DIR_FD };
	static const struct {
		const char *name;
		struct imsg_job_reply r;
		enum what fd;
	} rows[] = {
		{ "not sealed", { 1, 0, { 0, 0, 5, 0 } }, UNSEALED },
		{ "longer", { 1, 0, { 0, 0, 5, 0 } }, LONGER },
		{ "shorter", { 1, 0, { 0, 0, 5, 0 } }, SHORTER },
		{ "sparse", { 1, 0, { 0, 0, 1 << 20, 0 } }, SPARSE },
		{ "a pipe", { 1, 0, { 0, 0, 5, 0 } }, PIPE_FD },
		{ "a file", { 1, 0, { 0, 0, 5, 0 } }, FILE_FD },
		{ "a directory", { 1, 0, { 0, 0, 5, 0 } }, DIR_FD },
		{ "sum wraps", { 1, 0, { UINT64_MAX, 6, 0, 0 } }, SEALED },
		{ "over 32 bits", { 1, 0, { 0, 0, 1ULL << 32, 0 } }, SEALED },
		{ "other protocol", { 2, 0, { 0, 0, 5, 0 } }, SEALED },
		{ "protocol 0", { 0, 0, { 0, 0, 5, 0 } }, SEALED },
		{ "status 0x7f", { 1, 0x7f, { 0, 0, 5, 0 } }, SEALED },
		{ "status 2^16", { 1, 0x10000, { 0, 0, 5, 0 } }, SEALED },
	};
	uint64_t id;
	int c, fd, p[2];

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		print_message("  %s\n", rows[i].name);
		c = ready(&id);
		switch (rows[i].fd) {
		case PIPE_FD:
			assert_int_equal(pipe(p), 0);
			close(p[1]);
			fd = p[0];
			break;
		case FILE_FD:
			fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
			break;
		case DIR_FD:
			fd = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
			break;
		case LONGER:
			fd = result_fd("hello", 6, true);
			break;
		case SHORTER:
			fd = result_fd("hell", 4, true);
			break;
		case SPARSE:
			fd = result_fd("", 1 << 20, true);
			break;
		case UNSEALED:
		case SEALED:
		default:
			fd = result_fd("hello", 5, rows[i].fd == SEALED);
			break;
		}
		reply_with(id, &rows[i].r, fd);
		expect_over(c, id, OVER_CLOSED);
	}
}

/* Another user's memfd is no result, whatever its seals. */
static void
test_foreign(void **state)
{
	const struct imsg_job_reply r = { .proto = 1,
		.len = { 0, 0, 5, 0 } };
	uint64_t id;
	int c = ready(&id);

	(void)state;
	front.broker_uid = front.executor_uid = getuid() + 1;
	reply_with(id, &r, result_fd("hello", 5, true));
	expect_over(c, id, OVER_CLOSED);
	front.broker_uid = getuid();
	c = ready(&id);
	reply_with(id, &r, result_fd("hello", 5, true));
	close(c);
	expect_over(-1, id, OVER_ANSWERED);
	front.executor_uid = getuid();
}

/* Late answers for what has ended are dropped, and close what they bring. */
static void
test_unknown(void **state)
{
	const struct imsg_job_reply r = { .proto = 1 };
	uint64_t id;
	unsigned before;
	int c = ready(&id);

	(void)state;
	before = open_fds();
	reply_with(id + 1000, &r, result_fd("", 0, true));
	assert_int_equal(msg_send(broker_sock, IMSG_JOB_CLOSE, id + 1000, NULL,
	    0, NULL, 0), 0);
	turn();
	expect_none(broker_sock);
	assert_int_equal(open_fds(), before);
	assert_int_equal(front.nconns, 1);
	close(c);
	expect_over(-1, id, OVER_GONE);
}

/* What a broker or monitor must not say ends the front: each in a process of
 * its own. */
static void
test_not_permitted(void **state)
{
	static const struct {
		const char *name;
		bool monitor;
		uint32_t type, len;
		unsigned nfds;
		int to; /* 0: a waiting connection; 1: one that reads */
	} rows[] = {
		{ "RESERVED unasked", false, IMSG_RESERVED,
		    sizeof(struct imsg_reserve), 0, 0 },
		{ "REPLY to one that reads", false, IMSG_JOB_REPLY,
		    sizeof(struct imsg_job_reply), 1, 1 },
		{ "REPLY without a result", false, IMSG_JOB_REPLY,
		    sizeof(struct imsg_job_reply), 0, 0 },
		{ "REPLY with two", false, IMSG_JOB_REPLY,
		    sizeof(struct imsg_job_reply), 2, 0 },
		{ "REPLY too short", false, IMSG_JOB_REPLY, 8, 1, 0 },
		{ "CONN from the broker", false, IMSG_CONN,
		    sizeof(struct imsg_conn), 1, 0 },
		{ "REPLY from the monitor", true, IMSG_JOB_REPLY,
		    sizeof(struct imsg_job_reply), 1, 0 },
		{ "CONN without a socket", true, IMSG_CONN,
		    sizeof(struct imsg_conn), 0, 0 },
		{ "STARTED to one that reads", false, IMSG_JOB_STARTED, 0, 0,
		    1 },
		{ "STARTED from the monitor", true, IMSG_JOB_STARTED, 0, 0,
		    0 },
		{ "CONN_SHED from the broker", false, IMSG_CONN_SHED, 0, 0,
		    0 },
		{ "SHED from the monitor", true, IMSG_SHED, 0, 0, 0 },
		{ "SETTINGS from the broker", false, IMSG_SETTINGS,
		    sizeof(struct imsg_settings), 0, 0 },
		{ "JOB_START", false, IMSG_JOB_START,
		    sizeof(struct imsg_job_start), 2, 0 },
		{ "type 0", true, 0, 0, 0, 0 },
	};
	static const uint8_t zero[256];
	int status, fds[2], c;
	uint64_t id;
	struct msg m;
	pid_t pid;

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		print_message("  %s\n", rows[i].name);
		c = rows[i].to == 0 ? ready(&id) : client(&id);
		fds[0] = result_fd("", 0, true);
		fds[1] = fds[0];
		pid = fork();
		if (pid == 0) {
			if (msg_send(rows[i].monitor ? monitor_sock :
			        broker_sock, rows[i].type, id, zero,
			        rows[i].len, fds, rows[i].nfds) < 0)
				_exit(1);
			for (int k = 0; k < 100; k++)
				round_of_events(&front);
			_exit(2);
		}
		assert_int_equal(waitpid(pid, &status, 0), pid);
		assert_true(WIFEXITED(status));
		assert_int_equal(WEXITSTATUS(status), rows[i].monitor ?
		    ROLE_EXIT_PROTOCOL : ROLE_EXIT_BROKER);
		close(fds[0]);
		expect(monitor_sock, IMSG_AUDIT_EVENT, 0, &m);
		msg_done(&m);
		close(c);
		expect_over(-1, id, rows[i].to == 0 ? OVER_GONE : OVER_EMPTY);
	}
}

/*
 * Hundreds of clients at once while the broker is busy elsewhere: no queue
 * that fills ends the front, and everybody is told of everybody in the end.
 */
static void
test_busy_broker(void **state)
{
	enum { MANY = 600 };
	static int c[MANY];
	uint64_t id, first = serial + 1;
	static bool seen[MANY];
	unsigned overs = 0, ends = 0, asks = 0;
	struct imsg_reserve r = { .bytes = MIB };
	struct msg m;

	(void)state;
	for (int i = 0; i < MANY; i++) {
		c[i] = client(&id);
		say(c[i], "D", 1); /* each asks for budget */
	}
	assert_int_equal(front.nconns, MANY);
	assert_int_equal(front.asked, FRONT_ASKED_MAX);
	for (int i = 0; i < MANY; i += 2)
		close(c[i]);
	turn();
	for (int k = 0; k < 100000 && (overs < MANY / 2 || asks < MANY / 2 ||
	    ends < MANY / 2); k++) {
		if (msg_recv(broker_sock, &m) == 1) {
			if (m.hdr.type == IMSG_RESERVE) {
				asks++;
				assert_int_equal(msg_send(broker_sock,
				    IMSG_RESERVED, m.hdr.job, &r, sizeof(r),
				    NULL, 0), 0);
			} else {
				assert_int_equal(m.hdr.type, IMSG_CONN_OVER);
				assert_false(seen[m.hdr.job - first]);
				seen[m.hdr.job - first] = true;
				overs++;
			}
			continue;
		}
		while (msg_recv(monitor_sock, &m) == 1)
			ends++;
		turn();
	}
	assert_int_equal(overs, MANY / 2);
	assert_int_equal(ends, MANY / 2);
	assert_int_equal(front.nconns, MANY / 2);
	for (int i = 1; i < MANY; i += 2)
		close(c[i]);
	for (int k = 0; k < 100000 && (front.nconns > 0 || front.asked > 0);
	    k++) {
		turn();
		while (msg_recv(broker_sock, &m) == 1)
			if (m.hdr.type == IMSG_RESERVE)
				assert_int_equal(msg_send(broker_sock,
				    IMSG_RESERVED, m.hdr.job, &r, sizeof(r),
				    NULL, 0), 0);
		while (msg_recv(monitor_sock, &m) == 1)
			msg_done(&m);
	}
	assert_int_equal(front.nconns, 0);
	assert_int_equal(front.asked, 0);
	assert_false(front.untold);
}

static void
test_deadlines(void **state)
{
	static const struct {
		const char *name, *sent;
		uint64_t ms; /* allowed */
		uint32_t reason;
	} rows[] = {
		{ "nothing comes", "", LIMIT_FIRST_BYTE_MS, OVER_TIMEOUT },
		{ "a token stalls", "DIST0000", LIMIT_TOKEN_MS,
		    OVER_TIMEOUT },
		{ "its cpp takes long",
		    "DIST00000001ARGC00000001ARGV00000002cc",
		    LIMIT_PREPROCESS_MS, OVER_TIMEOUT },
		{ "a body stalls", "DIST00000001ARGC00000001ARGV00000002cc"
		                   "DOTI00000005h", LIMIT_TOKEN_MS,
		    OVER_TIMEOUT },
	};
	uint64_t id, left;
	int c;

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		print_message("  %s\n", rows[i].name);
		c = client(&id);
		if (rows[i].sent[0] != '\0') {
			say(c, rows[i].sent, strlen(rows[i].sent));
			grant(id, asked(id));
		}
		left = (front.conns->deadline_us - now_us()) / 1000;
		assert_in_range(left, rows[i].ms - 2000, rows[i].ms);
		expire(&front);
		assert_false(front.conns->over);
		front.conns->deadline_us = now_us() - 1;
		expire(&front);
		expect_over(c, id, rows[i].reason);
	}
}

/* A byte every second is less than LIMIT_UPLOAD_RATE: there is an end. */
static void
test_trickle(void **state)
{
	uint64_t id, allowed;
	int c = client(&id), n = 0;

	(void)state;
	say(c, "DIST00000001ARGC00000001ARGV0000ffff", 36);
	grant(id, asked(id));
	for (; !front.conns->over && n < 100; n++) {
		/* as if a second had passed */
		front.conns->waits_since_us -= 1000000;
		front.conns->deadline_us -= 1000000;
		expire(&front);
		if (!front.conns->over)
			say(c, "x", 1);
	}
	allowed = LIMIT_TOKEN_MS / 1000;
	assert_in_range(n, allowed - 2, allowed + 2);
	expect_over(c, id, OVER_TIMEOUT);
}

/* The monitor may still have its copy of the socket when the client is gone
 * and forgotten: nothing of that connection may be heard of any more. */
static void
test_copy_lives(void **state)
{
	struct imsg_conn ic = { .peer = { .port = 1 } };
	struct pollfd p = { .fd = front.epoll_fd, .events = POLLIN };
	struct msg m;
	int sv[2];

	(void)state;
	assert_int_equal(socketpair(AF_UNIX,
	    SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, sv), 0);
	assert_int_equal(msg_send(monitor_sock, IMSG_CONN, ++serial, &ic,
	    sizeof(ic), &sv[0], 1), 0);
	close(sv[1]);
	expect(broker_sock, IMSG_CONN_OVER, serial, &m);
	expect(monitor_sock, IMSG_CONN_END, serial, &m);
	assert_int_equal(front.nconns, 0);
	assert_int_equal(poll(&p, 1, 0), 0);
	close(sv[0]);
}

/* -- shed -- */

static void
shed(bool monitor, uint64_t id)
{
	assert_int_equal(monitor ?
	    msg_send(monitor_sock, IMSG_CONN_SHED, 0, NULL, 0, NULL, 0) :
	    msg_send(broker_sock, IMSG_SHED, id, NULL, 0, NULL, 0), 0);
	turn();
}

/* One that has been here for @ms, and sent so much. */
static int
slow_client(uint64_t ms, uint64_t bytes, uint64_t *ret_id)
{
	int c = client(ret_id);
	struct conn *conn = conn_find(&front, *ret_id);

	assert_non_null(conn);
	conn->accepted_us = now_us() - ms * 1000;
	conn->bytes_in = bytes;
	return c;
}

static bool
is_there(uint64_t id)
{
	return conn_find(&front, id) != NULL;
}

/* The monitor has no connection left: the slowest ends, one for each time it
 * says so, as long as one is slow. */
static void
test_shed_slowest(void **state)
{
	uint64_t id[5], waits, gone[] = { 3, 0, 4, 1 };
	struct msg m;
	int c[5], w;

	(void)state;
	w = ready(&waits); /* not slow, whatever its age: it waits for us */
	conn_find(&front, waits)->accepted_us = 0;
	c[0] = slow_client(60000, 0, &id[0]);
	c[1] = slow_client(60000, 4 * MIB, &id[1]);
	c[2] = slow_client(LIMIT_SLOW_MS / 2, 0, &id[2]); /* not yet */
	c[3] = slow_client(70000, 100, &id[3]);
	c[4] = slow_client(60000, 100000, &id[4]);
	for (size_t i = 0; i < ROWS(gone); i++) {
		assert_true(is_there(id[gone[i]]));
		shed(true, 0);
		assert_false(is_there(id[gone[i]]));
		expect(broker_sock, IMSG_CONN_OVER, id[gone[i]], &m);
		assert_int_equal(((const struct imsg_conn_over *)(const void *)
		        m.body)->reason, OVER_SHED);
		expect(monitor_sock, IMSG_CONN_END, id[gone[i]], &m);
		close(c[gone[i]]);
	}
	shed(true, 0);
	expect_none(broker_sock);
	assert_true(is_there(waits) && is_there(id[2]));
	close(c[2]);
	expect(broker_sock, IMSG_CONN_OVER, id[2], &m);
	expect(monitor_sock, IMSG_CONN_END, id[2], &m);
	close(w);
	expect_over(-1, waits, OVER_GONE);
}

/* Whoever does not take his reply is awaited as well. */
static void
test_shed_reply(void **state)
{
	static char body[4 * MIB];
	const struct imsg_job_reply r = { .proto = 1,
		.len = { 0, 0, sizeof(body), 0 } };
	uint64_t id;
	int c = ready(&id), fd = memfd_new("result");

	(void)state;
	assert_int_equal(write(fd, body, sizeof(body)), sizeof(body));
	assert_int_equal(memfd_seal(fd), 0);
	reply_with(id, &r, fd);
	assert_int_equal(conn_find(&front, id)->phase, CONN_REPLYING);
	shed(true, 0);
	assert_true(is_there(id));
	conn_find(&front, id)->answer_us = now_us() - 9000000;
	shed(true, 0);
	assert_false(is_there(id));
	close(c);
	expect_over(-1, id, OVER_SHED);
}

/* The broker names one whose bytes it has given away: in any phase. */
static void
test_shed_named(void **state)
{
	uint64_t id, other;
	struct msg m;
	int c = client(&id), o;

	(void)state;
	shed(false, id);
	expect_over(c, id, OVER_SHED);
	c = client(&id);
	say(c, V1, 30);
	(void)asked(id); /* the answer is on its way */
	o = client(&other);
	shed(false, id);
	expect(broker_sock, IMSG_CONN_OVER, id, &m);
	expect(monitor_sock, IMSG_CONN_END, id, &m);
	grant(id, 0);
	assert_true(is_there(other));
	close(c);
	close(o);
	expect_over(-1, other, OVER_EMPTY);
	c = ready(&id); /* whole before the broker's word came */
	shed(false, id);
	expect_over(c, id, OVER_SHED);
	shed(false, id); /* nobody's any more */
	expect_none(broker_sock);
}

static void
test_drain(void **state)
{
	struct imsg_conn ic = { .peer = { .port = 1 } };
	uint64_t id;
	int sv[2], c = ready(&id);
	struct msg m;
	char b;

	(void)state;
	assert_int_equal(msg_send(monitor_sock, IMSG_DRAIN, 0, NULL, 0, NULL,
	    0), 0);
	turn();
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, sv), 0);
	assert_int_equal(msg_send(monitor_sock, IMSG_CONN, 999999, &ic,
	    sizeof(ic), &sv[0], 1), 0);
	close(sv[0]);
	expect(broker_sock, IMSG_CONN_OVER, 999999, &m); /* on record, too */
	expect(monitor_sock, IMSG_CONN_END, 999999, &m);
	assert_int_equal(recv(sv[1], &b, 1, 0), 0);
	close(sv[1]);
	/* what is under way goes on */
	reply_with(id, &(struct imsg_job_reply){ .proto = 1 },
	    result_fd("", 0, true));
	assert_int_equal(recv(c, &b, 1, 0), 1);
	front.draining = false;
	close(c);
	expect_over(-1, id, OVER_ANSWERED);
}

/* -- drip -- */

static void
settings(uint32_t drip_ms)
{
	const struct imsg_settings s = { .drip_ms = drip_ms,
		.job_ms = 1800000, .limits = limits_built_in };

	assert_int_equal(msg_send(monitor_sock, IMSG_SETTINGS, 0, &s,
	    sizeof(s), NULL, 0), 0);
	turn();
}

static void
started(uint64_t id)
{
	assert_int_equal(msg_send(broker_sock, IMSG_JOB_STARTED, id, NULL, 0,
	    NULL, 0), 0);
	turn();
}

/* As if @n intervals passed; returns how many bytes came of it, into @got. */
static int
intervals(int c, int n, char *got)
{
	int have = 0, r;

	for (int i = 0; i < n; i++) {
		front.drip_us = 0;
		if (front.conns != NULL)
			front.conns->drip_us = 0;
		drip_due(&front);
		drip_due(&front); /* not twice */
		r = (int)recv(c, got + have, 100, MSG_DONTWAIT);
		assert_true(r <= 1);
		have += r > 0 ? r : 0;
	}
	conn_sweep(&front);
	return have;
}

/* Nothing goes out while a job waits, nor with --drip 0, nor too early. */
static void
test_drip_when(void **state)
{
	char got[8];
	uint64_t id;
	int c;

	(void)state;
	settings(60000);
	c = ready(&id);
	assert_int_equal(intervals(c, 3, got), 0);
	assert_int_equal(drip_next_ms(&front, 1000), 1000);
	started(id);
	assert_int_equal(recv(c, got, 1, MSG_DONTWAIT), -1);
	assert_in_range((front.drip_us - now_us()) / 1000, 50000, 60000);
	settings(500);
	assert_in_range(drip_next_ms(&front, 1000), 300, 501);
	assert_int_equal(intervals(c, 2, got), 2);
	assert_memory_equal(got, "DO", 2);
	settings(0);
	assert_int_equal(intervals(c, 3, got), 0);
	close(c);
	expect_over(-1, id, OVER_GONE);
	assert_int_equal(drip_next_ms(&front, 1000), 1000);
}

/* Every number of bytes that may be out before the answer, and every way the
 * job may end then: the client reads one whole reply. */
static void
test_drip_answers(void **state)
{
	static const uint32_t statuses[] = { 0, 0x100, 0x6e00, 9, 0x1f };
	static char got[8192], want[8192];
	struct imsg_job_reply r = { .proto = 1, .len = { 3, 2, 0, 0 } };
	uint64_t id;
	int c, n, len, out;

	(void)state;
	settings(1000);
	for (uint32_t sent = 0; sent <= DRIP_OPEN; sent++)
		for (size_t i = 0; i < ROWS(statuses); i++) {
			r.status = statuses[i];
			r.len[PART_DOTO] = r.status == 0 ? 4 : 0;
			c = ready(&id);
			started(id);
			n = intervals(c, (int)sent, got);
			assert_int_equal(n, sent);
			out = result_fd(r.status == 0 ? "errokobjt" : "errok",
			    r.status == 0 ? 9 : 5, true);
			reply_with(id, &r, out);
			n += (int)recv(c, got + n, sizeof(got) - (size_t)n, 0);
			len = snprintf(want, sizeof(want),
			    "DONE00000001STAT%08xSERR00000003errSOUT00000002ok"
			    "DOTO0000000%s", drip_status(sent, r.status),
			    r.status == 0 ? "4objt" : "0");
			assert_int_equal(n, len);
			assert_memory_equal(got, want, (size_t)len);
			close(c);
			expect_over(-1, id, OVER_ANSWERED);
		}
}

static void
expect_promised(void)
{
	struct msg m;

	expect(monitor_sock, IMSG_AUDIT_EVENT, 0, &m);
	assert_string_equal(((struct imsg_audit_event *)(void *)m.body)->word,
	    "drip.promised");
}

/* The text is as long as announced wherever the answer meets it, says of lost
 * messages when there were any, and the object follows whole. */
static void
test_drip_promise(void **state)
{
	static const int sents[] = { 24, 30, 36, 37, 100, 5000 };
	static char got[8192];
	struct imsg_job_reply r = { .proto = 1, .len = { 0, 2, 4, 0 } };
	unsigned before = open_fds(), text;
	uint64_t id;
	int c, n;

	(void)state;
	settings(10000);
	for (size_t i = 0; i < 2 * ROWS(sents); i++) {
		r.len[PART_SERR] = i % 2 == 0 ? 0 : 3;
		c = ready(&id);
		started(id);
		n = intervals(c, sents[i / 2], got);
		expect_promised();
		assert_true(n == sents[i / 2] || (n > 200 && n < 600));
		reply_with(id, &r, i % 2 == 0 ? result_fd("okobjt", 6, true) :
		    result_fd("errokobjt", 9, true));
		n += (int)recv(c, got + n, sizeof(got) - (size_t)n, 0);
		got[n] = '\0';
		assert_int_equal(sscanf(got, "DONE00000001STAT00000000SERR%8x",
		    &text), 1);
		assert_in_range(text, DRIP_TEXT_MIN, DRIP_TEXT_MIN + 180);
		assert_string_equal(got + DRIP_HEAD + text,
		    "SOUT00000002okDOTO00000004objt");
		assert_int_equal(strstr(got, "had messages") != NULL, i % 2);
		close(c);
		expect_over(-1, id, OVER_ANSWERED);
	}
	assert_int_equal(open_fds(), before);
}

static void
test_drip_broken_promise(void **state)
{
	static char got[64];
	struct imsg_job_reply r = { .proto = 1, .status = 0x100 };
	uint64_t id;
	int c;

	(void)state;
	settings(1000);
	c = ready(&id);
	started(id);
	assert_int_equal(intervals(c, 24, got), 24);
	expect_promised();
	reply_with(id, &r, result_fd("", 0, true));
	expect_over(c, id, OVER_PROMISED);
}

/* One that does not read costs nothing but its own socket's buffer. */
static void
test_drip_full(void **state)
{
	static const char junk[4096];
	char got[8];
	uint64_t id;
	int c;

	(void)state;
	settings(1000);
	c = ready(&id);
	started(id);
	while (send(front.conns->fd, junk, sizeof(junk), MSG_DONTWAIT) > 0)
		;
	while (send(front.conns->fd, junk, 1, MSG_DONTWAIT) > 0)
		;
	for (int i = 0; i < 3; i++) {
		front.drip_us = front.conns->drip_us = 0;
		drip_due(&front);
	}
	assert_int_equal(front.conns->dripped, 0);
	assert_false(front.conns->over);
	while (recv(c, got, sizeof(got), MSG_DONTWAIT) > 0)
		;
	assert_int_equal(intervals(c, 1, got), 1);
	assert_int_equal(got[0], 'D');
	close(c);
	expect_over(-1, id, OVER_GONE);
	settings(0);
}

static int
set_up(void **state)
{
	int m[2], b[2];
	struct rlimit l;

	(void)state;
	/* both ends of many connections: a usual soft limit is 1024 */
	if (getrlimit(RLIMIT_NOFILE, &l) < 0)
		return -1;
	l.rlim_cur = l.rlim_max;
	if (setrlimit(RLIMIT_NOFILE, &l) < 0)
		return -1;
	if (msg_pair(m) < 0 || msg_pair(b) < 0)
		return -1;
	monitor_sock = fcntl(m[0], F_DUPFD_CLOEXEC, 100);
	broker_sock = fcntl(b[0], F_DUPFD_CLOEXEC, 100);
	m[1] = fcntl(m[1], F_DUPFD_CLOEXEC, 100);
	b[1] = fcntl(b[1], F_DUPFD_CLOEXEC, 100);
	if (dup2(m[1], ROLE_FD_MONITOR) < 0 || dup2(b[1], FRONT_FD_BROKER) < 0)
		return -1;
	close(m[1]);
	close(b[1]);
	front.broker_uid = front.executor_uid = getuid();
	front.settings.limits = limits_built_in;
	front.epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	watch_role(&front, ROLE_FD_MONITOR, &tag_monitor);
	watch_role(&front, FRONT_FD_BROKER, &tag_broker);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_byte_at_a_time),
		cmocka_unit_test(test_no_budget),
		cmocka_unit_test(test_held),
		cmocka_unit_test(test_eof),
		cmocka_unit_test(test_waiting),
		cmocka_unit_test(test_extra),
		cmocka_unit_test(test_reply),
		cmocka_unit_test(test_partial),
		cmocka_unit_test(test_bad_results),
		cmocka_unit_test(test_foreign),
		cmocka_unit_test(test_unknown),
		cmocka_unit_test(test_not_permitted),
		cmocka_unit_test(test_busy_broker),
		cmocka_unit_test(test_deadlines),
		cmocka_unit_test(test_trickle),
		cmocka_unit_test(test_copy_lives),
		cmocka_unit_test(test_drip_when),
		cmocka_unit_test(test_drip_answers),
		cmocka_unit_test(test_drip_promise),
		cmocka_unit_test(test_drip_broken_promise),
		cmocka_unit_test(test_drip_full),
		cmocka_unit_test(test_shed_slowest),
		cmocka_unit_test(test_shed_reply),
		cmocka_unit_test(test_shed_named),
		cmocka_unit_test(test_drain),
	};

	return cmocka_run_group_tests_name("front", tests, set_up, NULL);
}
