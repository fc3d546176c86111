/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * cell: one slot by hand (tests/escape/drive.c), whose cells run first.c in the
 * compiler's place, as often as it is told (coprocess.h).  The mark is its
 * first instruction, from the request's being sent to the executor; the end is
 * the word that the job is done, results and all.  As root.
 */
#include "coprocess.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/escape/drive_executor.h"

#define WAIT_MS 20000

static struct drive drive;

/* Called by drive.c, of a test. */
void
drive_ok(const char *what)
{
	(void)what;
}

/* In the witness's place: that is what the small image may run. */
static void
put_first(const char *program)
{
	char line[512];
	int n = snprintf(line, sizeof(line), "cp '%s' '%s/%d/0/x/witness'",
	    program, drive.dir, DRIVE_GENERATION);

	if (n < 0 || (size_t)n >= sizeof(line) || system(line) != 0)
		drive_fail("%s", line);
}

static void
once(struct timing *t)
{
	static const char *const argv[] = { "first", "o", NULL };
	static const char *const env[] = { NULL };
	struct drive_job j;
	uint64_t start;
	uint8_t *text;
	size_t n;

	drive_job_begin(&j, PROFILE_PLAIN, 1);
	plan_exec(&j.plan, DRIVE_WITNESS, "/tmp", argv, env);
	drive_job_send(&drive, &j);
	start = j.us * 1000;
	if (!drive_job_wait(&drive, &j, WAIT_MS) || j.done.end != END_EXIT)
		drive_fail("end %u", j.done.end);
	text = drive_job_part(&j, PART_SOUT, &n);
	t->wall = j.us * 1000;
	t->cpu = (j.done.user_us + j.done.sys_us) * 1000;
	t->mark = strtoull((char *)text, NULL, 10) - start;
	t->status = (int)j.done.status;
	free(text);
	drive_job_done(&j);
}

int
main(int argc, char **argv)
{
	if (argc != 3)
		return 2;
	(void)signal(SIGPIPE, SIG_IGN);
	drive_image(&drive, DRIVE_SMALL);
	put_first(argv[1]);
	drive_groups(&drive);
	drive.slot = (unsigned)strtoul(argv[2], NULL, 10);
	drive_start(&drive);
	coprocess(once);
	return drive_stop(&drive) != 0;
}
