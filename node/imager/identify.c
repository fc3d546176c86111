/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Asking programs what they are: each is run in a jail with the host's /usr
 * read-only; what it prints is parsed by compiler_says.c.
 */
#include "find.h"
#include "run.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *const find_host_env[] = { "PATH=/usr/bin:/bin", "LC_ALL=C.UTF-8",
	"TMPDIR=/tmp/.immure", NULL };

static void
refuse(struct program *p, const char *what, int error)
{
	snprintf(p->reason, sizeof(p->reason), "%s%s%s", what,
	    error < 0 ? ": " : "", error < 0 ? strerror(-error) : "");
}

/* The first line that `program option` prints on stdout. */
static int
ask_line(struct program *p, int runner, const char *option, char *ret,
    size_t room)
{
	const char *const args[] = { option, NULL };
	const struct run_spec s = { .place = PLACE_HOST, .program = p->real,
		.argv0 = p->path, .args = args, .env = find_host_env };
	struct run_output o;
	const char *where;
	int r = run_compiler(runner, &s, &o, &where);

	if (r < 0)
		return r;
	r = run_succeeded(&o) ?
	    compiler_says_line((char *)o.out, o.out_len, ret, room) : -1;
	run_output_done(&o);
	return r;
}

static int
ask_verbose(struct program *p, int runner)
{
	static const char *const args[] = { "-v", "-E", "-x", "c", "-", NULL };
	const struct run_spec s = { .place = PLACE_HOST, .program = p->real,
		.argv0 = p->path, .args = args, .env = find_host_env };
	struct run_output o;
	const char *where;
	char why[100];
	int r = run_compiler(runner, &s, &o, &where);

	if (r < 0) {
		snprintf(why, sizeof(why), "could not be run (%.60s)", where);
		if (r == -ETIME)
			refuse(p, "does not end", 0);
		else
			refuse(p, why, r);
		return r;
	}
	if (!run_succeeded(&o)) {
		refuse(p, "cc -v -E fails", 0);
		r = -1;
	} else {
		r = compiler_says_parse(p->says, o.err, o.err_len);
		if (r < 0)
			refuse(p, "is neither gcc nor clang", 0);
	}
	run_output_done(&o);
	return r;
}

static void
identify(struct program *p, int runner)
{
	p->says = calloc(1, sizeof(*p->says));
	if (p->says == NULL || ask_verbose(p, runner) < 0) {
		if (p->reason[0] == '\0')
			refuse(p, "out of memory", 0);
		return;
	}
	if (p->says->family != FAMILY_GCC)
		return;
	if (ask_line(p, runner, "-print-prog-name=cc1", p->cc1,
	        sizeof(p->cc1)) < 0 || p->cc1[0] != '/')
		refuse(p, "has no cc1", 0);
}

/* "gcc-12" must be some version 12, and <triple>-gcc compile for <triple>. */
static void
compare(struct candidate *c, const struct program *p)
{
	size_t n = strlen(c->as.version);

	if (p->reason[0] != '\0')
		snprintf(c->reason, sizeof(c->reason), "%s", p->reason);
	else if (n > 0 && (strncmp(p->says->version, c->as.version, n) != 0 ||
	    (p->says->version[n] != '.' && p->says->version[n] != '\0')))
		snprintf(c->reason, sizeof(c->reason),
		    "says it is version %s", p->says->version);
	else if (p->says->family == FAMILY_GCC && c->as.triple[0] != '\0' &&
	    strcmp(c->as.triple, p->says->machine) != 0)
		snprintf(c->reason, sizeof(c->reason),
		    "says it compiles for %s", p->says->machine);
}

void
find_identify(struct found *f, int runner)
{
	for (size_t i = 0; i < f->np; i++)
		identify(&f->p[i], runner);
	for (size_t i = 0; i < f->n; i++)
		if (f->c[i].program >= 0)
			compare(&f->c[i], &f->p[f->c[i].program]);
}
