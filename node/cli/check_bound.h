/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a node can take of the machine's memory at most, and how to make it less:
 * what the group of all cells may have, where there is one (the layer cgroup),
 * or else by the limits of each process alone (security-rules 19: without the
 * memory controller, which sees all of a job, that is the approximation there
 * is).
 */
#ifndef IMMURE_CHECK_BOUND_H
#define IMMURE_CHECK_BOUND_H

#include "check.h"

#include <node/common/limit_rows.h>
#include <node/monitor/cmdline.h>

/* All jobs together (@grouped), or each job its processes and its tmpfs; and
 * what is held of all requests and replies; UINT64_MAX = more than that.
 * Pure. */
uint64_t bound_bytes(const struct limits *l, unsigned jobs, bool grouped);

/* As much of @machine bytes as a node may take.  Pure. */
uint64_t bound_share(uint64_t machine);

/* Settings with which @jobs or fewer fit into that share of @machine, as lines
 * of immured.conf(5) with commas between, into @out.  Pure. */
void bound_remedy(const struct limits *l, unsigned jobs, uint64_t machine,
    bool grouped, char *out, size_t room);

/* The row, of a node with settings @c (NULL: they are wrong); @grouped: it has
 * the layer cgroup. */
void check_bound(
    struct check_fact *f, const struct cmdline *c, bool grouped);

#endif
