/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * immure selftest: are the promises kept by the node that runs?
 *
 *   cmd_selftest.c     the command, and the order of things
 *   selftest_node.c    what is asked of the node: its control socket, jobs
 *   selftest_acts.c    the acts of the test program, and what must come of them
 *   selftest_jobs.c    jobs: acts, limits, refusals, records
 *   selftest_compile.c an honest one
 *   selftest_roles.c   the node's processes, as /proc shows them
 *   selftest_print.c   verdicts, progress
 */
#ifndef IMMURE_CLI_SELFTEST_H
#define IMMURE_CLI_SELFTEST_H

#include "control_ask.h"
#include "talk.h"

#include <sandbox/probe.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* What has a verdict: the promises of docs/threat-model.md by their numbers,
 * and an honest compile. */
enum {
	ROW_COMPILE = 0,
	PROMISE_READ = 1,
	PROMISE_WRITE,
	PROMISE_REACH,
	PROMISE_RUN,
	PROMISE_LIMITS,
	PROMISE_FRONT,
	PROMISE_MONITOR,
	PROMISE_RECORD,
	PROMISE_OUTSIDE,
	PROMISE_COST,
	ROWS
};

#define BROKEN_MAX  8 /* of a row, that are told; the others are counted */
#define BROKEN_TEXT 200

struct st_row {
	unsigned tried, broken, unknown;
	char how[BROKEN_MAX][BROKEN_TEXT]; /* of broken, then of unknown ones */
	unsigned nhow;
	char note[BROKEN_TEXT]; /* "" = none */
};

struct selftest {
	struct control control;
	struct control_node node;
	struct st_row rows[ROWS];
	int records;	 /* owned; not blocking */
	unsigned jobs;	 /* to the selftest's broker, each to be recorded */
	char *recorded;	 /* owned; records that name CONTROL_PROGRAM, a line
			    each, and the beginning of another one */
	size_t recorded_whole, recorded_len;
	bool progress, json;
	unsigned steps; /* for progress */
	int images; /* that were mounted before; -errno */
	uint64_t begin_us;
};

/* -- cmd_selftest.c: verdicts -- */

/* One thing more has been tried for @row, and the promise held. */
void st_kept(struct selftest *s, unsigned row);
/* … or not; or nobody can say.  The text is for people. */
void st_broken(struct selftest *s, unsigned row, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
void st_unknown(struct selftest *s, unsigned row, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* -- selftest_print.c -- */

extern const char *const st_whats[ROWS];

void st_progress(struct selftest *s, const char *what);
void st_print(struct selftest *s);
int st_print_json(const struct selftest *s);

/* -- selftest_node.c -- */

/* Give the node the test program; 0, or -errno, told on stderr. */
int st_begin(struct selftest *s);
/* Close: the node takes all of it down. */
void st_end(struct selftest *s);
/* A job with @argv (the program's name first) and @source; talk_done(t) later.
 * 0 or -errno: there was no connection (nothing in *t). */
int st_job(struct selftest *s, struct talk *t, const char *const *argv,
    unsigned argc, const char *source);
/* A connection to its front, for bytes that are no job; or -errno. */
int st_connect(struct selftest *s);
/* Take what records there are. */
void st_records(struct selftest *s);

/* -- selftest_acts.c -- */

enum st_want {
	WANT_REFUSED, /* by an errno */
	WANT_WORKS,   /* without it, refusals would show nothing */
	WANT_ENDS,    /* by its own job's end */
};

struct st_act {
	unsigned row;
	enum st_want want;
	const char *what; /* for people */
	const char *line; /* of the program's source; %WORD: a word of
			     argument() in selftest_jobs.c */
};

extern const struct st_act st_acts[]; /* ends with a NULL line */

/* -- selftest_jobs.c -- */

void st_try_acts(struct selftest *s);
void st_try_limits(struct selftest *s);
void st_try_refusals(struct selftest *s);
void st_try_records(struct selftest *s);

/* -- selftest_compile.c -- */

void st_try_compile(struct selftest *s);

/* -- selftest_roles.c -- */

void st_look_at_roles(struct selftest *s);
/* Before st_begin(): what there is. */
void st_remember(struct selftest *s);
/* After st_end(): is anything of it left?  */
void st_look_at_rest(struct selftest *s);

#endif
