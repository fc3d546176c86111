/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Counts (stats.h).  Pure. */
#include "stats.h"

#include <stdio.h>
#include <string.h>

static const unsigned windows[STATS_WINDOWS] = { 60, 300, 900 }; /* seconds */

static struct stats_second *
second_of(struct stats *s, uint64_t ms)
{
	return &s->last[ms / 1000 % STATS_SECONDS];
}

/* Count what has run until @now_us, and clear the seconds that begin. */
static void
advance(struct stats *s, uint64_t now_us)
{
	uint64_t now = now_us / 1000, end;

	if (s->counted_ms == 0)
		s->counted_ms = now;
	/* Of a longer silence only the last round is still asked for. */
	if (now - s->counted_ms > STATS_SECONDS * 1000ULL)
		s->counted_ms = now / 1000 * 1000 - STATS_SECONDS * 1000ULL;
	while (s->counted_ms < now) {
		end = (s->counted_ms / 1000 + 1) * 1000;
		if (end > now)
			end = now;
		second_of(s, s->counted_ms)->busy_ms +=
		    s->running * (uint32_t)(end - s->counted_ms);
		s->counted_ms = end;
		if (end % 1000 == 0)
			*second_of(s, end) = (struct stats_second){ 0 };
	}
}

void
stats_running(struct stats *s, uint64_t now_us, int change)
{
	advance(s, now_us);
	if (change < 0 && s->running > 0)
		s->running--;
	else if (change > 0)
		s->running++;
}

static void
longest(struct imsg_stats *n, const struct imsg_audit_job *a)
{
	uint64_t us =
	    a->done_us > a->accepted_us ? a->done_us - a->accepted_us : 0;

	if (n->longest_compiler[0] != '\0' && us / 1000 <= n->longest_ms)
		return;
	n->longest_ms = us / 1000;
	snprintf(n->longest_job, sizeof(n->longest_job), "%.127s", a->source);
	snprintf(n->longest_compiler, sizeof(n->longest_compiler), "%.63s",
	    a->compiler);
}

void
stats_job(struct stats *s, uint64_t now_us, const struct imsg_audit_job *a)
{
	struct imsg_stats *n = &s->sum;

	n->results[a->result < RESULT_COUNT ? a->result : RESULT_OTHER]++;
	if (a->result == RESULT_COMPILE_OK ||
	    a->result == RESULT_COMPILE_ERROR) {
		advance(s, now_us);
		second_of(s, s->counted_ms)->done++;
	}
	if (a->result == RESULT_COMPILE_OK)
		longest(n, a);
	if (a->maxrss_kib > n->max_rss_kib) {
		n->max_rss_kib = a->maxrss_kib;
		snprintf(n->max_rss_name, sizeof(n->max_rss_name), "%.63s",
		    a->compiler);
	}
}

void
stats_conn(struct stats *s, enum conn_over reason, int had_job)
{
	s->sum.accepted++;
	if (had_job)
		return;
	switch (reason) {
	case OVER_PROTOCOL:
	case OVER_TOO_BIG:
		s->sum.results[RESULT_REJ_BAD_REQ]++;
		break;
	case OVER_NO_BUDGET:
	case OVER_SHED:
		s->sum.results[RESULT_REJ_OVERLOAD]++;
		break;
	case OVER_EMPTY:
	case OVER_NO_SOURCE:
	case OVER_TIMEOUT:
	case OVER_GONE:
	case OVER_ANSWERED:
	case OVER_CLOSED:
	case OVER_PROMISED:
	case OVER_DRAINED:
	case OVER_COUNT:
	default:
		s->sum.results[RESULT_OTHER]++;
		break;
	}
}

void
stats_now(struct stats *s, uint64_t now_us, struct imsg_stats *ret)
{
	uint64_t busy = 0, now;
	uint32_t done = 0, w = 0;

	advance(s, now_us);
	*ret = s->sum;
	ret->running = s->running;
	now = s->counted_ms / 1000;
	for (uint32_t i = 0; i < STATS_SECONDS; i++) {
		const struct stats_second *t =
		    &s->last[(now + STATS_SECONDS - i) % STATS_SECONDS];

		busy += t->busy_ms;
		done += t->done;
		if (i + 1 != windows[w])
			continue;
		/* to the nearest whole number, as the page has no other */
		ret->kids[w] = (uint32_t)((busy + windows[w] * 500ULL) /
		    (windows[w] * 1000ULL));
		ret->compiles[w++] = done;
	}
}
