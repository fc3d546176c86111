/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A cell as the zygote makes it.  The zygote clones pid 1; pid 1 builds the
 * cell's root (cell_root.c), starts the stages (cell_stage.c) and then only
 * waits (cell_init.c).  All of this happens before a client's byte is near;
 * what runs afterwards in pid 1 knows pids and statuses alone.
 */
#ifndef IMMURE_EXECUTOR_CELL_H
#define IMMURE_EXECUTOR_CELL_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "node/toolchain/table.h"

/* In imsg_cell.profile, from executor to zygote: a cell with the probe stage
 * in the launcher's place, which says what holds and ends. */
#define CELL_CHECK 0x100U

/* Names in the zygote's root: template "/<toolchain>.<profile>", and the place
 * where a cell mounts the job's tmpfs while it binds the tops. */
#define ZYGOTE_TEMPLATE "/%u.%u"
#define ZYGOTE_JOB	"/job"

/* Exit codes of pid 1: the step that failed.  Text: cell_exit_text(). */
enum cell_exit {
	CELL_EXIT_OK = 0,
	CELL_EXIT_DEATH = 101,	/* PDEATHSIG */
	CELL_EXIT_ROOT,		/* the root's mounts */
	CELL_EXIT_PIPES,	/* pipes and sockets of the stages */
	CELL_EXIT_FORK,		/* a stage's process */
	CELL_EXIT_STAGE_FDS,	/* a stage's descriptors */
	CELL_EXIT_STAGE_LIMITS, /* … rlimits */
	CELL_EXIT_STAGE_ID,	/* … uid and capabilities */
	CELL_EXIT_STAGE_RULES,	/* … Landlock */
	CELL_EXIT_STAGE_MDWE,	/* … PR_SET_MDWE */
	CELL_EXIT_STAGE_FILTER, /* … seccomp */
	CELL_EXIT_STAGE_EXEC,	/* … exec */
	CELL_EXIT_DROP,		/* pid 1's own capabilities */
	CELL_EXIT_FILTER,	/* pid 1's own filter */
	CELL_EXIT_PROBE,	/* the launcher ended before it was ready */
	CELL_EXIT_REPORT,	/* the executor could not be told */
	CELL_EXIT_TRIP,		/* the tripwire's listener */
	CELL_EXIT_KILLER,	/* violation: the killer died out of turn */
	CELL_EXIT_STRANGER,	/* violation: a stage died out of turn */
	CELL_EXIT_END
};

const char *cell_exit_text(int code);

struct cell_order {
	unsigned toolchain; /* index */
	unsigned profile;   /* enum profile */
	uint64_t tops;
	bool check;
	bool one_id;	   /* user mode: the job has pid 1's uid, and therefore
			      a pid namespace of its own */
	uint64_t expected; /* layers this kernel has, sandbox/probe.h */
	const struct limits *limits; /* borrowed from the zygote */
	const struct toolchain *tc; /* borrowed from the zygote's table */
	int executor;		    /* owned: pid 1's socket */
	int unpack;		    /* owned: unpack's */
	int pack;		    /* owned: pack's */
};

/* The uid of the job's processes, inside. */
uint32_t cell_job_uid(const struct cell_order *o);

/* Pid 1 of a cell, from its clone to its end. */
_Noreturn void cell_main(const struct cell_order *o);

/*
 * Build the cell's root from the template and pivot into it.  Needs
 * CAP_SYS_ADMIN and CAP_CHOWN in the slot's user namespace.  0 or -errno.
 */
int cell_root(const struct cell_order *o);

/* Rulesets, descriptors of the caller's, or -errno (landlock.h).  Paths are
 * resolved now: call them inside the finished root. */
int cell_rules_job(const struct cell_order *o);
int cell_rules_unpack(const struct cell_order *o);
int cell_rules_pack(const struct cell_order *o);

#endif
