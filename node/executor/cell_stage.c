/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The confinement of a stage, in its order: descriptors, limits, identity,
 * death with the parent, Landlock, no new executable memory, filter, exec.
 * Nothing is skipped: a step that fails ends the cell, and with it the slot.
 */
#include "cell_stage.h"
#include "cell_trip.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/close_range.h>
#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <sandbox/kernel_abi.h>
#include <sandbox/landlock.h>
#include <sandbox/probe.h>

/* Above every number that a stage is given. */
#define FD_ASIDE 32

void
cell_stage_fail(int fail, enum cell_exit step)
{
	unsigned char byte = (unsigned char)step;

	(void)!write(fail, &byte, 1);
	_exit(step);
}

int
cell_die_with(pid_t parent)
{
	if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) < 0)
		return -errno;
	return getppid() == parent ? 0 : -ESRCH;
}

/* Two passes, because a target may be another's source. */
static int
place_fds(const struct cell_stage *s)
{
	int aside[STAGE_FDS_MAX];

	for (unsigned i = 0; i < s->nfds; i++) {
		aside[i] = fcntl(s->fds[i], F_DUPFD_CLOEXEC, FD_ASIDE);
		if (aside[i] < 0)
			return -errno;
	}
	for (unsigned i = 0; i < s->nfds; i++)
		if (dup2(aside[i], (int)i) < 0)
			return -errno;
	/* All others have close-on-exec from birth; this is the second bolt. */
	if (syscall(__NR_close_range, s->nfds, ~0U, CLOSE_RANGE_CLOEXEC) < 0)
		return -errno;
	return 0;
}

static bool
holds_capability(void)
{
	struct __user_cap_header_struct head = {
		.version = _LINUX_CAPABILITY_VERSION_3,
	};
	struct __user_cap_data_struct d[2] = { { 0, 0, 0 }, { 0, 0, 0 } };

	return syscall(__NR_capget, &head, d) != 0 ||
	       (d[0].permitted | d[1].permitted | d[0].inheritable |
		   d[1].inheritable) != 0;
}

/* W^X by the kernel itself; before Linux 6.3 the filter alone says it. */
static int
refuse_exec_gain(const struct cell_order *o)
{
	const bool has = (o->expected & UINT64_C(1) << LAYER_MDWE) != 0;

	if (prctl(PR_SET_MDWE, PR_MDWE_REFUSE_EXEC_GAIN, 0, 0, 0) == 0)
		return 0;
	return errno == EINVAL && !has ? 0 : -errno;
}

static int
enter_rules(const struct cell_order *o, const struct cell_stage *s)
{
	int r, rules = s->rules(o);

	if (rules < 0)
		return rules;
	r = landlock_enter(rules);
	(void)close(rules);
	return r;
}

static int
install_filter(const struct cell_stage *s, const struct cell_trip *trip)
{
	if (s->filter == NULL)
		return 0;
	return s->trip ? cell_trip_install(trip, s->filter) :
			 filter_install(s->filter);
}

void
cell_stage_exec(const struct cell_order *o, const struct cell_stage *s,
    int fail, pid_t parent)
{
	const char *const argv[] = { s->path, s->arg, NULL };
	static const char *const env[] = { NULL };
	struct cell_trip trip = { -1, -1 };
	int sock = -1;

	/* Its number may be one that the stage is given. */
	if (s->trip)
		sock = fcntl(o->executor, F_DUPFD_CLOEXEC, FD_ASIDE);
	if (place_fds(s) != 0)
		cell_stage_fail(fail, CELL_EXIT_STAGE_FDS);
	/* Before the limit on processes, which another job of this uid, the
	 * slot's, may have reached. */
	if (s->trip && cell_trip_prepare(&trip, sock) != 0)
		cell_stage_fail(fail, CELL_EXIT_TRIP);
	if (rlimits_apply(&s->limits) != 0)
		cell_stage_fail(fail, CELL_EXIT_STAGE_LIMITS);
	/* caps_drop_all() in the parent, pid 1 or the killer: ask only. */
	if (holds_capability() || prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) != 1 ||
	    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0)
		cell_stage_fail(fail, CELL_EXIT_STAGE_ID);
	if (cell_die_with(parent) != 0)
		cell_stage_fail(fail, CELL_EXIT_DEATH);
	if (enter_rules(o, s) != 0)
		cell_stage_fail(fail, CELL_EXIT_STAGE_RULES);
	if (refuse_exec_gain(o) != 0)
		cell_stage_fail(fail, CELL_EXIT_STAGE_MDWE);
	if (install_filter(s, &trip) != 0)
		cell_stage_fail(fail,
		    s->trip ? CELL_EXIT_TRIP : CELL_EXIT_STAGE_FILTER);
	(void)execve(s->path, (char *const *)(uintptr_t)argv,
	    (char *const *)(uintptr_t)env);
	cell_stage_fail(fail, CELL_EXIT_STAGE_EXEC);
}
