/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Counts for the status page (wire-protocol §3.5), of the last quarter of an
 * hour by the second.  Pure: the time is the caller's.
 */
#ifndef IMMURE_BROKER_STATS_H
#define IMMURE_BROKER_STATS_H

#include "../common/imsg.h"
#include <stdint.h>

#define STATS_SECONDS 900U /* 1, 5 and 15 minutes are asked for */

struct stats_second {
	uint32_t busy_ms; /* all running jobs together */
	uint32_t done;    /* jobs that ended in it */
};

struct stats { /* all zero to begin with */
	struct stats_second last[STATS_SECONDS]; /* by second % STATS_SECONDS */
	uint64_t counted_ms; /* until when; 0 = not begun */
	uint32_t running;
	struct imsg_stats sum; /* what needs no clock */
};

/* A job has started (+1) or ended (-1). */
void stats_running(struct stats *s, uint64_t now_us, int change);

/* A job or its refusal, as it goes on record. */
void stats_job(struct stats *s, uint64_t now_us,
    const struct imsg_audit_job *a);

/* A connection has ended; @had_job: that was counted when its job ended. */
void stats_conn(struct stats *s, enum conn_over reason, int had_job);

/* The numbers at @now_us. */
void stats_now(struct stats *s, uint64_t now_us, struct imsg_stats *ret);

#endif
