/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The jobs of immure selftest.  Acts that are refused by an errno go together,
 * a job for each promise; one that ends the job is a job of its own.
 */
#include "selftest.h"

#include <errno.h>
#include <jansson.h>
#include <signal.h>
#include <node/auditor/escape.h>
#include <node/common/clock.h>
#include <node/common/fd.h>
#include <node/common/limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define SOURCE_MAX  8192
#define SAID_MAX    65536U
#define RECORDS_MS  3000
#define BURN_MOST_US  15000000ULL

static const char *const act_argv[] = { CONTROL_PROGRAM, "-c", "acts.i", "-o",
	"acts.o" };

/* What the program said on stderr, owned by the caller; NULL: it did not. */
static char *
said(const struct talk *t)
{
	size_t len;

	if (t->end != TALK_REPLY)
		return NULL;
	return (char *)job_reply_unpack(&t->reply.serr, 1, SAID_MAX, &len);
}

/* A file that everybody on this host may read, and a job must not. */
static char canary[64];

static void
end_early(int sig)
{
	if (canary[0] != '\0')
		(void)unlink(canary);
	(void)signal(sig, SIG_DFL);
	(void)raise(sig);
}

static void
make_canary(void)
{
	int fd;

	(void)signal(SIGINT, end_early);
	(void)signal(SIGTERM, end_early);
	(void)snprintf(canary, sizeof(canary), "/tmp/immure-selftest.XXXXXX");
	fd = mkstemp(canary);
	if (fd < 0 || fchmod(fd, 0644) < 0 || write(fd, "secret\n", 7) != 7)
		canary[0] = '\0';
	(void)fd_close(fd);
}

static void
remove_canary(void)
{
	if (canary[0] != '\0')
		(void)unlink(canary);
	canary[0] = '\0';
}

/* What stands in the place of %@word: more than the node allows. */
static void
argument(char *out, size_t room, const struct selftest *s, const char *word)
{
	const struct limits *l = &s->node.limits;
	/* user mode counts the cell's own processes too */
	const struct {
		const char *word;
		uint64_t value;
	} numbers[] = { { "pid", (uint64_t)getpid() },
		{ "space", l->space + 1 }, { "processes", l->processes + 64 },
		{ "open-files", l->open_files + 1 },
		{ "address-space", l->address_space + 1 } };

	(void)snprintf(out, room, "%s", canary); /* file */
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		if (strncmp(word, numbers[i].word,
		        strlen(numbers[i].word)) == 0)
			(void)snprintf(out, room, "%llu",
			    (unsigned long long)numbers[i].value);
}

/* The line of @a; its length. */
static int
write_line(char *out, size_t room, const struct selftest *s,
    const struct st_act *a)
{
	const char *mark = strchr(a->line, '%');
	char arg[sizeof(canary)];

	if (mark == NULL)
		return snprintf(out, room, "%s", a->line);
	argument(arg, sizeof(arg), s, mark + 1);
	return snprintf(out, room, "%.*s%s%s", (int)(mark - a->line), a->line,
	    arg, mark + strcspn(mark, " "));
}

/* -- many acts, one job -- */

/* "N ok", "N e13", "N s31": of line @n; NULL: it was not said. */
static const char *
verdict_of(const char *text, unsigned n)
{
	char head[16];
	size_t len;

	len = (size_t)snprintf(head, sizeof(head), "%u ", n);
	for (const char *at = text; at != NULL && *at != '\0';) {
		if (strncmp(at, head, len) == 0)
			return at + len;
		at = strchr(at, '\n');
		at = at == NULL ? NULL : at + 1;
	}
	return NULL;
}

static void
judge(struct selftest *s, const struct st_act *a, const char *v)
{
	bool worked = v != NULL && strncmp(v, "ok", 2) == 0;

	if (v == NULL)
		st_unknown(s, a->row, "%s: it was not tried", a->what);
	else if (worked == (a->want == WANT_WORKS))
		st_kept(s, a->row);
	else if (worked)
		st_broken(s, a->row, "%s: worked", a->what);
	else
		st_unknown(s, a->row, "%s: does not work, as it has to (%.6s)",
		    a->what, v);
}

static void
try_together(struct selftest *s, unsigned row)
{
	char source[SOURCE_MAX], *text;
	const struct st_act *in[64];
	unsigned n = 0;
	size_t at = 0;
	struct talk t;

	for (const struct st_act *a = st_acts; a->line != NULL; a++) {
		if (a->row != row || a->want == WANT_ENDS || n == 64)
			continue;
		at += (size_t)write_line(source + at, sizeof(source) - at, s,
		    a);
		source[at++] = '\n';
		in[n++] = a;
	}
	source[at] = '\0';
	if (st_job(s, &t, act_argv, 5, source) < 0)
		t.end = TALK_BROKEN, t.buf = NULL;
	text = said(&t);
	for (unsigned i = 0; i < n; i++)
		judge(s, in[i], verdict_of(text, i));
	free(text);
	talk_done(&t);
}

/* -- an act that ends its job -- */

/* Did a call end the job: by the filter itself, or by the executor, which heard
 * of it? */
static bool
was_stopped(const struct talk *t, const char *text)
{
	return text != NULL && (WTERMSIG((int)t->reply.status) == SIGSYS ||
	    strstr(text, "cell.violation") != NULL);
}

/* It said that it worked, or it did not get there. */
static void
try_alone(struct selftest *s, const struct st_act *a)
{
	char source[512], *text;
	const char *v;
	struct talk t;
	int n, r;

	n = write_line(source, sizeof(source) - 1, s, a);
	source[n] = '\n';
	source[n + 1] = '\0';
	r = st_job(s, &t, act_argv, 5, source);
	if (r < 0) {
		st_unknown(s, a->row, "%s: %s", a->what, strerror(-r));
		return;
	}
	text = said(&t);
	v = text == NULL ? NULL : verdict_of(text, 0);
	if (v != NULL)
		st_broken(s, a->row, "%s: %s", a->what,
		    strncmp(v, "ok", 2) == 0 ? "worked" :
		    "the kernel was asked, and not the filter");
	else if (was_stopped(&t, text))
		st_kept(s, a->row);
	else
		st_unknown(s, a->row, "%s: it was not tried", a->what);
	free(text);
	talk_done(&t);
}

void
st_try_acts(struct selftest *s)
{
	make_canary();
	for (unsigned row = 0; row < ROWS; row++) {
		bool any = false;

		for (const struct st_act *a = st_acts; a->line != NULL; a++)
			any = any || (a->row == row && a->want != WANT_ENDS);
		if (any) {
			st_progress(s, st_whats[row]);
			try_together(s, row);
		}
	}
	for (const struct st_act *a = st_acts; a->line != NULL; a++) {
		if (a->want != WANT_ENDS)
			continue;
		st_progress(s, a->what);
		try_alone(s, a);
	}
	remove_canary();
}

/* -- limits -- */

/* @source must end with the whole reply that says @word. */
static void
expect_word(struct selftest *s, unsigned row, const char *what,
    const char *const *argv, unsigned argc, const char *source,
    const char *word)
{
	struct talk t;
	char *text;
	int r;

	st_progress(s, what);
	r = st_job(s, &t, argv, argc, source);
	if (r < 0) {
		st_unknown(s, row, "%s: %s", what, strerror(-r));
		return;
	}
	text = said(&t);
	if (text != NULL && t.reply.status != 0 && strstr(text, word) != NULL)
		st_kept(s, row);
	else
		st_broken(s, row, "%s: no whole reply that says %s", what,
		    word);
	free(text);
	talk_done(&t);
}

static void
try_burn(struct selftest *s)
{
	uint64_t begin = now_us(), took, ms = s->node.limits.cpu_ms;

	expect_word(s, PROMISE_LIMITS, "compute without end", act_argv, 5,
	    "burn\n", "limit.");
	took = now_us() - begin;
	if (ms > CONTROL_JOB_MS)
		ms = CONTROL_JOB_MS;
	if (took < ms * 1000 / 2 || took > BURN_MOST_US)
		st_broken(s, PROMISE_LIMITS, "compute without end: ended "
		    "after %u ms, not %u", (unsigned)(took / 1000),
		    (unsigned)ms);
}

/* Where the job has a group that bounds its processes it ends, else the call is
 * refused; so this is no act beside others. */
static void
try_forks(struct selftest *s)
{
	static const struct st_act a = { PROMISE_LIMITS, WANT_REFUSED,
		"more than limit-processes", "forks %processes" };
	char source[128], *text;
	struct talk t;
	int n, r;

	st_progress(s, a.what);
	n = write_line(source, sizeof(source) - 1, s, &a);
	source[n] = '\n';
	source[n + 1] = '\0';
	r = st_job(s, &t, act_argv, 5, source);
	if (r < 0) {
		st_unknown(s, a.row, "%s: %s", a.what, strerror(-r));
		return;
	}
	text = said(&t);
	if (text != NULL && strstr(text, "limit.processes") != NULL)
		st_kept(s, a.row);
	else
		judge(s, &a, verdict_of(text, 0));
	free(text);
	talk_done(&t);
}

/* What a job leaves behind dies with it: the answer does not wait. */
static void
try_daemon(struct selftest *s)
{
	struct talk t;
	int r;

	st_progress(s, "leave a process behind");
	r = st_job(s, &t, act_argv, 5, "daemon\n");
	if (r < 0) {
		st_unknown(s, PROMISE_WRITE, "leave a process behind: %s",
		    strerror(-r));
		return;
	}
	if (t.end == TALK_REPLY && t.reply.status == 0 &&
	    t.reply.object.len > 0)
		st_kept(s, PROMISE_WRITE);
	else
		st_broken(s, PROMISE_WRITE,
		    "leave a process behind: its job did not end with it");
	talk_done(&t);
}

void
st_try_limits(struct selftest *s)
{
	char flood[40];

	(void)snprintf(flood, sizeof(flood), "flood %llu\n",
	    (unsigned long long)(s->node.limits.text + MIB));
	try_burn(s);
	expect_word(s, PROMISE_LIMITS, "messages beyond limit-text", act_argv,
	    5, flood, "limit.output");
	try_forks(s);
	try_daemon(s);
	if ((s->node.layers & UINT64_C(1) << LAYER_CGROUP) == 0)
		(void)snprintf(s->rows[PROMISE_LIMITS].note, BROKEN_TEXT,
		    "what is set holds; without cgroup limits the node as a "
		    "whole is not bounded: immure check");
}

/* -- refusals -- */

/* Bytes that are no request: closed, without a byte for whoever sent them. */
static void
expect_close(struct selftest *s, const char *what, const char *bytes)
{
	struct talk t;
	int fd = st_connect(s);

	st_progress(s, what);
	if (fd < 0) {
		st_unknown(s, PROMISE_FRONT, "%s: %s", what, strerror(-fd));
		return;
	}
	talk(&t, fd, (const uint8_t *)bytes, strlen(bytes), 1,
	    now_us() + 10000000);
	(void)close(fd);
	if (t.end == TALK_CLOSED)
		st_kept(s, PROMISE_FRONT);
	else
		st_broken(s, PROMISE_FRONT, "%s: answered", what);
	talk_done(&t);
}

void
st_try_refusals(struct selftest *s)
{
	static const char *const plugin[] = { CONTROL_PROGRAM, "-c",
		"-fplugin=x.so", "a.i", "-o", "a.o" };
	static const char *const response[] = { CONTROL_PROGRAM, "-c", "@file",
		"a.i", "-o", "a.o" };
	static const char *const other[] = { CONTROL_PROGRAM "-other", "-c",
		"a.i", "-o", "a.o" };

	expect_word(s, PROMISE_RUN, "a compiler's plug-in", plugin, 6, "",
	    "option.plugin");
	expect_word(s, PROMISE_RUN, "options from a file", response, 6, "",
	    "option.");
	expect_word(s, PROMISE_RUN, "a compiler that is not there", other, 5,
	    "", "failed to exec");
	expect_close(s, "another protocol", "GET / HTTP/1.0\r\n\r\n");
	expect_close(s, "4 GiB of words", "DIST00000001ARGCffffffff");
	expect_close(s, "an argument of 4 GiB",
	    "DIST00000001ARGC00000001ARGVffffffff");
}

/* -- records -- */

static unsigned
count_records(const struct selftest *s, unsigned *ret_unmarked)
{
	unsigned n = 0;

	*ret_unmarked = 0;
	for (const char *at = s->recorded; at != NULL && *at != '\0';) {
		const char *end = strchr(at, '\n');
		json_t *o = end == NULL ? NULL :
		    json_loadb(at, (size_t)(end - at), 0, NULL);
		const char *name = json_string_value(
		    json_object_get(o, "compiler"));

		if (name != NULL && strncmp(name, CONTROL_PROGRAM,
		        sizeof(CONTROL_PROGRAM) - 1) == 0) {
			n++;
			*ret_unmarked += !json_is_true(
			    json_object_get(o, "selftest"));
		}
		json_decref(o);
		at = end == NULL ? NULL : end + 1;
	}
	return n;
}

void
st_try_records(struct selftest *s)
{
	unsigned n = 0, unmarked = 0;

	st_progress(s, "records");
	for (int ms = 0; ms < RECORDS_MS; ms += 50) {
		st_records(s);
		n = count_records(s, &unmarked);
		if (n >= s->jobs)
			break;
		(void)usleep(50000);
	}
	for (unsigned i = 0; i < n && i < s->jobs; i++)
		st_kept(s, PROMISE_RECORD);
	if (n != s->jobs)
		st_broken(s, PROMISE_RECORD, "%u jobs, %u records", s->jobs, n);
	if (unmarked > 0)
		st_broken(s, PROMISE_RECORD,
		    "%u records do not say that they are a selftest's",
		    unmarked);
}
