/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The one job of a slot: from the broker's order, through a cell, to a sealed
 * result.  The result memfd is made here and sealed after the cell's pid
 * namespace has ended (security-rules 11); what the cell says it holds is
 * measured, not believed.
 */
#include "exec.h"
#include "cell.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <syslog.h>
#include <unistd.h>

#include <sandbox/call_name.h>

#include "node/cell/plan.h"
#include "node/common/fd.h"
#include "node/common/limits.h"
#include "node/common/memfd.h"
#include "node/common/role.h"
#include "node/common/tops.h"
#include "template.h"

/* How soon one that is close to its limit is looked at again. */
#define CPU_LOOK_US 100000U

static bool
kind_is_valid(const struct imsg_job_start *s)
{
	if (!table_is_usable(&ex.table, s->toolchain) ||
	    s->profile >= PROFILE_COUNT)
		return false;
	if (s->profile == PROFILE_PLAIN)
		return s->tops == 0;
	return (s->tops & ~ex.tops_all) == 0 &&
	       template_has_pump(&ex.table.toolchains[s->toolchain]);
}

static bool
start_is_valid(const struct imsg_job_start *s)
{
	return kind_is_valid(s) && s->proto >= 1 && s->proto <= 3 &&
	       s->wall_ms > 0 && s->plan_len > 0 && s->plan_len <= PLAN_MAX &&
	       s->bodies_len <= LIMIT_BODIES_BYTES &&
	       s->unpacked_max <= ex.limits.unpacked && s->want_deps <= 1 &&
	       s->memory >= LIMIT_MEMORY_LEAST &&
	       s->memory <= LIMIT_BUDGET_MOST && s->zero == 0;
}

/* When to look at its CPU time: no sooner than all CPUs together could have used
 * up what is left of it. */
static uint64_t
cpu_next_us(uint64_t used_us)
{
	uint64_t most = limit_cpu_s(&ex.limits) * 1000000;
	uint64_t left = most > used_us ? (most - used_us) / ex.cpus : 0;

	return now_us() + (left > CPU_LOOK_US ? left : CPU_LOOK_US);
}

void
job_on_cpu_due(void)
{
	struct exec_job *j = &ex.job;
	uint64_t used = group_cpu_us(j->cell->id);

	if (used >= limit_cpu_s(&ex.limits) * 1000000)
		job_stop(END_CPU);
	else
		j->cpu_due_us = cpu_next_us(used);
}

/* Give the order to the cell; from here on its bytes are inside. */
static void
job_hand_over(struct exec_cell *c)
{
	struct exec_job *j = &ex.job;
	const struct imsg_unpack u = { j->start.plan_len, j->start.bodies_len,
		j->start.unpacked_max, j->start.proto > 1, 0 };
	const struct imsg_pack p = { j->start.proto > 1, j->start.want_deps,
		ex.limits.text, ex.limits.object };
	const int fds[2] = { j->plan, j->bodies };
	int r;

	/* Its cell was made when another limit was in force, perhaps. */
	r = c->memory == j->start.memory ? 0 :
	    group_bound_memory(c->id, j->start.memory);
	if (r < 0)
		role_die(ROLE_EXIT_SYSTEM, "slot.group",
		    "slot %u: memory.max: %s", ex.slot, strerror(-r));
	/* First: a job whose slot ends without this word has harmed nobody, and
	 * is given to another one. */
	r = msg_send(FD_BROKER, IMSG_JOB_TAKEN, j->id, NULL, 0, NULL, 0);
	if (r != 0)
		role_die(
		    ROLE_EXIT_OK, "broker.gone", "JOB_TAKEN: %s", strerror(-r));
	c->state = CELL_RUNNING;
	j->procs = group_procs_watch(c->id);
	if (ex.grouped)
		j->cpu_due_us = cpu_next_us(0);
	r = msg_send(c->pack, IMSG_PACK, 0, &p, sizeof(p), &j->result, 1);
	if (r == 0)
		r = msg_send(c->unpack, IMSG_UNPACK, 0, &u, sizeof(u), fds, 2);
	/* unpack says nothing: what is queued stays readable. */
	c->unpack = fd_close(c->unpack);
	j->plan = fd_close(j->plan);
	j->bodies = fd_close(j->bodies);
	if (r != 0)
		job_stop(END_CRASH);
}

/* Find a cell for the job, or have one made. */
static void
job_find_cell(void)
{
	struct exec_job *j = &ex.job;

	if (ex.next != NULL && !cell_fits(ex.next, &ex.kind)) {
		cell_kill(ex.next);
		ex.next = NULL;
	}
	if (ex.next == NULL) {
		ex.next = cell_make(&ex.kind);
		j->cold = 1;
	}
	j->cell = ex.next;
	ex.next = NULL;
	if (j->cell->state == CELL_READY)
		job_on_ready(j->cell);
}

void
job_on_starved(void)
{
	ex.job.cell = NULL;
	job_find_cell();
}

void
job_on_ready(struct exec_cell *c)
{
	if (!ex.job.active || ex.job.cell != c)
		return;
	job_hand_over(c);
	slot_prepare();
}

static void
check_bodies(const struct exec_job *j)
{
	enum memfd_fault f;

	f = memfd_check(j->plan, j->start.plan_len, ex.broker_uid);
	if (f != MEMFD_OK)
		role_die(ROLE_EXIT_BROKER, "broker.memfd", "plan: %s",
		    memfd_fault_text(f));
	f = memfd_check(j->bodies, j->start.bodies_len, ex.front_uid);
	if (f != MEMFD_OK)
		role_die(ROLE_EXIT_BROKER, "broker.memfd", "bodies: %s",
		    memfd_fault_text(f));
}

int
job_on_start(void *ctx, struct msg *m)
{
	struct exec_job *j = &ex.job;

	(void)ctx;
	memset(j, 0, sizeof(*j));
	j->procs = -1;
	j->id = m->hdr.job;
	j->plan = msg_take_fd(m, 0);
	j->bodies = msg_take_fd(m, 1);
	memcpy(&j->start, m->body, sizeof(j->start));
	if (!start_is_valid(&j->start))
		return -EPROTO;
	check_bodies(j);
	j->result = memfd_new("immure-result");
	if (j->result < 0)
		role_die(ROLE_EXIT_SYSTEM, "slot.memfd", "memfd_create(2): %s",
		    strerror(-j->result));
	j->active = true;
	j->begin_us = now_us();
	j->deadline_us = j->begin_us + j->start.wall_ms * 1000ULL;
	ex.limits.job_memory = j->start.memory; /* of cells from now on */
	ex.kind.toolchain = j->start.toolchain;
	ex.kind.profile = j->start.profile;
	ex.kind.tops =
	    j->start.profile == PROFILE_PUMP ? j->start.tops | tops_default : 0;
	job_find_cell();
	return 0;
}

int
job_on_cancel(void *ctx, struct msg *m)
{
	(void)ctx;
	/* It may cross with our JOB_DONE: then there is nothing to stop. */
	if (ex.job.active && ex.job.id == m->hdr.job)
		job_stop(END_CANCELLED);
	return 0;
}

void
job_stop(enum job_end why)
{
	struct exec_job *j = &ex.job;

	if (!j->active || j->forced != END_EXIT)
		return;
	j->forced = why;
	cell_kill(j->cell);
}

void
job_on_procs(void)
{
	struct exec_job *j = &ex.job;

	j->procs = fd_close(j->procs);
	if (group_procs_met(j->cell->id))
		job_stop(END_PROCS);
	else
		j->procs = group_procs_watch(j->cell->id);
}

/* The cell has ended without being told to: did it do its work? */
static enum job_end
judge_cell(const struct exec_cell *c, uint32_t *ret_detail)
{
	int unpack = (int)c->status.unpack;

	if (c->group.oom)
		return END_MEMORY;
	if (c->group.procs)
		return END_PROCS;
	if (c->group.short_of)
		return END_OOM;
	if (c->wait_status != 0 || !c->has_status)
		return END_CRASH;
	if (unpack != 0) {
		if (!WIFEXITED(unpack) || WEXITSTATUS(unpack) > UNPACK_SYSTEM)
			return END_CRASH;
		*ret_detail = (uint32_t)WEXITSTATUS(unpack);
		return END_UNPACK;
	}
	/* A job is not held against its client then: no word of the cell's. */
	if (!c->has_packed || c->packed.end >= END_COUNT ||
	    c->packed.end == END_OOM)
		return END_CRASH;
	return (enum job_end)c->packed.end;
}

/* Is the result what pack says it is?  0, or why not. */
static const char *
seal_result(int fd, const struct imsg_packed *p)
{
	uint64_t sum = 0;
	enum memfd_fault f;

	for (int i = 0; i < PART_COUNT; i++) {
		/* A part's length is a token's value: 32 bits. */
		if (p->len[i] > UINT32_MAX)
			return "a part is too long";
		sum += p->len[i];
	}
	/* EBUSY: somebody can still write to it, though all are dead. */
	if (memfd_seal(fd) != 0)
		return "it cannot be sealed";
	f = memfd_check(fd, sum, ex.uid);
	return f == MEMFD_OK ? NULL : memfd_fault_text(f);
}

static void
log_violation(const struct violation *v)
{
	const char *name = call_name(v->arch, v->nr);
	const char *arch = call_arch(v->arch, v->nr);

	role_log(LOG_WARNING, NULL, "cell.violation",
	    "slot %u: a forbidden system call: %s, number %d of %s", ex.slot,
	    name != NULL ? name : "one without a name", (int)v->nr,
	    arch != NULL ? arch : "another architecture");
}

static void
log_end(const struct exec_cell *c, enum job_end end)
{
	int st = c->wait_status;

	if (end == END_CRASH && WIFEXITED(st) && st != 0)
		role_log(LOG_ERR, NULL, "cell.crash", "slot %u: %s", ex.slot,
		    cell_exit_text(WEXITSTATUS(st)));
	else if (end == END_CRASH)
		role_log(LOG_ERR, NULL, "cell.crash",
		    "slot %u: wait statuses: pid 1 %#x, unpack %#x, compiler "
		    "%#x, packed %d",
		    ex.slot, (unsigned)st, c->status.unpack, c->status.compiler,
		    c->has_packed);
	if (end == END_VIOLATION)
		log_violation(&c->violation);
}

/* Nothing of a job that did not end by itself is passed on. */
static int
empty_result(int fd)
{
	(void)fd_close(fd);
	fd = memfd_new("immure-result");
	if (fd < 0 || memfd_seal(fd) != 0)
		role_die(ROLE_EXIT_SYSTEM, "slot.memfd", "an empty result");
	return fd;
}

static uint64_t
us_of(const struct timeval *t)
{
	return (uint64_t)t->tv_sec * 1000000 + (uint64_t)t->tv_usec;
}

/* After a kill or a crash nothing of the slot is used again (security-rules 7).
 * A cancelled job is one that was let go of: its client left. */
static bool
spoils_slot(enum job_end end)
{
	return end == END_WALL || end == END_TOO_BIG || end == END_CRASH ||
	       end == END_VIOLATION || end == END_MEMORY || end == END_PROCS ||
	       end == END_OOM || end == END_CPU;
}

/* Orderly: the broker knows since JOB_DONE, the monitor by the status. */
static _Noreturn void
slot_end(void)
{
	role_log(LOG_NOTICE, NULL, "slot.rebuild",
	    "slot %u ends to be built anew", ex.slot);
	_exit(ROLE_EXIT_REBUILD);
}

static uint64_t
larger(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

/* wait4(2) knows nothing of processes that were killed with the cell. */
static void
fill_cost(struct imsg_job_done *d, const struct exec_cell *c)
{
	const struct rusage *u = &c->usage;

	d->cost = c->group.cost;
	d->user_us = larger(us_of(&u->ru_utime), d->cost.user_us);
	d->sys_us = larger(us_of(&u->ru_stime), d->cost.sys_us);
	d->maxrss_kib = larger((uint64_t)u->ru_maxrss, d->cost.peak_kib);
}

static void
answer(struct imsg_job_done *d, const struct exec_cell *c)
{
	struct exec_job *j = &ex.job;
	int r;

	d->wall_us = now_us() - j->begin_us;
	fill_cost(d, c);
	d->cold = j->cold;
	d->last = ex.broken;
	d->violation = c->violation;
	r = msg_send(
	    FD_BROKER, IMSG_JOB_DONE, j->id, d, sizeof(*d), &j->result, 1);
	if (r != 0)
		role_die(
		    ROLE_EXIT_OK, "broker.gone", "JOB_DONE: %s", strerror(-r));
	(void)fd_close(j->result);
	(void)fd_close(j->plan);
	(void)fd_close(j->bodies);
	(void)fd_close(j->procs);
	memset(j, 0, sizeof(*j));
	ex.starved = false;
}

void
job_on_ended(struct exec_cell *c)
{
	struct exec_job *j = &ex.job;
	struct imsg_job_done d = { .end = END_EXIT };
	const char *fault;

	d.end = j->forced != END_EXIT ? j->forced : judge_cell(c, &d.detail);
	if (d.end == END_EXIT) {
		fault = seal_result(j->result, &c->packed);
		if (fault != NULL) {
			role_log(LOG_ERR, NULL, "cell.result", "slot %u: %s",
			    ex.slot, fault);
			d.end = END_BAD_RESULT;
			ex.broken = true;
		}
	}
	if (d.end == END_EXIT) {
		d.status = c->status.compiler;
		memcpy(d.len, c->packed.len, sizeof(d.len));
	} else {
		j->result = empty_result(j->result);
	}
	log_end(c, d.end);
	if (spoils_slot((enum job_end)d.end))
		ex.broken = true;
	answer(&d, c);
	if (ex.broken)
		slot_end();
}
