/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * probe: stands in launch's place in a check cell, under exactly the job's
 * policy, and attempts every forbidden act, those that kill included (in
 * children of its own).  No job ever comes to such a cell.
 */
#include "stage.h"

#include <stdint.h>
#include <stdlib.h>

#include "sandbox/probe.h"

int
main(int argc, char **argv)
{
	uint64_t failed;

	stage_by_hand(argc, argv, argc == 2);
	failed = probe_full(strtoull(argv[1], NULL, 16));
	return stage_write(PROBE_FD_LAYERS, &failed, sizeof(failed)) != 0;
}
