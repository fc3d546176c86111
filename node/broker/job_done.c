/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See job_done.h. */
#include "job_done.h"
#include "../common/limits.h"
#include <errno.h>
#include <stdbool.h>

static bool
cost_is_sane(const struct cell_cost *c)
{
	if ((c->known & ~COST_ALL) != 0 || c->user_us > LIMIT_SAID_US ||
	    c->sys_us > LIMIT_SAID_US || c->peak_kib > LIMIT_SAID_KIB)
		return false;
	for (int i = 0; i < PRESSURE_COUNT; i++)
		if (c->some_us[i] > LIMIT_SAID_US ||
		    c->full_us[i] > LIMIT_SAID_US)
			return false;
	return true;
}

int
job_done_check(const struct imsg_job_done *d, uint64_t *ret_size)
{
	uint64_t sum = 0;

	if (d->end >= END_COUNT || d->last > 1 || d->wall_us > LIMIT_SAID_US ||
	    d->user_us > LIMIT_SAID_US || d->sys_us > LIMIT_SAID_US ||
	    d->maxrss_kib > LIMIT_SAID_KIB || !cost_is_sane(&d->cost))
		return -EPROTO;
	for (int i = 0; i < PART_COUNT; i++) {
		if (d->len[i] > 2 * LIMIT_OBJECT_BYTES) /* as a front has it */
			return -EPROTO;
		sum += d->len[i];
	}
	*ret_size = sum;
	return 0;
}
