/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * When there is no connection left, the slowest go first (security-rules 17):
 * of those whose client is awaited, to send its request or to take its reply,
 * the one that has moved the least for its time.  One that waits for us is not
 * slow, and nobody is before limit-slow.
 */
#include "conn.h"

/* Bytes that count as one more second: all begin with a few words, and then
 * preprocess. */
#define SLOW_UNIT 4096U

/* Microseconds for each unit that was moved; 0 = not slow. */
static uint64_t
slowness(const struct front *f, const struct conn *c, uint64_t now)
{
	bool out = c->phase == CONN_REPLYING || c->phase == CONN_LINGERING;
	uint64_t since = out ? c->answer_us : c->accepted_us;
	uint64_t moved = out ? c->bytes_out : c->bytes_in;

	if (c->over || c->phase == CONN_HANDING || c->phase == CONN_WAITING ||
	    now - since < f->settings.limits.slow_ms * 1000)
		return 0;
	return (now - since) / (1 + moved / SLOW_UNIT);
}

void
shed_slowest(struct front *f)
{
	uint64_t now = now_us(), most = 0, us;
	struct conn *slowest = NULL;

	for (struct conn *c = f->conns; c != NULL; c = c->next) {
		us = slowness(f, c, now);
		if (us > most) {
			most = us;
			slowest = c;
		}
	}
	if (slowest != NULL)
		conn_end(slowest, OVER_SHED);
}
