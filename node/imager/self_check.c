/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Does the image compile as the host does?  The same source is compiled in a
 * jail with the host's files at their places and in one that has only the
 * image, as a cell has: the objects must be the same byte for byte.  Headers
 * are checked apart: if only they fail, the toolchain serves all but pump.
 */
#include "build.h"
#include "run.h"
#include "table_build.h"
#include <errno.h>
#include <node/common/role.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>

#define OBJECT "/tmp/.immure/o" /* as in a cell: cell/cell_paths.h */

/* Functions, data, debug information, and a warning's text. */
static const char plain_c[] =
    "typedef unsigned long size;\n"
    "struct pair { int a; double b; const char *name; };\n"
    "static const struct pair table[] = { { 1, 2.5, \"one\" },\n"
    "    { 2, 7.25, \"two\" } };\n"
    "static int twice(int n) { return n * 2; }\n"
    "int probe(const struct pair *p, size n)\n"
    "{\n"
    "	int sum = 0;\n"
    "	for (size i = 0; i < n; i++)\n"
    "		sum += twice(p[i].a) + (int)(p[i].b * table[i % 2].b);\n"
    "	return sum;\n"
    "}\n";
static const char plain_cxx[] =
    "template <typename T> struct box {\n"
    "	T v;\n"
    "	virtual ~box() {}\n"
    "	virtual T get() const { return v; }\n"
    "};\n"
    "struct error { int code; };\n"
    "static int check(const box<int> &b)\n"
    "{\n"
    "	if (b.get() < 0)\n"
    "		throw error{b.get()};\n"
    "	return b.get();\n"
    "}\n"
    "int probe(int n)\n"
    "{\n"
    "	box<int> b;\n"
    "	b.v = n;\n"
    "	try { return check(b); } catch (const error &e) { return e.code; }\n"
    "}\n";
static const char headers_c[] =
    "#include <limits.h>\n"
    "#include <stddef.h>\n"
    "#include <stdint.h>\n"
    "#include <stdio.h>\n"
    "#include <string.h>\n"
    "int probe(const char *s, size_t n)\n"
    "{ return printf(\"%s %zu %d\\n\", s, strlen(s) + n, INT_MAX); }\n";
static const char headers_cxx[] =
    "#include <cstddef>\n"
    "#include <string>\n"
    "#include <vector>\n"
    "std::size_t probe(const std::vector<std::string> &v)\n"
    "{ std::size_t n = 0; for (auto &s : v) n += s.size(); return n; }\n";

struct check {
	struct build *b;
	struct built *t;
	uint32_t image;
	const char *env[TOOLCHAIN_ENV_MAX + 1]; /* borrowed from the row */
	char why[160];
	bool timed_out; /* a run: not to be remembered */
};

static int
compile(struct check *k, enum runner_place place, const struct candidate *d,
    const char *source, const char *text, struct run_output *o)
{
	const struct program *p = &k->b->found.p[d->program];
	const char *const args[] = { "-O2", "-g", "-c", "-o", OBJECT, source,
		NULL };
	char program[PATH_MAX + 16], argv0[256];
	const char *where;
	char error[100];
	int r;

	table_argv0(d, p, place == PLACE_HOST, argv0, sizeof(argv0));
	snprintf(program, sizeof(program), "%s%s",
	    place == PLACE_HOST ? "" : "/.immure", p->real);
	const struct run_spec s = { .place = place, .image = k->image,
		.object = OBJECT, .source = source, .text = text,
		.program = program, .argv0 = argv0, .args = args,
		.env = place == PLACE_HOST ? find_host_env(p) : k->env };

	r = run_compiler(k->b->runner, &s, o, &where);
	if (r == 0 && !run_succeeded(o)) {
		/* Once more, as run_compiler() would: a driver whose cc1 was
		 * killed says so and ends by itself. */
		run_output_done(o);
		r = run_compiler(k->b->runner, &s, o, &where);
	}
	if (r < 0) {
		k->timed_out |= r == -ETIME;
		snprintf(k->why, sizeof(k->why), "self-check: %.60s: %s",
		    where, strerror(-r));
	} else if (!run_succeeded(o)) {
		compiler_says_error((const char *)o->err, o->err_len, error,
		    sizeof(error));
		snprintf(k->why, sizeof(k->why),
		    "self-check fails %s: %s",
		    place == PLACE_HOST ? "on the host" : "in the image",
		    error);
		run_output_done(o);
		r = -ENOEXEC;
	}
	return r;
}

static int
same_object(struct check *k, enum runner_place place,
    const struct candidate *d, const char *source, const char *text)
{
	struct run_output host, image;
	int r;

	if (d == NULL)
		return 0;
	r = compile(k, PLACE_HOST, d, source, text, &host);
	if (r < 0)
		return r;
	r = compile(k, place, d, source, text, &image);
	if (r == 0) {
		if (host.out_len == 0 || host.out_len != image.out_len ||
		    memcmp(host.out, image.out, host.out_len) != 0) {
			snprintf(k->why, sizeof(k->why),
			    "self-check: the image compiles %s differently",
			    source);
			r = -EILSEQ;
		}
		run_output_done(&image);
	}
	run_output_done(&host);
	return r;
}

static int
same_plain(struct check *k, enum runner_place place)
{
	int r = same_object(k, place, k->t->c, "/tmp/probe.i", plain_c);

	if (r == 0)
		r = same_object(k, place, k->t->cxx, "/tmp/probe.ii",
		    plain_cxx);
	return r;
}

static int
same_headers(struct check *k)
{
	int r = same_object(k, PLACE_PUMP, k->t->c, "/tmp/probe.c", headers_c);

	if (r == 0)
		r = same_object(k, PLACE_PUMP, k->t->cxx, "/tmp/probe.cc",
		    headers_cxx);
	return r;
}

/* What goes into the table is printable. */
static void
keep_reason(struct check *k)
{
	snprintf(k->t->reason, sizeof(k->t->reason), "%s", k->why);
	for (char *s = k->t->reason; *s != '\0'; s++)
		if (*s < 0x20 || *s > 0x7e)
			*s = ' ';
}

/* Pump is not for this toolchain: no directory of it is ever mounted. */
static void
drop_headers(struct built *t)
{
	t->row->flags &= ~(uint32_t)TOOLCHAIN_HEADERS;
	memset(t->row->inc, 0, sizeof(t->row->inc));
}

/* Perhaps it insists on where it lies.  Then its directories are bound at
 * their usual places, where include directories cannot be mounted too. */
static int
usual_check(struct check *k)
{
	role_log(LOG_NOTICE, NULL, "toolchain.usual_places", "%s %s: %s",
	    k->t->row->machine, k->t->row->version, k->why);
	k->t->row->flags |= TOOLCHAIN_USUAL_PLACES;
	drop_headers(k->t);
	return same_plain(k, PLACE_USUAL);
}

static const char *
name_of(const struct candidate *c)
{
	return c != NULL ? c->path : NULL;
}

/* It came out once, on an earlier start, for these very bytes. */
static bool
known(struct build *b, struct built *t)
{
	uint32_t flags;

	if (!checked_find(b->checked, t->row, name_of(t->c), name_of(t->cxx),
	        &flags))
		return false;
	if ((flags & TOOLCHAIN_HEADERS) == 0)
		drop_headers(t);
	t->row->flags = flags;
	return true;
}

int
self_check(struct build *b, struct built *t, uint32_t image)
{
	struct check k = { .b = b, .t = t, .image = image };
	const uint32_t was = t->row->flags;
	int r;

	if (known(b, t)) {
		b->remembered++;
		return 0;
	}

	for (size_t i = 0; i < TOOLCHAIN_ENV_MAX && t->row->env[i][0]; i++)
		k.env[i] = t->row->env[i];
	r = same_plain(&k, PLACE_IMAGE);
	if (r < 0 && !k.timed_out) /* that would take as long again */
		r = usual_check(&k);
	if (r < 0) {
		keep_reason(&k);
		return r;
	}
	if ((t->row->flags & TOOLCHAIN_HEADERS) != 0 && same_headers(&k) < 0) {
		role_log(LOG_WARNING, NULL, "toolchain.no_pump",
		    "%s %s: no pump mode: %s", t->row->machine,
		    t->row->version, k.why);
		drop_headers(t);
	}
	if (!k.timed_out)
		checked_add(b->checked, t->row, name_of(t->c), name_of(t->cxx),
		    was, t->row->flags);
	return 0;
}
