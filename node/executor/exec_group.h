/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The group of each cell (cgroup v2), as the executor sees it: directory
 * cell-ID below the slot's, the one descriptor that it has of a file system.
 * All are no-ops where the slot has no group.
 *
 * The files, by the kernel's cgroup-v2 document: "Core Interface Files"
 * (cgroup.kill), "CPU Interface Files" (cpu.stat, which needs no controller),
 * "Memory Interface Files" (memory.max, .oom.group, .swap.max, .events, .peak),
 * "PID Interface Files" (pids.max, .events, .peak), and *.pressure, which
 * accounting/psi describes.
 */
#ifndef IMMURE_EXECUTOR_EXEC_GROUP_H
#define IMMURE_EXECUTOR_EXEC_GROUP_H

#include <stdbool.h>
#include <stdint.h>

#include "node/common/imsg.h"

/* What the kernel says of a cell that has ended. */
struct group_end {
	bool oom;      /* killed because its memory was at its limit */
	bool short_of; /* … because that of all cells or the machine was */
	bool procs;    /* a process more was asked for than there may be */
	struct cell_cost cost;
	bool stays; /* somebody is still in it */
};

/* Make and bound the group of cell @id; a descriptor for clone3(2) alone
 * (O_PATH), or -errno. */
int group_make(uint64_t id);

/* Its memory, when it is not to be the executor's limit-job-memory; 0 or
 * -errno. */
int group_bound_memory(uint64_t id, uint64_t bytes);

/* CPU time of all of it so far; 0 = unknown. */
uint64_t group_cpu_us(uint64_t id);

/* cgroup.kill: everything in it, whether or not its pid is known. */
void group_kill(uint64_t id);

/* After its pid 1 was reaped: read what it has to tell, end what is left, and
 * remove it. */
void group_end(uint64_t id, struct group_end *ret);

/* Its processes' limit: a descriptor that is POLLPRI, for good, when it is met;
 * -1 = there is no such limit. */
int group_procs_watch(uint64_t id);
bool group_procs_met(uint64_t id);

#endif
