/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Keeping the clients of long jobs: once a job has its slot, a byte of its
 * reply goes out each drip_ms, first what is the same in every reply, and when
 * that is used up, a promise of success (node/wire/drip.h).  A byte that finds
 * no room is left for the next time: a client that does not read needs none.
 */
#include "conn.h"
#include "../common/role.h"
#include "../wire/drip.h"
#include "../wire/lzo_text.h"
#include <errno.h>
#include <stdlib.h>
#include <syslog.h>

static bool
drips(const struct front *f, const struct conn *c)
{
	return !c->over && c->phase == CONN_WAITING && c->started_us != 0 &&
	    f->settings.drip_ms != 0;
}

/* Enough characters for what is left of the job's time, so that the user of a
 * job that ends well reads no more of it than need be. */
static size_t
text_len(const struct front *f, const struct conn *c)
{
	uint64_t ran = (now_us() - c->started_us) / 1000;
	uint64_t left = f->settings.job_ms > ran ?
	    f->settings.job_ms - ran : 0;

	/* The job's end, and its note, come after that. */
	left = left / f->settings.drip_ms + DRIP_TEXT_MIN;
	return left < DRIP_TEXT_MAX ? (size_t)left : DRIP_TEXT_MAX;
}

static bool
promise(const struct front *f, struct conn *c)
{
	c->promise = malloc(lzo_text_bound(DRIP_TEXT_MAX));
	if (c->promise == NULL)
		return false;
	c->promise_chars = text_len(f, c);
	c->promise_len = drip_text(c->promise, c->frame.proto,
	    c->promise_chars, false);
	role_log(LOG_INFO, &c->peer, "drip.promised",
	    "its job takes long; to keep it, it has been told of success, and "
	    "will be cut off should the job fail");
	return true;
}

/* Byte @at of the reply as far as it is known; false: it is not. */
static bool
known_byte(const struct conn *c, size_t at, uint8_t *ret)
{
	uint8_t head[DRIP_HEAD];

	if (at >= DRIP_HEAD) {
		if (at - DRIP_HEAD >= drip_text_sure(c->frame.proto,
		        c->promise_len))
			return false;
		*ret = c->promise[at - DRIP_HEAD];
		return true;
	}
	reply_token(head, "DONE", c->frame.proto);
	reply_token(head + REPLY_TOKEN, "STAT", 0);
	reply_token(head + 2 * REPLY_TOKEN, "SERR", (uint32_t)c->promise_len);
	*ret = head[at];
	return true;
}

static void
drip(const struct front *f, struct conn *c)
{
	uint8_t b;
	const struct iovec v = { .iov_base = &b, .iov_len = 1 };
	ssize_t n;

	if (c->dripped >= DRIP_OPEN && c->promise == NULL && !promise(f, c))
		return;
	if (!known_byte(c, c->dripped, &b))
		return;
	n = writev(c->fd, &v, 1);
	if (n == 1)
		c->dripped++;
	else if (errno != EAGAIN && errno != EINTR)
		conn_end(c, OVER_GONE);
}

static void
set_due(struct front *f, struct conn *c, uint64_t due_us)
{
	c->drip_us = due_us;
	if (due_us < f->drip_us)
		f->drip_us = due_us;
}

void
drip_started(struct front *f, struct conn *c)
{
	c->started_us = now_us();
	/* Its client has waited since it sent the last byte. */
	if (drips(f, c))
		set_due(f, c, c->complete_us + f->settings.drip_ms * 1000ULL);
}

void
drip_settings(struct front *f)
{
	f->drip_us = UINT64_MAX;
	for (struct conn *c = f->conns; c != NULL; c = c->next)
		if (drips(f, c))
			set_due(f, c, now_us() + f->settings.drip_ms * 1000ULL);
}

void
drip_due(struct front *f)
{
	uint64_t now = now_us();

	if (now < f->drip_us)
		return;
	f->drip_us = UINT64_MAX;
	for (struct conn *c = f->conns; c != NULL; c = c->next) {
		if (!drips(f, c))
			continue;
		if (now >= c->drip_us) {
			drip(f, c);
			c->drip_us = now + f->settings.drip_ms * 1000ULL;
		}
		set_due(f, c, c->drip_us);
	}
}

int
drip_next_ms(const struct front *f, int at_most)
{
	uint64_t now = now_us(), ms;

	if (f->drip_us <= now)
		return 0;
	ms = (f->drip_us - now) / 1000 + 1;
	return ms < (uint64_t)at_most ? (int)ms : at_most;
}
