/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Starting one stage of a cell, confined before its exec. */
#ifndef IMMURE_EXECUTOR_CELL_STAGE_H
#define IMMURE_EXECUTOR_CELL_STAGE_H

#include <stdint.h>
#include <sys/types.h>

#include <sandbox/filter.h>
#include <sandbox/limits.h>

#include "cell.h"

#define STAGE_FDS_MAX 7

/* The job's launcher is a grandchild of pid 1: its parent is the killer. */
struct cell_stage {
	const char *path;
	const char *arg;	/* argv[1], or NULL */
	int fds[STAGE_FDS_MAX]; /* what becomes 0, 1, …; borrowed */
	unsigned nfds;
	struct rlimits limits;
	int (*rules)(const struct cell_order *o);
	bool trip;		     /* the filter has a listener, which the
					executor gets */
	const struct filter *filter; /* installed before the exec, or NULL: the
					stage installs its own */
};

/*
 * Become @s: call in a fresh child of a parent that has dropped everything.
 * Descriptor @fail (close-on-exec) gets one byte, the enum cell_exit, when
 * that does not work out.  @parent: our parent's pid, to see it die.
 */
_Noreturn void cell_stage_exec(const struct cell_order *o,
    const struct cell_stage *s, int fail, pid_t parent);

/* Write the step that failed to @fail and end. */
_Noreturn void cell_stage_fail(int fail, enum cell_exit step);

/* SIGKILL when the parent ends; -ESRCH: it is dead already.  After the last
 * change of uid, which clears it (prctl(2)). */
int cell_die_with(pid_t parent);

#endif
