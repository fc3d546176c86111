/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The killer (cell_killer.h).  Pid 1 has no capability and another uid, so it
 * could not kill the job's processes itself without ending the cell, and with
 * it pack.  Never exec'd, holds one pipe, reads nothing; the job has its uid
 * and may kill it, which is a violation that pid 1 notices.
 *
 * In user mode all of a cell have one uid, so the killer is pid 1 of a pid
 * namespace within the cell's, where the job and nothing else is: its
 * kill(-1) ends just that, the job cannot signal what is outside, and not the
 * killer either (pid_namespaces(7)).
 */
#include "cell_killer.h"

#include <errno.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <sandbox/caps.h>
#include <sandbox/kernel_abi.h>
#include <sandbox/probe.h>

#include "node/cell/cell_paths.h"

extern const struct filter filter_cell_killer;

#define FD_REPORT 0 /* the only descriptor it keeps */

static void
become_job(const struct cell_order *o, int fail)
{
	const uint32_t uid = cell_job_uid(o);
	/* A parent outside of the pid namespace is 0, dead or alive; it is
	 * pid 1 of the cell, with which all of this dies. */
	const pid_t parent = o->one_id ? 0 : 1;
	const bool denied =
	    (o->expected & UINT64_C(1) << LAYER_NO_GROUPS) == 0;

	/* Kept over the change of uid, because emptying the bounding set needs
	 * one; then all are dropped. */
	if (caps_become(uid, uid, 1, denied) != 0 ||
	    caps_drop_all() != 0 || prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0)
		cell_stage_fail(fail, CELL_EXIT_STAGE_ID);
	/* The job's group is its own: in user mode it has the uid of pid 1,
	 * unpack and pack. */
	if (prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) < 0 || setsid() < 0 ||
	    cell_die_with(parent) != 0)
		cell_stage_fail(fail, CELL_EXIT_DEATH);
}

/* Reap until the launcher is there; its wait status. */
static int
wait_for(pid_t launch)
{
	int status;
	pid_t pid;

	for (;;) {
		pid = waitpid(-1, &status, 0);
		if (pid == launch)
			return status;
		if (pid < 0 && errno != EINTR)
			_exit(1);
	}
}

/*
 * A fork that is under way when kill(-1) passes sees the signal pending and
 * fails (copy_process), so nothing is missed; the loop is the second bolt.
 */
static void
kill_the_rest(void)
{
	for (;;) {
		(void)kill(-1, SIGKILL);
		if (waitpid(-1, NULL, 0) < 0 && errno == ECHILD)
			return;
	}
}

void
cell_killer_main(const struct cell_order *o, const struct cell_killer *k)
{
	pid_t self, launch;
	int status;

	become_job(o, k->fail);
	self = getpid();
	launch = fork();
	if (launch < 0)
		cell_stage_fail(k->fail, CELL_EXIT_FORK);
	if (launch == 0)
		cell_stage_exec(o, k->launch, k->fail, self);
	/* fail closes with the rest: pid 1 waits for its end of file, so the
	 * filter has to be there before. */
	if (dup2(k->report, FD_REPORT) < 0)
		cell_stage_fail(k->fail, CELL_EXIT_STAGE_FDS);
	if (filter_install(&filter_cell_killer) != 0)
		cell_stage_fail(k->fail, CELL_EXIT_STAGE_FILTER);
	(void)syscall(__NR_close_range, FD_REPORT + 1, ~0U, 0);
	status = wait_for(launch);
	kill_the_rest();
	_exit(write(FD_REPORT, &status, sizeof(status)) != sizeof(status));
}
