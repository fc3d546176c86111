/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A request on its way in: framed, charged, stored; never decompressed, never
 * parsed beyond its framing.  When it is complete it leaves as two sealed
 * memfds, and only then does it ask for a slot.
 */
#include "conn.h"
#include "../common/fd.h"
#include "../common/limits.h"
#include "../common/memfd.h"
#include "../common/message.h"
#include "../common/role.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#define READ_BYTES (64U * 1024U)
/* Budget is asked for in steps, so that a pump request of a hundred files
 * does not ask a hundred times; the first is small, because a client has as
 * many connections as it likes to send a byte on. */
#define RESERVE_STEP  (256U * 1024U)
/* … and for a body at least so much at once, if it is that long. */
#define RESERVE_AHEAD (1024U * 1024U)

static uint8_t read_buf[READ_BYTES];

static void
ask_budget(struct front *f, struct conn *c, uint64_t bytes)
{
	c->unasked = (bytes + RESERVE_STEP - 1) / RESERVE_STEP * RESERVE_STEP;
	c->phase = CONN_RESERVING;
	conn_watch(f, c, 0);
	if (!upload_ask(f, c))
		f->untold = true; /* conn_sweep will */
}

bool
upload_ask(struct front *f, struct conn *c)
{
	const struct imsg_reserve r = { .peer = c->peer,
		.bytes = c->unasked };
	int e;

	if (c->unasked == 0)
		return true;
	if (f->asked >= FRONT_ASKED_MAX)
		return false;
	e = msg_send(FRONT_FD_BROKER, IMSG_RESERVE, c->id, &r, sizeof(r), NULL,
	    0);
	if (e == -EAGAIN)
		return false;
	if (e < 0)
		_exit(ROLE_EXIT_OK);
	c->unasked = 0;
	f->asked++;
	return true;
}

/* What this request may hold after another read. */
static uint64_t
bytes_needed(const struct conn *c)
{
	return c->heads_len + c->bodies_len + READ_BYTES;
}

/*
 * What to ask for beyond that: of the bodies that are still to come as much as
 * has come already.  A length that is only announced must not keep others'
 * requests out (security-rules 17): who wants the node's memory has to send as
 * much.
 */
static uint64_t
bytes_ahead(const struct conn *c)
{
	uint64_t step = c->bodies_len > RESERVE_AHEAD ? c->bodies_len :
	                                                RESERVE_AHEAD;
	uint64_t left = c->frame.bodies - c->bodies_len;

	return left < step ? left : step;
}

static int
store_body(struct conn *c, const uint8_t *p, size_t n)
{
	int r;

	if (c->bodies_fd < 0) {
		r = memfd_new("bodies");
		if (r < 0)
			return r;
		c->bodies_fd = r;
	}
	r = fd_write_all(c->bodies_fd, p, n);
	if (r == 0)
		c->bodies_len += n;
	return r;
}

static int
store_heads(struct conn *c, const uint8_t *p, size_t n)
{
	size_t cap = c->heads_cap == 0 ? 4096 : c->heads_cap;
	uint8_t *grown;

	while (cap < c->heads_len + n)
		cap *= 2;
	if (cap != c->heads_cap) {
		grown = realloc(c->heads, cap);
		if (grown == NULL)
			return -ENOMEM;
		c->heads = grown;
		c->heads_cap = cap;
	}
	memcpy(c->heads + c->heads_len, p, n);
	c->heads_len += n;
	return 0;
}

/* Heads and bodies as the broker takes them. */
static bool
seal_request(struct conn *c)
{
	c->heads_fd = memfd_new("heads");
	if (c->bodies_fd < 0)
		c->bodies_fd = memfd_new("bodies");
	return c->heads_fd >= 0 && c->bodies_fd >= 0 &&
	    fd_write_all(c->heads_fd, c->heads, c->heads_len) == 0 &&
	    memfd_seal(c->heads_fd) == 0 && memfd_seal(c->bodies_fd) == 0;
}

bool
upload_hand(struct front *f, struct conn *c)
{
	const struct imsg_job_request req = { .peer = c->peer,
		.heads_len = c->heads_len, .bodies_len = c->bodies_len,
		.proto = c->frame.proto, .accepted_us = c->accepted_us };
	const int fds[2] = { c->heads_fd, c->bodies_fd };
	int r;

	if (c->phase != CONN_HANDING)
		return true;
	r = msg_send(FRONT_FD_BROKER, IMSG_JOB_REQUEST, c->id, &req,
	    sizeof(req), fds, 2);
	/* Its queue holds some 250: with more requests at once, soon. */
	if (r == -EAGAIN || r == -ETOOMANYREFS)
		return false;
	if (r < 0)
		_exit(ROLE_EXIT_OK);
	c->heads_fd = fd_close(c->heads_fd);
	c->bodies_fd = fd_close(c->bodies_fd);
	c->phase = CONN_WAITING;
	conn_watch(f, c, EPOLLRDHUP);
	return true;
}

/* Everything is there: hand it over. */
static void
hand_over(struct front *f, struct conn *c)
{
	if (!seal_request(c)) {
		conn_end(c, OVER_NO_BUDGET);
		return;
	}
	free(c->heads);
	c->heads = NULL;
	c->heads_cap = 0;
	c->phase = CONN_HANDING;
	c->complete_us = now_us();
	c->deadline_us = UINT64_MAX;
	conn_watch(f, c, 0);
	if (!upload_hand(f, c))
		f->untold = true; /* conn_sweep will */
}

static enum conn_over
over_reason(enum frame_error e)
{
	return e == FRAME_E_HEADS || e == FRAME_E_BODIES ||
	        e == FRAME_E_FILES || e == FRAME_E_WORDS ||
	        e == FRAME_E_LONG ? OVER_TOO_BIG : OVER_PROTOCOL;
}

/* Keep what could not be taken yet; it comes first when budget is there. */
static void
hold(struct conn *c, const uint8_t *p, size_t n)
{
	uint8_t *copy;

	if (n == 0)
		return;
	copy = malloc(n);
	if (copy == NULL) {
		conn_end(c, OVER_NO_BUDGET);
		return;
	}
	memcpy(copy, p, n);
	free(c->held);
	c->held = copy;
	c->held_len = n;
}

/*
 * A byte now and then is no progress: within a request a client has
 * limit-token in all, and more by what it sends (security-rules 17).  The
 * time in which it preprocesses does not count.
 */
static void
set_read_deadline(const struct front *f, struct conn *c)
{
	const struct limits *l = &f->settings.limits;
	uint64_t ms = l->token_ms + c->bytes_in * 1000 / l->upload_rate;
	uint64_t spent = c->waited_us / 1000;

	c->waits_since_us = now_us();
	if (frame_state(&c->frame) == FRAME_WAIT_SOURCE) {
		conn_deadline(c, l->preprocess_ms);
		return;
	}
	ms = ms > spent ? ms - spent : 0;
	conn_deadline(c, ms < l->token_ms ? ms : l->token_ms);
}

/* Bytes have come: how long did they take? */
static void
count_wait(struct conn *c)
{
	if (frame_state(&c->frame) == FRAME_TOKEN)
		c->waited_us += now_us() - c->waits_since_us;
}

/* Take @n bytes at @p as far as budget goes. */
static void
feed(struct front *f, struct conn *c, const uint8_t *p, size_t n)
{
	struct frame_piece piece;
	enum frame_error e;
	int r;

	while (n > 0 && frame_state(&c->frame) != FRAME_COMPLETE) {
		e = frame_next(&c->frame, p, n, &piece);
		if (e != FRAME_OK) {
			conn_end(c, over_reason(e));
			return;
		}
		r = piece.is_body ? store_body(c, p, piece.len) :
		                    store_heads(c, p, piece.len);
		if (r < 0) {
			conn_end(c, OVER_NO_BUDGET);
			return;
		}
		p += piece.len;
		n -= piece.len;
		if (bytes_needed(c) > c->granted &&
		    frame_state(&c->frame) != FRAME_COMPLETE) {
			hold(c, p, n);
			if (!c->over)
				ask_budget(f, c, bytes_needed(c) +
				    bytes_ahead(c) - c->granted);
			return;
		}
		if (piece.len == 0)
			break;
	}
	set_read_deadline(f, c);
	if (frame_state(&c->frame) == FRAME_COMPLETE)
		hand_over(f, c);
}

static enum conn_over
eof_reason(const struct conn *c)
{
	switch (frame_state(&c->frame)) {
	case FRAME_FIRST_BYTE:
		return OVER_EMPTY;
	case FRAME_WAIT_SOURCE:
		return OVER_NO_SOURCE;
	case FRAME_TOKEN:
	case FRAME_COMPLETE:
	case FRAME_FAILED:
	default:
		return OVER_PROTOCOL;
	}
}

void
upload_readable(struct front *f, struct conn *c)
{
	uint8_t first;
	ssize_t n;

	/* Nothing is read before budget for it is there; but a probe that
	 * closes without a byte needs none. */
	if (c->granted == 0) {
		n = recv(c->fd, &first, 1, MSG_PEEK | MSG_DONTWAIT);
		if (n > 0) {
			ask_budget(f, c, bytes_needed(c));
			return;
		}
	} else {
		n = recv(c->fd, read_buf, sizeof(read_buf), MSG_DONTWAIT);
	}
	/* Readable without a byte to be seen: one out of band, which would have
	 * epoll call us for as long as it lies there (unix(7), MSG_OOB). */
	if (n < 0 && errno == EAGAIN && c->granted == 0 &&
	    c->peer.kind == PEER_UNIX) {
		conn_end(c, OVER_PROTOCOL);
		return;
	}
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		conn_end(c, n == 0 ? eof_reason(c) : OVER_GONE);
		return;
	}
	c->bytes_in += (uint64_t)n;
	count_wait(c);
	feed(f, c, read_buf, (size_t)n);
}

void
upload_reserved(struct front *f, struct conn *c, uint64_t bytes)
{
	uint8_t *held = c->held;
	size_t n = c->held_len;

	if (bytes == 0) {
		conn_end(c, OVER_NO_BUDGET);
		return;
	}
	c->granted += bytes;
	c->phase = CONN_READING;
	set_read_deadline(f, c);
	conn_watch(f, c, EPOLLIN | EPOLLRDHUP);
	c->held = NULL;
	c->held_len = 0;
	if (n > 0)
		feed(f, c, held, n);
	free(held);
}

void
upload_expired(struct conn *c)
{
	conn_end(c, OVER_TIMEOUT);
}
