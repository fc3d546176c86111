/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a node can take of the machine's memory at most, by its limits alone
 * (security-rules 19: without the memory controller, which sees all of a job,
 * that is the approximation there is), and how to make it less.
 */
#ifndef IMMURE_CHECK_BOUND_H
#define IMMURE_CHECK_BOUND_H

#include "check.h"

#include <node/common/limit_rows.h>

/* Each job its processes and its tmpfs, and what is held of all requests and
 * replies; UINT64_MAX = more than that.  Pure. */
uint64_t bound_bytes(const struct limits *l, unsigned jobs);

/* Settings with which @jobs or fewer fit into @machine bytes, as lines of
 * immured.conf(5) with commas between, into @out.  Pure. */
void bound_remedy(const struct limits *l, unsigned jobs, uint64_t machine,
    char *out, size_t room);

/* The row, of the settings that this user's node would have. */
void check_bound(struct check_fact *f);

#endif
