/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What an executor says of a job that has ended: numbers of a role that may be
 * taken over, which go on record and into sums.  Pure. */
#ifndef IMMURE_BROKER_JOB_DONE_H
#define IMMURE_BROKER_JOB_DONE_H

#include "../common/imsg.h"

/* Bytes of the result in *@ret_size, or -EPROTO: no job ends like that. */
int job_done_check(const struct imsg_job_done *d, uint64_t *ret_size);

#endif
