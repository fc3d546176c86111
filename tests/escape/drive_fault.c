/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A slot under tests/escape/fault.c, again and again in one image.  A line of
 * stdin, "LOG plain|pump SITE=ERRNO PROCESS" ("-": no fault; PROCESS: which the
 * witness will be), is a slot with one job;
 * the answer is a line of words: whether it was ready, whether the job was
 * answered and how it ended, what the witness said (and ":unheard" when the
 * slot's next job makes a forbidden call, and nobody hears it), what was left.
 */
#include "drive_executor.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <sandbox/probe.h>

#include "node/toolchain/table.h"

/* A cell that does not come is given up after CELL_MAKE_MS, 20 s. */
#define READY_MS 40000
#define JOB_MS	 40000

static char tracer[512];

static void
find_tracer(void)
{
	ssize_t n = readlink("/proc/self/exe", tracer, sizeof(tracer) - 16);

	if (n < 0)
		drive_fail("/proc/self/exe");
	tracer[n] = '\0';
	memcpy(strrchr(tracer, '/'), "/fault", sizeof("/fault"));
}

static void
put_under(struct drive *d, const char *log, const char *fault,
    const char *process)
{
	const char *const words[] = { tracer, "-m", "exec:" DRIVE_WITNESS, "-q",
		"/.immure/.stage/probe", "-q", "/.immure/.stage/launch", "-l",
		log, "--" };
	unsigned n = 0;

	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		d->under[n++] = words[i];
	if (strcmp(fault, "-") == 0) {
		d->under[n] = NULL;
		return;
	}
	d->under[n - 1] = "-f";
	d->under[n++] = fault;
	d->under[n++] = "-t";
	d->under[n++] = process;
	d->under[n++] = "--";
	d->under[n] = NULL;
}

static void
witness_job(struct drive_job *j, unsigned profile)
{
	static char layers[24];
	const char *argv[] = { "witness", layers, NULL };
	static const char source[] = "int x;\n";
	static const char *const env[] = { NULL };
	const bool pump = profile == PROFILE_PUMP;

	/* the filter's own acts would end it: see trips() */
	(void)snprintf(layers, sizeof(layers), "%llx",
	    (unsigned long long)(probe_expected() &
		~(UINT64_C(1) << LAYER_SECCOMP | UINT64_C(1) << LAYER_TRIP)));
	drive_job_begin(j, profile, 1);
	j->start.wall_ms = 20000;
	plan_exec(&j->plan, DRIVE_WITNESS, pump ? "/home" : "/tmp", argv, env);
	drive_job_file(j, pump ? "/home/x.c" : "/tmp/x.i", source,
	    sizeof(source) - 1);
}

/* The slot's other job makes a forbidden call: was it heard, and is it the
 * slot's last? */
static bool
trips(struct drive *d, unsigned profile)
{
	const char *argv[] = { "hostile", "sigsys", NULL };
	static const char *const env[] = { NULL };
	struct drive_job j;
	bool heard = true;

	drive_job_begin(&j, profile, 1);
	j.start.wall_ms = 20000;
	plan_exec(&j.plan, DRIVE_HOSTILE,
	    profile == PROFILE_PUMP ? "/home" : "/tmp", argv, env);
	/* a slot that has ended meanwhile has run nothing */
	if (drive_job_offer(d, &j) == 0 && drive_job_wait(d, &j, JOB_MS))
		heard = j.done.end == END_VIOLATION && j.done.last == 1 &&
		    j.done.violation.nr == SYS_chroot;
	drive_job_done(&j);
	return heard;
}

static void
say_job(const struct drive_job *j)
{
	size_t len;
	char *said = (char *)drive_job_part(j, PART_SOUT, &len);

	said[strcspn(said, "\n")] = '\0';
	for (char *c = said; *c != '\0'; c++)
		if (*c == ' ')
			*c = ':';
	printf(" end=%u status=%#x said=%s", j->done.end, j->done.status,
	    len > 0 ? said : "-");
	free(said);
}

static void
one_slot(struct drive *d, const char *log, unsigned profile, const char *fault,
    const char *process)
{
	struct drive_job j;
	const char *left;
	int ready;
	bool answered = false;

	put_under(d, log, fault, process);
	d->quiet = getenv("VERBOSE") == NULL;
	ready = drive_try(d, READY_MS);
	printf("RESULT ready=%d", ready);
	if (ready == 1) {
		witness_job(&j, profile);
		if (drive_job_offer(d, &j) == 0)
			answered = drive_job_wait(d, &j, JOB_MS);
		printf(" answered=%d", answered);
		if (answered)
			say_job(&j);
		if (answered && !j.done.last && !trips(d, profile))
			printf(":unheard");
		drive_job_done(&j);
	}
	printf(" exit=%#x", (unsigned)drive_stop(d));
	left = drive_left(d);
	printf(" left=%s\n", left != NULL ? left : "-");
	fflush(stdout);
}

void
drive_faults(struct drive *d)
{
	char line[1024], log[512], profile[16], fault[256], process[96];

	find_tracer();
	while (fgets(line, sizeof(line), stdin) != NULL) {
		if (sscanf(line, "%511s %15s %255s %95s", log, profile, fault,
			process) != 4)
			drive_fail("LOG plain|pump SITE=ERRNO|- PROCESS");
		one_slot(d, log,
		    strcmp(profile, "pump") == 0 ? PROFILE_PUMP : PROFILE_PLAIN,
		    fault, process);
	}
}
