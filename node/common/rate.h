/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How often something that strangers or other roles cause may be put on record
 * (security-rules 22): so many a second; what is beyond is counted, and the
 * count is told when the next second begins.  Pure.
 */
#ifndef IMMURE_RATE_H
#define IMMURE_RATE_H

#include <stdbool.h>
#include <stdint.h>

struct rate { /* all zero to begin with */
	uint64_t since_us;
	uint32_t used; /* in this second */
	uint32_t lost; /* since rate_lost() was asked */
};

/* Has a second passed since the first that counted?  Then what was lost is to
 * be told, whether or not anything else happens. */
static inline bool
rate_is_over(const struct rate *r, uint64_t now_us)
{
	return now_us - r->since_us >= 1000000U;
}

/* May one more be recorded at @now_us, when @per_s a second may? */
static inline bool
rate_take(struct rate *r, uint32_t per_s, uint64_t now_us)
{
	if (r->since_us == 0 || rate_is_over(r, now_us)) {
		r->since_us = now_us;
		r->used = 0;
	}
	if (r->used < per_s) {
		r->used++;
		return true;
	}
	r->lost++;
	return false;
}

/* How many were not recorded since the last question. */
static inline uint32_t
rate_lost(struct rate *r)
{
	uint32_t n = r->lost;

	r->lost = 0;
	return n;
}

#endif
