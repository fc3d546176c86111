/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Cells as the executor sees them: sockets to pid 1, unpack and pack, a child
 * to wait for, and SIGKILL.  What a cell costs is wait4(2)'s word, never its
 * own.  A cell that is malformed in anything it says ends the slot.
 */
#include "exec.h"
#include "cell.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <syslog.h>
#include <unistd.h>

#include <sandbox/probe.h>

#include "node/common/fd.h"
#include "node/common/role.h"

static struct msg msg;

static struct exec_cell *
cell_free_place(void)
{
	for (unsigned i = 0; i < CELLS_MAX; i++)
		if (ex.cells[i].state == CELL_NONE)
			return &ex.cells[i];
	role_die(ROLE_EXIT_SYSTEM, "slot.full",
	    "slot %u: %u cells are dying at once", ex.slot, CELLS_MAX);
}

/* Three pairs. */
static int
make_sockets(struct exec_cell *c)
{
	int *ours[3] = { &c->init, &c->unpack, &c->pack };
	int sv[2], r;

	for (int i = 0; i < 3; i++) {
		r = msg_pair(sv);
		if (r < 0)
			return r;
		*ours[i] = sv[0];
		c->theirs[i] = sv[1];
		/* Nobody in a cell sends any, but the listener, first of all. */
		if (i > 0)
			msg_refuse_fds(sv[0]);
	}
	return 0;
}

static _Noreturn void
no_cell(int error)
{
	role_die(ROLE_EXIT_SYSTEM, "slot.cell",
	    "slot %u: asking for a cell: %s", ex.slot, strerror(-error));
}

/* The cell's group, to the zygote that is to clone it into that. */
static int
order_group(const struct exec_cell *c)
{
	if (!ex.grouped)
		return 0;
	return msg_send(
	    FD_ZYGOTE, IMSG_CELL_GROUP, c->id, NULL, 0, &c->place, 1);
}

struct exec_cell *
cell_make(const struct cell_kind *k)
{
	struct exec_cell *c = cell_free_place();
	int r;

	memset(c, 0, sizeof(*c));
	c->init = c->unpack = c->pack = c->trip = -1;
	c->theirs[0] = c->theirs[1] = c->theirs[2] = c->place = -1;
	c->kind = *k;
	c->beside = ex.job.active && ex.job.cell != NULL;
	c->id = ++ex.last_id;
	c->memory = ex.limits.job_memory;
	c->deadline_us = now_us() + CELL_MAKE_MS * 1000ULL;
	r = make_sockets(c);
	if (r == 0 && ex.grouped)
		r = c->place = group_make(c->id);
	if (r < 0)
		no_cell(r);
	c->state = CELL_MAKING;
	cell_order(c);
	return c;
}

bool
cell_fits(const struct exec_cell *c, const struct cell_kind *k)
{
	if (c->state != CELL_MAKING && c->state != CELL_READY)
		return false;
	return c->kind.toolchain == k->toolchain &&
	       c->kind.profile == k->profile &&
	       (c->kind.tops & k->tops) == k->tops;
}

void
cell_kill(struct exec_cell *c)
{
	group_kill(c->id);
	/* Only ever a child that is not yet reaped: its pid is its own.  One
	 * without a pid is killed when CELL_MADE says which it is. */
	if (c->pid > 0 && !c->reaped && kill(c->pid, SIGKILL) < 0)
		role_die(ROLE_EXIT_SYSTEM, "slot.kill", "slot %u: kill(2): %s",
		    ex.slot, strerror(errno));
	c->state = CELL_DYING;
}

unsigned
cell_sockets(const struct exec_cell *c, int fds[3])
{
	unsigned n = 0;

	if (c->state == CELL_NONE)
		return 0;
	if (c->init >= 0)
		fds[n++] = c->init;
	if (c->pack >= 0)
		fds[n++] = c->pack;
	if (c->trip >= 0)
		fds[n++] = c->trip;
	return n;
}

static void
log_layers(const struct exec_cell *c, uint64_t failed)
{
	for (unsigned i = 0; i < LAYER_COUNT; i++)
		if ((failed & UINT64_C(1) << i) != 0)
			role_log(LOG_CRIT, NULL, "layer.failed",
			    "slot %u, toolchain %u: %s does not hold (%s); %s",
			    ex.slot, c->kind.toolchain, layer_texts[i].name,
			    layer_texts[i].what, layer_texts[i].remedy);
}

static int
on_ready(void *ctx, struct msg *m)
{
	struct exec_cell *c = ctx;
	struct imsg_cell_check check;

	memcpy(&check, m->body, sizeof(check));
	if (check.failed != 0) {
		log_layers(c, check.failed);
		role_die(ROLE_EXIT_UNCONFINED, "slot.unconfined",
		    "slot %u: a cell's layers do not hold", ex.slot);
	}
	if (c->trips == 0)
		role_die(ROLE_EXIT_UNCONFINED, "slot.unconfined",
		    "slot %u: a cell's tripwire is dead", ex.slot);
	if (c->pid == 0) {
		c->ready_early = true; /* the zygote's word is on its way */
		return 0;
	}
	c->state = CELL_READY;
	slot_on_ready(c);
	return 0;
}

static int
on_status(void *ctx, struct msg *m)
{
	struct exec_cell *c = ctx;

	if (c->has_status)
		return -EPROTO;
	c->has_status = true;
	memcpy(&c->status, m->body, sizeof(c->status));
	return 0;
}

static int
on_packed(void *ctx, struct msg *m)
{
	struct exec_cell *c = ctx;

	if (c->has_packed)
		return -EPROTO;
	c->has_packed = true;
	memcpy(&c->packed, m->body, sizeof(c->packed));
	if (c->packed.end == END_TOO_BIG)
		job_stop(END_TOO_BIG);
	return 0;
}

#define IN(state) (1U << (state))

static const struct msg_rule init_rules[] = {
	{ IMSG_CELL_TRIP, IN(CELL_MAKING) | IN(CELL_DYING), 0, 1,
	    trip_on_listener },
	{ IMSG_CELL_READY, IN(CELL_MAKING), sizeof(struct imsg_cell_check), 0,
	    on_ready },
	{ IMSG_CELL_STATUS, IN(CELL_RUNNING), sizeof(struct imsg_cell_status),
	    0, on_status },
};

static const struct msg_rule pack_rules[] = {
	{ IMSG_PACKED, IN(CELL_RUNNING), sizeof(struct imsg_packed), 0,
	    on_packed },
};

/* Pid 1 holds its socket until its end: one that has let go of it is either
 * ending, which a signal does not change, or deaf. */
static void
end_deaf(const struct exec_cell *c)
{
	if (c->init < 0 && c->pid > 0 && !c->reaped)
		(void)kill(c->pid, SIGKILL);
}

/* One that dies is heard no more, but lets go of its listener as any other does:
 * msg_done() would keep that to our end. */
static bool
is_heard(const struct exec_cell *c, const int *sock)
{
	return c->state != CELL_DYING ||
	       (sock == &c->init && msg.hdr.type == IMSG_CELL_TRIP);
}

static void
hear(struct exec_cell *c, int *sock, const struct msg_rule *rules, size_t n)
{
	int r;

	while (*sock >= 0) {
		r = msg_recv(*sock, &msg);
		if (r == -EAGAIN)
			return;
		if (r == 0) {
			*sock = fd_close(*sock);
			end_deaf(c);
			return;
		}
		if (r == 1 && is_heard(c, sock))
			r = msg_dispatch(rules, n, c->state, c, &msg);
		msg_done(&msg);
		if (r < 0)
			role_die(ROLE_EXIT_PROTOCOL, "cell.protocol",
			    "slot %u: a cell said what it must not", ex.slot);
	}
}

void
cell_hear(struct exec_cell *c)
{
	hear(c, &c->init, init_rules, 3);
	hear(c, &c->pack, pack_rules, 1);
	trip_hear(c);
}

static void
cell_forget(struct exec_cell *c)
{
	c->init = fd_close(c->init);
	c->unpack = fd_close(c->unpack);
	c->pack = fd_close(c->pack);
	c->trip = fd_close(c->trip);
	if (ex.next == c)
		ex.next = NULL;
	c->state = CELL_NONE;
	c->pid = 0;
}

static void
die_of_cell(const struct exec_cell *c)
{
	int st = c->wait_status;

	if (WIFEXITED(st))
		role_die(ROLE_EXIT_SYSTEM, "cell.crash",
		    "slot %u: a cell ended before it had a job: %s", ex.slot,
		    cell_exit_text(WEXITSTATUS(st)));
	role_die(ROLE_EXIT_SYSTEM, "cell.crash",
	    "slot %u: a cell was killed by signal %d", ex.slot, WTERMSIG(st));
}

/*
 * A job and the slot's next cell count against one limit of processes, that of
 * their uid: a job that holds all there are keeps the cell from being made, and
 * nothing is wrong with the slot.  It is made again when the job's processes
 * are gone; one that fails then ends the slot.
 */
static bool
is_starved(const struct exec_cell *c)
{
	int code = WEXITSTATUS(c->wait_status);

	return c->state == CELL_MAKING && c->beside &&
	       WIFEXITED(c->wait_status) &&
	       (code == CELL_EXIT_FORK || code == CELL_EXIT_TRIP ||
		   code == CELL_EXIT_STAGE_ID || code == CELL_EXIT_STAGE_EXEC);
}

static void
cell_starved(struct exec_cell *c)
{
	bool of_job = ex.job.active && ex.job.cell == c;

	role_log(LOG_NOTICE, NULL, "cell.starved",
	    "slot %u: no process was left for a cell beside a job", ex.slot);
	ex.starved = !of_job;
	group_end(c->id, &c->group); /* it may never have been in it */
	cell_forget(c);
	if (of_job)
		job_on_starved();
	slot_prepare();
}

static void
cell_ended(struct exec_cell *c)
{
	bool was_check = (c->kind.profile & CELL_CHECK) != 0;

	if (c->group.stays)
		ex.broken = true; /* the slot's next job must not meet it */
	if (is_starved(c)) {
		cell_starved(c);
		return;
	}
	if (c->state == CELL_RUNNING || ex.job.cell == c)
		job_on_ended(c);
	else if (c->state != CELL_DYING &&
		 !(was_check && c->state == CELL_READY && c->wait_status == 0))
		die_of_cell(c);
	else if (c->group.stays)
		role_die(ROLE_EXIT_SYSTEM, "slot.group",
		    "slot %u: a cell's group is not empty, or not removed",
		    ex.slot);
	cell_forget(c);
	if (was_check)
		ex.checked++;
	slot_prepare();
}

/*
 * Descriptors in flight are counted for all slots together, which have one uid
 * (unix(7), ETOOMANYREFS): when many slots begin at once they wait for each
 * other, and one that is taken over can make the others wait.  Meanwhile the
 * broker is heard; the deadline of the cell's making is the end of it.
 */
void
cell_order(struct exec_cell *c)
{
	const struct imsg_cell order = { c->kind.toolchain, c->kind.profile,
		c->kind.tops };
	int r = 0;

	/* Both in one go, and both again: a group is the next order's. */
	if (c->state == CELL_MAKING)
		r = order_group(c);
	if (c->state == CELL_MAKING && r == 0)
		r = msg_send(FD_ZYGOTE, IMSG_CELL_MAKE, c->id, &order,
		    sizeof(order), c->theirs, 3);
	if (r == -EAGAIN)
		return;
	for (int i = 0; i < 3; i++)
		c->theirs[i] = fd_close(c->theirs[i]);
	c->place = fd_close(c->place);
	if (r != 0)
		no_cell(r);
	if (c->state != CELL_DYING)
		return;
	group_end(c->id, &c->group);
	cell_ended(c);
}

/* Has @c's pid 1 ended?  With it the whole pid namespace has. */
static void
cell_reap(struct exec_cell *c)
{
	pid_t pid = wait4(c->pid, &c->wait_status, WNOHANG, &c->usage);

	if (pid == 0)
		return;
	if (pid != c->pid) /* ECHILD: the zygote lied about it */
		role_die(ROLE_EXIT_PROTOCOL, "zygote.protocol",
		    "slot %u: a cell that is no child of ours", ex.slot);
	c->reaped = true;
	cell_hear(c); /* its last words */
	group_end(c->id, &c->group);
	if (c->state != CELL_NONE)
		cell_ended(c);
}

void
cells_reap(void)
{
	for (unsigned i = 0; i < CELLS_MAX; i++)
		if (ex.cells[i].state != CELL_NONE && ex.cells[i].pid > 0)
			cell_reap(&ex.cells[i]);
}

static struct exec_cell *
cell_by_id(uint64_t id)
{
	for (unsigned i = 0; i < CELLS_MAX; i++)
		if (ex.cells[i].state != CELL_NONE && ex.cells[i].id == id)
			return &ex.cells[i];
	return NULL;
}

int
cell_on_made(void *ctx, struct msg *m)
{
	struct exec_cell *c = cell_by_id(m->hdr.job);
	struct imsg_cell_pid made;

	(void)ctx;
	memcpy(&made, m->body, sizeof(made));
	if (c == NULL || c->pid != 0)
		return -EPROTO;
	if (made.error == -EAGAIN && c->beside && c->state == CELL_MAKING) {
		cell_starved(c);
		return 0;
	}
	if (made.pid <= 0)
		role_die(ROLE_EXIT_SYSTEM, "cell.clone",
		    "slot %u: clone3(2) of a cell: %s", ex.slot,
		    strerror(-made.error));
	c->pid = made.pid;
	end_deaf(c);
	if (c->state == CELL_DYING)
		cell_kill(c);
	else if (c->ready_early) {
		c->state = CELL_READY;
		slot_on_ready(c);
	}
	return 0;
}
