/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sending and receiving (converse.h).  A server that hangs up while the
 * request is still being sent may have replied: the reply is always read. */
#include "converse.h"
#include "node/wire/reply.h"
#include "node/wire/token.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

int
connect_to(const char *host, const char *port)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM }, *list, *a;
	int fd = -1, one = 1, r;

	r = getaddrinfo(host, port, &hints, &list);
	if (r != 0)
		die(host, gai_strerror(r));
	for (a = list; a != NULL && fd < 0; a = a->ai_next) {
		fd = socket(a->ai_family, a->ai_socktype | SOCK_CLOEXEC, 0);
		if (fd < 0 || connect(fd, a->ai_addr, a->ai_addrlen) == 0)
			continue;
		close(fd);
		fd = -1;
	}
	freeaddrinfo(list);
	if (fd < 0)
		die(host, strerror(errno));
	/* A byte at a time must be a segment at a time. */
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	return fd;
}

static double
now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void
pause_ms(long ms)
{
	struct timespec t = { ms / 1000, ms % 1000 * 1000000 };

	if (ms > 0)
		nanosleep(&t, NULL);
}

/* 0, or -1 when the server has hung up. */
static int
send_all(int fd, const uint8_t *p, size_t n)
{
	while (n != 0) {
		ssize_t r = send(fd, p, n, MSG_NOSIGNAL);

		if (r < 0)
			return -1;
		p += r;
		n -= (size_t)r;
	}
	return 0;
}

static int
send_slowly(int fd, const uint8_t *p, size_t n, long byte_ms)
{
	size_t i;

	if (byte_ms <= 0)
		return send_all(fd, p, n);
	for (i = 0; i < n; i++) {
		if (send_all(fd, p + i, 1) != 0)
			return -1;
		pause_ms(byte_ms);
	}
	return 0;
}

static void
send_request(int fd, const struct message *m, const struct manners *how)
{
	size_t limit = m->wire.len, at = 0, end, i;

	if (how->truncate >= 0 && (size_t)how->truncate < limit)
		limit = (size_t)how->truncate;
	if (how->token_ms <= 0) { /* in as few segments as there can be */
		send_slowly(fd, m->wire.p, limit, how->byte_ms);
		return;
	}
	for (i = 0; i < m->nends && at < limit; i++) {
		end = m->ends[i] < limit ? m->ends[i] : limit;
		if (send_slowly(fd, m->wire.p + at, end - at, how->byte_ms))
			return;
		at = end;
		if (at < limit)
			pause_ms(how->token_ms);
	}
}

struct input {
	int fd;
	double deadline;
	size_t got;
};

static enum outcome
receive(struct input *in, void *p, size_t n)
{
	uint8_t *to = p;

	while (n != 0) {
		struct pollfd pf = { .fd = in->fd, .events = POLLIN };
		double left = in->deadline - now();
		ssize_t r;

		if (left <= 0 || poll(&pf, 1, (int)(left * 1e3) + 1) == 0)
			return REPLY_TIMEOUT;
		r = recv(in->fd, to, n, 0);
		if (r <= 0)
			return REPLY_CLOSED;
		to += r;
		n -= (size_t)r;
		in->got += (size_t)r;
	}
	return REPLY_WHOLE;
}

static enum outcome
receive_token(struct input *in, const char *name, uint32_t *value)
{
	uint8_t tok[WIRE_TOKEN];
	enum outcome o = receive(in, tok, sizeof(tok));

	if (o != REPLY_WHOLE)
		return o;
	if (!token_is(tok, name) || !token_value(tok, value))
		return REPLY_GARBLED;
	return REPLY_WHOLE;
}

static enum outcome
receive_body(struct input *in, const char *name, struct bytes *b)
{
	uint8_t piece[16384];
	uint32_t left;
	enum outcome o = receive_token(in, name, &left);

	while (o == REPLY_WHOLE && left != 0) {
		uint32_t n = left < sizeof(piece) ? left : sizeof(piece);

		o = receive(in, piece, n);
		if (o == REPLY_WHOLE)
			bytes_add(b, piece, n);
		left -= n;
	}
	return o;
}

static enum outcome
receive_reply(struct input *in, struct reply *r)
{
	static const char *const names[] = { "SERR", "SOUT", "DOTO", "DOTD" };
	enum outcome o;
	int i, n;

	o = receive_token(in, "DONE", &r->proto);
	if (o == REPLY_WHOLE)
		o = receive_token(in, "STAT", &r->status);
	r->has_deps = reply_has_deps(r->proto, r->status);
	n = r->has_deps ? REPLY_PARTS : REPLY_PARTS - 1;
	for (i = 0; i < n && o == REPLY_WHOLE; i++)
		o = receive_body(in, names[i], &r->part[i]);
	return o;
}

enum outcome
converse(int fd, const struct message *m, const struct manners *how,
    struct reply *r, size_t *got, double *seconds)
{
	struct input in = { .fd = fd };
	enum outcome o = REPLY_NONE;
	double start;

	memset(r, 0, sizeof(*r));
	send_request(fd, m, how);
	start = now();
	in.deadline = start + how->timeout_s;
	if (how->half_close)
		shutdown(fd, SHUT_WR);
	if (how->hang_up)
		pause_ms(how->linger_ms);
	else
		o = receive_reply(&in, r);
	*got = in.got;
	*seconds = now() - start;
	close(fd);
	return o;
}

void
reply_done(struct reply *r)
{
	int i;

	for (i = 0; i < REPLY_PARTS; i++)
		bytes_done(&r->part[i]);
}
