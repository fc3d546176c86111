/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A compiler that attacks what is around it: what becomes of the job, that it
 * ends in time, and that the next one is served (by a new slot where the old
 * one was spoilt).
 */
#include "drive_executor.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

#define WALL_MS 3000
/* For an answer that comes then, on a machine that is busy. */
#define PATIENCE_MS 40000

/* clang-format off */
static const struct {
	const char *act;
	uint32_t end, status;
	bool rebuilt; /* the slot ends */
	const char *what;
} acts[] = {
	{ "object", END_EXIT, 0, false, "an honest object" },
	{ "", END_NO_OBJECT, 0, false, "no object" },
	{ "directory", END_EXIT, 0x100, false, "a directory as object is not made" },
	{ "unreadable", END_BAD_RESULT, 0, false, "an unreadable object" },
	{ "sparse", END_EXIT, 0, false, "a sparse object" },
	{ "huge", END_TOO_BIG, 0, true, "an object over its limit" },
	{ "stderr", END_TOO_BIG, 0, true, "a flood on stderr" },
	{ "stdout", END_TOO_BIG, 0, true, "a flood on stdout" },
	{ "orphan", END_EXIT, 0, false, "a child that stays" },
	{ "bomb", END_EXIT, 0, false, "children up to the limit" },
	{ "stop", END_WALL, 0, true, "a process that stops itself" },
	{ "sigsys", END_VIOLATION, 0, true, "a forbidden call" },
};
/* clang-format on */

static void
act_job(struct drive_job *j, const char *act)
{
	const char *argv[] = { "hostile", act, NULL };
	static const char *const env[] = { NULL };

	drive_job_begin(j, PROFILE_PLAIN, 1);
	j->start.wall_ms = WALL_MS;
	plan_exec(&j->plan, DRIVE_HOSTILE, "/tmp", argv, env);
}

static void
try_act(struct drive *d, unsigned i)
{
	struct drive_job j;
	size_t n;

	act_job(&j, acts[i].act);
	drive_job_send(d, &j);
	if (!drive_job_wait(d, &j, PATIENCE_MS))
		drive_fail("%s: the executor has ended", acts[i].what);
	if (j.done.end != acts[i].end || j.done.status != acts[i].status)
		drive_fail("%s: end %u, status %#x: %s", acts[i].what,
		    j.done.end, j.done.status,
		    (char *)drive_job_part(&j, PART_SERR, &n));
	if (j.done.last != acts[i].rebuilt)
		drive_fail("%s: last %u", acts[i].what, j.done.last);
	drive_job_done(&j);
	if (acts[i].rebuilt)
		drive_rebuild(d);
	drive_ok(acts[i].what);
}

/* Where Landlock has scopes (Linux 6.12) the signals reach nobody; before,
 * the killer's death is a violation and the slot ends. */
static void
try_kill(struct drive *d)
{
	struct drive_job j;

	act_job(&j, "kill");
	drive_job_send(d, &j);
	if (!drive_job_wait(d, &j, PATIENCE_MS))
		drive_fail("kill: the executor has ended");
	if (j.done.end == END_CRASH)
		drive_rebuild(d);
	else if (j.done.end != END_EXIT || j.done.status != 0)
		drive_fail(
		    "kill: end %u, status %#x", j.done.end, j.done.status);
	drive_job_done(&j);
	drive_ok("signals to all that is in sight");
}

/* What was sent before the broker saw `last` is not begun, and so nobody's
 * loss: no JOB_TAKEN, no JOB_DONE, and the next slot does it. */
static void
try_after_last(struct drive *d)
{
	struct drive_job j;

	act_job(&j, "sigsys");
	drive_job_send(d, &j);
	if (!drive_job_wait(d, &j, PATIENCE_MS) || !j.taken ||
	    j.done.last != 1)
		drive_fail("no last job: last %u", j.done.last);
	drive_job_done(&j);
	act_job(&j, "object");
	if (drive_job_offer(d, &j) == 0 &&
	    (drive_job_wait(d, &j, PATIENCE_MS) || j.taken))
		drive_fail("a job after the last was begun");
	drive_job_done(&j);
	drive_rebuild(d);
	drive_ok("a job sent after the last is not begun");
}

void
drive_acts(struct drive *d)
{
	d->quiet = true;
	drive_start(d);
	for (unsigned i = 0; i < sizeof(acts) / sizeof(acts[0]); i++)
		try_act(d, i);
	try_kill(d);
	try_after_last(d);
	try_act(d, 0);
	(void)drive_stop(d);
}
