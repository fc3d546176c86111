/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A reply on its way out: the token headers and the four bodies of the sealed
 * result in one gathered write (wire-protocol §1.4, §5.2).
 */
#include "conn.h"
#include "../common/fd.h"
#include "../common/limits.h"
#include "../common/memfd.h"
#include "../wire/drip.h"
#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/socket.h>

/* Without progress for so long, or slower than the least rate over all. */
static void
set_reply_deadline(const struct front *f, struct conn *c)
{
	const struct limits *l = &f->settings.limits;
	uint64_t ms = l->reply_ms + c->bytes_out * 1000 / l->reply_rate;
	uint64_t spent = (now_us() - c->answer_us) / 1000;

	ms = ms > spent ? ms - spent : 0;
	conn_deadline(c, ms < l->reply_ms ? ms : l->reply_ms);
}

static void
add(struct conn *c, void *p, size_t n)
{
	if (n == 0)
		return;
	c->iov[c->iov_count].iov_base = p;
	c->iov[c->iov_count].iov_len = n;
	c->iov_count++;
}

static uint64_t
total(const struct imsg_job_reply *r)
{
	uint64_t sum = 0;

	for (int i = 0; i < PART_COUNT; i++) {
		if (r->len[i] > limits_most.object * 2 ||
		    r->len[i] > UINT32_MAX)
			return UINT64_MAX;
		sum += r->len[i];
	}
	return sum;
}

/* Map the result after it has been checked, never before: a memfd that is not
 * sealed can shrink under the reader (security-rules 12). */
static int
map_result(const struct front *f, struct conn *c, int fd, uint64_t size)
{
	void *m;

	if (memfd_check(fd, size, f->executor_uid) != MEMFD_OK &&
	    memfd_check(fd, size, f->broker_uid) != MEMFD_OK)
		return -EPROTO;
	if (size == 0)
		return 0;
	m = mmap(NULL, size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (m == MAP_FAILED)
		return -errno;
	c->map = m;
	c->map_len = size;
	return 0;
}

static void
advance(struct conn *c, size_t n)
{
	struct iovec *v;

	while (c->iov_at < c->iov_count) {
		v = &c->iov[c->iov_at];
		if (n < v->iov_len) {
			v->iov_base = (uint8_t *)v->iov_base + n;
			v->iov_len -= n;
			return;
		}
		n -= v->iov_len;
		c->iov_at++;
	}
}

/* The text that was promised in place of the compiler's messages. */
static void
add_promise(struct conn *c, bool lost)
{
	c->promise_len = drip_text(c->promise, c->frame.proto,
	    c->promise_chars, lost);
	reply_token(c->tokens[2], "SERR", (uint32_t)c->promise_len);
	add(c, c->promise, c->promise_len);
}

/* What of it is out already (drip.c) is left out again. */
static void
gather(struct conn *c, const struct imsg_job_reply *r)
{
	static const char names[PART_COUNT][5] = { "SERR", "SOUT", "DOTO",
		"DOTD" };
	uint8_t *body = c->map;
	int parts = reply_has_deps(r->proto, r->status) ? PART_COUNT :
	                                                   PART_DOTD;

	c->iov_at = c->iov_count = 0;
	reply_token(c->tokens[0], "DONE", r->proto);
	reply_token(c->tokens[1], "STAT", c->promise != NULL ? r->status :
	    drip_status(c->dripped, r->status));
	add(c, c->tokens[0], 2 * REPLY_TOKEN);
	for (int i = 0; i < parts; i++) {
		reply_token(c->tokens[2 + i], names[i], (uint32_t)r->len[i]);
		add(c, c->tokens[2 + i], REPLY_TOKEN);
		if (i == PART_SERR && c->promise != NULL)
			add_promise(c, r->len[i] > 0);
		else
			add(c, body, (size_t)r->len[i]);
		if (body != NULL)
			body += r->len[i];
	}
	advance(c, c->dripped);
}

void
answer_start(struct front *f, struct conn *c, const struct imsg_job_reply *r,
    int result)
{
	int e;

	if (total(r) == UINT64_MAX || r->proto != c->frame.proto ||
	    reply_status_is_trap(r->status))
		e = -EPROTO;
	else
		e = map_result(f, c, result, total(r));
	fd_discard(result);
	if (e < 0) {
		conn_end(c, OVER_CLOSED);
		return;
	}
	if (c->promise != NULL && r->status != 0) {
		conn_end(c, OVER_PROMISED);
		return;
	}
	gather(c, r);
	c->phase = CONN_REPLYING;
	c->answer_us = now_us();
	set_reply_deadline(f, c);
	answer_writable(f, c);
}

void
answer_writable(struct front *f, struct conn *c)
{
	ssize_t n;

	/* Not sendmsg(2): a client may be a process of this machine, and that
	 * call could hand it our descriptors (front.policy).  The monitor has
	 * made the socket non-blocking; SIGPIPE is ignored (role.c). */
	n = writev(c->fd, c->iov + c->iov_at, c->iov_count - c->iov_at);
	if (n < 0 && errno != EAGAIN && errno != EINTR) {
		conn_end(c, OVER_GONE);
		return;
	}
	if (n > 0) {
		advance(c, (size_t)n);
		c->bytes_out += (uint64_t)n;
		set_reply_deadline(f, c);
	}
	if (c->iov_at < c->iov_count) {
		conn_watch(f, c, EPOLLOUT);
		return;
	}
	(void)shutdown(c->fd, SHUT_WR);
	c->phase = CONN_LINGERING;
	/* Closing first, with bytes of its unread, would reset the connection
	 * and could take the reply with it (RFC 1122 4.2.2.13). */
	conn_deadline(c, LIMIT_LINGER_MS);
	conn_watch(f, c, EPOLLIN);
}

void
answer_linger(struct conn *c)
{
	uint8_t waste[4096];
	ssize_t n;

	n = recv(c->fd, waste, sizeof(waste), MSG_DONTWAIT);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0)
		conn_end(c, OVER_ANSWERED);
}
