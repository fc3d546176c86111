/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The tripwire as the executor hears it (security-rules 8): call number and
 * registers, never the caller's memory; never an answer once there is a job,
 * and never SECCOMP_USER_NOTIF_FLAG_CONTINUE.  Who has tripped waits until the
 * cell's end.  With the executor's end all cells die.
 */
#include "exec.h"

#include <errno.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <string.h>
#include <sys/ioctl.h>

#include <sandbox/probe.h>

#include "node/common/fd.h"
#include "node/common/role.h"

/* More than a job may have threads (LIMIT_JOB_NPROC). */
#define CALLERS_MAX 128

int
trip_on_listener(void *ctx, struct msg *m)
{
	struct exec_cell *c = ctx;
	uint64_t none = 0;

	if (c->trip >= 0)
		return -EPROTO;
	c->trip = msg_take_fd(m, 0);
	/* A listener knows no such notification; anything else no such
	 * request. */
	if (ioctl(c->trip, SECCOMP_IOCTL_NOTIF_ID_VALID, &none) == 0 ||
	    errno != ENOENT)
		return -EPROTO;
	msg_refuse_fds(c->init);
	return 0;
}

/* The launcher, or probe in its place, tries the wire. */
static void
answer_probe(struct exec_cell *c, const struct seccomp_notif *n)
{
	struct seccomp_notif_resp r = { .id = n->id, .error = -PROBE_TRIP_ANSWER };

	if (ioctl(c->trip, SECCOMP_IOCTL_NOTIF_SEND, &r) == 0)
		c->trips++;
}

static void
violated(struct exec_cell *c, const struct seccomp_notif *n)
{
	c->violation.callers++;
	if (c->violation.callers == 1) {
		c->violation.arch = n->data.arch;
		c->violation.nr = n->data.nr;
		for (int i = 0; i < 6; i++)
			c->violation.args[i] = n->data.args[i];
	}
	if (ex.job.active && ex.job.cell == c)
		job_stop(END_VIOLATION);
	else
		role_die(ROLE_EXIT_PROTOCOL, "cell.violation",
		    "slot %u: a cell without a job made a forbidden system "
		    "call, number %d",
		    ex.slot, (int)n->data.nr);
}

/* After POLLIN it does not block: the kernel counts what was ever raised, and
 * what has died since is ENOENT. */
static void
hear_one(struct exec_cell *c)
{
	struct seccomp_notif n;

	memset(&n, 0, sizeof(n));
	if (ioctl(c->trip, SECCOMP_IOCTL_NOTIF_RECV, &n) < 0) {
		if (errno != ENOENT && errno != EINTR)
			role_die(ROLE_EXIT_SYSTEM, "cell.trip",
			    "slot %u: the tripwire: %s", ex.slot,
			    strerror(errno));
		return;
	}
	if (c->state == CELL_MAKING)
		answer_probe(c, &n);
	else
		violated(c, &n);
}

static int
look(int trip)
{
	struct pollfd p = { .fd = trip, .events = POLLIN };

	return trip >= 0 && poll(&p, 1, 0) > 0 ? p.revents : 0;
}

/* The first one ends the cell; those that wait beside it are counted, and no
 * more than a job has threads. */
void
trip_hear(struct exec_cell *c)
{
	int now = look(c->trip);

	/* Nobody is left under that filter, or nobody will be. */
	if (now != 0 && ((now & POLLIN) == 0 || c->state == CELL_DYING))
		c->trip = fd_close(c->trip);
	for (int i = 0; i < CALLERS_MAX && (look(c->trip) & POLLIN) != 0; i++)
		hear_one(c);
}
