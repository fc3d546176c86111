/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Verdicts of immure selftest, a line a promise. */
#include "selftest.h"

#include <jansson.h>
#include <node/common/clock.h>
#include <stdio.h>
#include <unistd.h>

const char *const st_whats[ROWS] = {
	[ROW_COMPILE] = "an honest job's object is the one made here",
	[PROMISE_READ] = "a job reads only its toolchain and its own files",
	[PROMISE_WRITE] = "a job writes only its tmpfs, which goes with it",
	[PROMISE_REACH] = "a job reaches no network and no other process",
	[PROMISE_RUN] = "a job runs only its toolchain's programs",
	[PROMISE_LIMITS] = "a job cannot exhaust the node",
	[PROMISE_FRONT] = "bytes of the network meet a parser that can do "
	    "nothing",
	[PROMISE_MONITOR] = "the privileged process is the only one, and "
	    "bounded",
	[PROMISE_RECORD] = "every job is on record",
	[PROMISE_OUTSIDE] = "the node is confined from outside too",
	[PROMISE_COST] = "nothing that a user would notice",
};

void
st_progress(struct selftest *s, const char *what)
{
	s->steps++;
	if (s->progress)
		(void)fprintf(stderr, "\r\033[K%u: %.60s", s->steps, what);
}

static const char *
word_of(const struct st_row *r)
{
	return r->broken > 0 ? "broken" : r->unknown > 0 ? "unknown" :
	    r->tried > 0 ? "ok" : "-";
}

static void
name_of(unsigned row, char out[32])
{
	if (row == ROW_COMPILE)
		(void)snprintf(out, 32, "compile");
	else
		(void)snprintf(out, 32, "promise %u", row);
}

void
st_print(struct selftest *s)
{
	char name[32];

	if (s->progress)
		(void)fputs("\r\033[K", stderr);
	for (unsigned i = 0; i < ROWS; i++) {
		const struct st_row *r = &s->rows[i];

		name_of(i, name);
		(void)printf("%-8s %s: %s (", word_of(r), name, st_whats[i]);
		if (r->tried == 0)
			(void)printf("not tried");
		else
			(void)printf("%u tried", r->tried);
		(void)printf("%s%s)\n", r->note[0] != '\0' ? "; " : "",
		    r->note);
		for (unsigned k = 0; k < r->nhow; k++)
			(void)printf("%8s   %s\n", "", r->how[k]);
		if (r->broken + r->unknown > r->nhow)
			(void)printf("%8s   and %u more\n", "",
			    r->broken + r->unknown - r->nhow);
	}
	(void)printf("%u jobs, %.1f s\n", s->jobs,
	    (double)(now_us() - s->begin_us) / 1e6);
}

static json_t *
json_of_row(unsigned row, const struct st_row *r)
{
	json_t *how = json_array();
	char name[32];
	int e = 0;

	name_of(row, name);
	for (unsigned i = 0; i < r->nhow; i++)
		e |= json_array_append_new(how, json_string(r->how[i]));
	(void)e;
	return json_pack("{ss ss ss si si si so ss?}", "name", name, "what",
	    st_whats[row], "state", word_of(r), "tried", (int)r->tried,
	    "broken", (int)r->broken, "unknown", (int)r->unknown, "how", how,
	    "note", r->note[0] != '\0' ? r->note : NULL);
}

int
st_print_json(const struct selftest *s)
{
	json_t *rows = json_array(), *all;
	int r = 0;

	for (unsigned i = 0; i < ROWS; i++)
		r |= json_array_append_new(rows, json_of_row(i, &s->rows[i]));
	all = json_pack("{ss ss si sf so}", "version", s->node.version,
	    "socket", s->control.path, "jobs", (int)s->jobs, "seconds",
	    (double)(now_us() - s->begin_us) / 1e6, "verdicts", rows);
	if (r != 0 || all == NULL ||
	    json_dumpf(all, stdout, JSON_INDENT(1)) != 0)
		r = -1;
	(void)putchar('\n');
	json_decref(all);
	return r;
}
