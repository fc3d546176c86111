/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * As long as every connection is taken, fronts are asked in turn, the fullest
 * first, to end one that is slow (security-rules 17).  So there is room for one
 * that comes, or there is nobody slow.
 */
#include "monitor.h"
#include "../common/message.h"

/* A front that had none to end, or none yet, is asked again. */
#define SHED_AGAIN_US 50000U

static uint64_t next_us; /* 0 = at once */
static bool asked[FRONTS];

static bool
is_full(const struct monitor *m)
{
	return m->serving && !m->accepting && !m->stopping && !m->draining;
}

/* The fullest of those that were not asked yet; NULL: none is left. */
static struct child *
front_to_ask(struct monitor *m)
{
	unsigned conns[FRONTS] = { 0 };
	struct child *best = NULL;

	for (unsigned i = 0; i < LIMIT_CONNS; i++)
		if (m->conns[i].id != 0 && m->conns[i].held_fd < 0)
			conns[m->conns[i].front]++;
	for (unsigned i = 0; i < FRONTS; i++)
		if (!asked[i] && m->fronts[i].state == CHILD_READY &&
		    conns[i] > 0 && (best == NULL ||
		    conns[i] > conns[best->index]))
			best = &m->fronts[i];
	return best;
}

void
shed_ended(void)
{
	next_us = 0;
	for (unsigned i = 0; i < FRONTS; i++)
		asked[i] = false;
}

void
shed_due(struct monitor *m)
{
	struct child *f;

	if (!is_full(m) || now_us() < next_us)
		return;
	f = front_to_ask(m);
	if (f == NULL)
		shed_ended();
	else if (msg_send(f->sock, IMSG_CONN_SHED, 0, NULL, 0, NULL, 0) == 0)
		asked[f->index] = true;
	next_us = now_us() + SHED_AGAIN_US;
}

int
shed_next_ms(const struct monitor *m)
{
	uint64_t now = now_us();

	if (!is_full(m))
		return -1;
	return next_us <= now ? 0 : (int)((next_us - now) / 1000 + 1);
}
