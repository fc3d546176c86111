/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the exit codes of a cell's pid 1 mean; for the executor's log. */
#include "cell.h"

#include <stddef.h>

static const struct {
	int code;
	const char *text;
} exits[] = {
	{ CELL_EXIT_OK, "ended" },
	{ CELL_EXIT_DEATH, "prctl(PR_SET_PDEATHSIG)" },
	{ CELL_EXIT_ROOT, "mounts of the cell's root" },
	{ CELL_EXIT_PIPES, "pipes of the stages" },
	{ CELL_EXIT_FORK, "fork(2) of a stage" },
	{ CELL_EXIT_STAGE_FDS, "descriptors of a stage" },
	{ CELL_EXIT_STAGE_LIMITS, "limits of a stage" },
	{ CELL_EXIT_STAGE_ID, "uid and capabilities of a stage" },
	{ CELL_EXIT_STAGE_RULES, "Landlock rules of a stage" },
	{ CELL_EXIT_STAGE_MDWE, "prctl(PR_SET_MDWE) of a stage" },
	{ CELL_EXIT_STAGE_FILTER, "filter of a stage" },
	{ CELL_EXIT_STAGE_EXEC, "exec of a stage" },
	{ CELL_EXIT_DROP, "capabilities of pid 1" },
	{ CELL_EXIT_FILTER, "filter of pid 1" },
	{ CELL_EXIT_PROBE, "the launcher ended while it probed" },
	{ CELL_EXIT_REPORT, "a socket of pid 1" },
	{ CELL_EXIT_TRIP, "the listener of a job's filter" },
	{ CELL_EXIT_KILLER, "violation: the killer ended out of turn" },
	{ CELL_EXIT_STRANGER, "violation: a stage ended out of turn" },
};

const char *
cell_exit_text(int code)
{
	for (size_t i = 0; i < sizeof(exits) / sizeof(exits[0]); i++)
		if (exits[i].code == code)
			return exits[i].text;
	return "unknown";
}
