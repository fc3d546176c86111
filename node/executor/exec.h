/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The executor's own state, shared by its three files: executor.c (sockets,
 * start, loop), exec_cell.c (cells: make, hear, kill, reap) and exec_job.c
 * (the one job).  Everything that comes from a cell is checked here: lengths
 * are compared with what the result memfd really holds.
 */
#ifndef IMMURE_EXECUTOR_EXEC_H
#define IMMURE_EXECUTOR_EXEC_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/types.h>

#include "exec_group.h"

#include "node/common/clock.h"
#include "node/common/imsg.h"
#include "node/common/limit_rows.h"
#include "node/common/message.h"
#include "node/toolchain/table.h"

#define FD_BROKER 4
#define FD_TABLE  5
#define FD_ZYGOTE 6
#define FD_GROUP  7 /* the slot's, a directory of cgroup v2, if grouped */
#define FD_SIGNAL 8
#define FD_RULES  9 /* during role_confine() alone */

/* One that runs, one that waits, and such as are still dying. */
#define CELLS_MAX 8
/* A cell that takes longer than this to be made is broken. */
#define CELL_MAKE_MS 20000U

enum cell_state {
	CELL_NONE = 0,
	CELL_MAKING, /* asked for; CELL_MADE or CELL_READY to come */
	CELL_READY,  /* every stage waits */
	CELL_RUNNING,
	CELL_DYING /* killed; to be reaped */
};

struct cell_kind {
	uint32_t toolchain;
	uint32_t profile; /* perhaps with CELL_CHECK */
	uint64_t tops;
};

struct exec_cell {
	enum cell_state state;
	uint64_t id;	  /* never used again: a late message is not mistaken */
	pid_t pid;	  /* 0 until CELL_MADE; our child */
	bool ready_early; /* CELL_READY came before CELL_MADE */
	bool beside; /* made while a job ran, which shares its uid's limit */
	struct cell_kind kind;
	int init, unpack, pack; /* owned, -1 when closed */
	int trip;		/* owned: its filter's listener; -1 */
	unsigned trips;		/* that the launcher has tried */
	struct violation violation;
	int theirs[3];	/* owned, the zygote's to get; -1 once it has them */
	int place;	/* the same: its group's directory; -1 without groups */
	uint64_t deadline_us;	/* of its making */
	uint64_t memory;	/* limit-job-memory then, its group's */
	struct group_end group; /* what the kernel said of it, reaped */
	/* what it has said */
	bool has_status, has_packed;
	struct imsg_cell_status status;
	struct imsg_packed packed;
	/* what the kernel said */
	bool reaped; /* the pid may be somebody else's by now */
	int wait_status;
	struct rusage usage;
};

struct exec_job {
	bool active;
	uint64_t id; /* connection */
	struct imsg_job_start start;
	struct exec_cell *cell;	  /* borrowed; NULL until one fits */
	int plan, bodies, result; /* owned, -1 */
	int procs; /* owned: of its processes' limit, or -1 */
	uint64_t begin_us, deadline_us;
	uint64_t cpu_due_us; /* when its CPU time is looked at; 0 = never */
	enum job_end forced; /* why it was killed, or END_EXIT */
	uint32_t cold;
};

struct executor {
	uint32_t slot;
	uint64_t generation;
	struct table table;
	uint64_t tops_all;
	struct limits limits;
	uid_t uid, broker_uid, front_uid;
	pid_t zygote;
	bool grouped;	      /* FD_GROUP: each cell has a group */
	unsigned controllers; /* … with these (sandbox/cgroup.h) */
	unsigned cpus;	      /* of the machine */
	struct exec_cell cells[CELLS_MAX];
	struct exec_cell *next; /* borrowed: being made, or ready */
	struct cell_kind kind;	/* what to prepare */
	uint64_t last_id;
	unsigned checked; /* check cells done, of all toolchains × profiles */
	bool serving;	  /* SLOT_READY was sent */
	bool starved;	  /* none can be made while this job runs */
	bool broken;	  /* end as soon as the job is answered (last) */
	struct exec_job job;
};

extern struct executor ex;

/* -- exec_cell.c -- */

/* Ask the zygote for one.  It is ex.next until taken.  Exits on failure. */
struct exec_cell *cell_make(const struct cell_kind *k);
/* Offer it to the zygote (again), or let go of one that was never taken. */
void cell_order(struct exec_cell *c);
/* Does @c serve a job that needs @k? */
bool cell_fits(const struct exec_cell *c, const struct cell_kind *k);
/* SIGKILL to its pid 1; it is reaped later, cell_ended() is called then. */
void cell_kill(struct exec_cell *c);
/* The descriptors of @c to poll, at most 3, into @fds; how many. */
unsigned cell_sockets(const struct exec_cell *c, int fds[3]);
/* Messages of @c's pid 1 and pack. */
void cell_hear(struct exec_cell *c);
/* Reap what has ended (after SIGCHLD or CELL_MADE). */
void cells_reap(void);
int cell_on_made(void *ctx, struct msg *m);

/* -- exec_trip.c -- */

/* IMSG_CELL_TRIP: @ctx is the cell. */
int trip_on_listener(void *ctx, struct msg *m);
/* A forbidden call of @c's, if there is one. */
void trip_hear(struct exec_cell *c);

/* -- exec_job.c -- */

/* The job asked for more processes than it may have. */
void job_on_procs(void);
/* Its cpu_due_us has come. */
void job_on_cpu_due(void);

int job_on_start(void *ctx, struct msg *m);
int job_on_cancel(void *ctx, struct msg *m);
/* A cell is ready: perhaps the job waits for it. */
void job_on_ready(struct exec_cell *c);
/* The job's cell could not be made beside the job before it: another one. */
void job_on_starved(void);
/* The job's cell has been reaped: answer the broker. */
void job_on_ended(struct exec_cell *c);
/* Kill the job for reason @why. */
void job_stop(enum job_end why);

/* -- executor.c -- */

/* A cell that nobody waits for is ready, or a check cell has ended. */
void slot_on_ready(struct exec_cell *c);
/* Have the next cell made, when there is none and the slot is to go on. */
void slot_prepare(void);

#endif
