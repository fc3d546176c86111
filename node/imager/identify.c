/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Asking programs what they are: each is run in a jail with the host's /usr
 * read-only; what it prints is parsed by compiler_says.c.
 */
#include "closure.h"
#include "find.h"
#include "owner.h"
#include "run.h"
#include <node/common/word.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *const *
find_host_env(const struct program *p)
{
	static char libs[sizeof(p->libs) + 32];
	static const char *env[] = { "PATH=/usr/bin:/bin", "LC_ALL=C.UTF-8",
		"TMPDIR=/tmp/.immure", NULL, NULL };

	snprintf(libs, sizeof(libs), "LD_LIBRARY_PATH=%s", p->libs);
	env[3] = p->libs[0] != '\0' ? libs : NULL;
	return env;
}

void
find_origin(struct program *p, const char *tool)
{
	char real[PATH_MAX], why[256];

	if (owner_walk(owner_host(), tool, real, NULL, NULL, why,
	        sizeof(why)) == 0)
		closure_origin(real, p->libs, sizeof(p->libs));
}

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
		.argv0 = p->path, .args = args, .env = find_host_env(p) };
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

/* With what its stderr says of an error, for a reason. */
static void
refuse_with(struct program *p, const char *what, const struct run_output *o)
{
	char text[100];

	compiler_says_error((const char *)o->err, o->err_len, text,
	    sizeof(text));
	/* What gcc's -v begins with says nothing. */
	if (strcmp(text, "Using built-in specs.") == 0)
		text[0] = '\0';
	snprintf(p->reason, sizeof(p->reason), "%s%s%s", what,
	    text[0] != '\0' ? ": " : "", text);
}

static int
ask_verbose(struct program *p, int runner)
{
	static const char *const args[] = { "-v", "-E", "-x", "c", "-", NULL };
	const struct run_spec s = { .place = PLACE_HOST, .program = p->real,
		.argv0 = p->path, .args = args, .env = find_host_env(p) };
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
		refuse_with(p, "cc -v -E fails", &o);
		r = -1;
	} else {
		r = compiler_says_parse(p->says, o.err, o.err_len);
		if (r < 0)
			refuse(p, "is neither gcc nor clang", 0);
	}
	run_output_done(&o);
	return r;
}

/* Once more, when libraries of cc1 are found by $ORIGIN. */
static int
ask_again(struct program *p, int runner)
{
	char had[sizeof(p->libs)];

	memcpy(had, p->libs, sizeof(had));
	if (ask_line(p, runner, "-print-prog-name=cc1", p->cc1,
	        sizeof(p->cc1)) < 0 || p->cc1[0] != '/')
		return -1;
	find_origin(p, p->cc1);
	if (strcmp(had, p->libs) == 0)
		return -1;
	p->reason[0] = '\0';
	return ask_verbose(p, runner);
}

static void
identify(struct program *p, int runner)
{
	int r;

	p->says = calloc(1, sizeof(*p->says));
	if (p->says == NULL) {
		refuse(p, "out of memory", 0);
		return;
	}
	find_origin(p, p->real);
	r = ask_verbose(p, runner);
	if (r < 0 && (r == -ETIME || ask_again(p, runner) < 0))
		return;
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

	if (c->reason[0] != '\0')
		return;
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

/* What clients of --zeroconf look for: the words their own cc says. */
static void
ask_cc(struct found *f, const struct candidate *c, int runner)
{
	struct program *p = &f->p[c->program];
	char version[sizeof(f->cc_version)];

	if (ask_line(p, runner, "-dumpversion", version,
	        sizeof(version)) < 0 ||
	    !word_is_plain(version, sizeof(version)) ||
	    !word_is_plain(p->says->machine, sizeof(f->cc_machine)))
		return;
	snprintf(f->cc_version, sizeof(f->cc_version), "%s", version);
	snprintf(f->cc_machine, sizeof(f->cc_machine), "%s",
	    p->says->machine);
}

void
find_identify(struct found *f, int runner)
{
	for (size_t i = 0; i < f->np; i++)
		identify(&f->p[i], runner);
	for (size_t i = 0; i < f->n; i++)
		if (f->c[i].program >= 0)
			compare(&f->c[i], &f->p[f->c[i].program]);
	for (size_t i = 0; i < f->n; i++)
		if (strcmp(f->c[i].name, "cc") == 0 &&
		    f->c[i].program >= 0 && f->c[i].reason[0] == '\0' &&
		    !f->c[i].unlisted &&
		    f->cc_version[0] == '\0')
			ask_cc(f, &f->c[i], runner);
}
