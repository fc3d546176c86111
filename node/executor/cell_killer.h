/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The killer: a fork of pid 1 with the job's uid, the parent of the launcher
 * and, as a subreaper, of everything the job leaves behind.  When the launcher
 * (by then the compiler) has ended it kills every other process of its uid in
 * the pid namespace, waits until none is left, and reports the status.
 */
#ifndef IMMURE_EXECUTOR_CELL_KILLER_H
#define IMMURE_EXECUTOR_CELL_KILLER_H

#include "cell_stage.h"

struct cell_killer {
	const struct cell_stage *launch;
	int report; /* borrowed: gets the compiler's wait status, an int */
	int fail;   /* borrowed: cell_stage_fail() */
};

/* In a fresh child of pid 1. */
_Noreturn void cell_killer_main(
    const struct cell_order *o, const struct cell_killer *k);

#endif
