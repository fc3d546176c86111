/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The tripwire of a cell: its job's filter, whose listener goes to the
 * executor. */
#ifndef IMMURE_EXECUTOR_CELL_TRIP_H
#define IMMURE_EXECUTOR_CELL_TRIP_H

#include <sandbox/filter.h>

/* Two pipes to the courier; whole numbers on both. */
struct cell_trip {
	int number, done;
};

/*
 * For the launcher, in its last descriptors, before its limits and before it
 * enters its Landlock domain, to which the courier must not belong: the
 * launcher's probe looks for somebody there whom it could signal.  @sock is
 * above every number that a stage keeps.  0 or -errno.
 */
int cell_trip_prepare(struct cell_trip *t, int sock);

/* Install @f and have its listener sent before this returns.  0 or -errno. */
int cell_trip_install(const struct cell_trip *t, const struct filter *f);

#endif
