/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The include directories of a toolchain: what `-v -E` prints for each
 * language, resolved, the outermost only, copied whole.
 *
 * A name like /usr/bin/../lib/gcc/…/../../../../include/c++/12 (clang's) is
 * walked component by component, so /usr/bin and /usr/lib/gcc/… must be there
 * in a pump cell although nothing of them is wanted: such directories become
 * include directories of their own that hold nothing ("skeleton"), but for
 * crtbegin.o, by which clang recognises a gcc installation.
 */
#include "build.h"
#include "run.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define DIRS_MAX 128

struct dirs {
	char v[DIRS_MAX][512];
	size_t n;
};

static void
dirs_add(struct dirs *d, const char *dir)
{
	for (size_t i = 0; i < d->n; i++)
		if (strcmp(d->v[i], dir) == 0)
			return;
	if (d->n < DIRS_MAX && strlen(dir) < sizeof(d->v[0]))
		snprintf(d->v[d->n++], sizeof(d->v[0]), "%s", dir);
}

/* Images have room for include directories below these alone. */
static bool
has_top(const char *dir)
{
	static const char *const tops[RUNNER_TOPS_N] = RUNNER_TOPS;

	for (size_t i = 0; i < RUNNER_TOPS_N; i++) {
		size_t n = strlen(tops[i]);

		if (strncmp(dir + 1, tops[i], n) == 0 && dir[n + 1] == '/')
			return true;
	}
	return false;
}

static void
passed_through(void *ctx, const char *dir)
{
	if (has_top(dir))
		dirs_add(ctx, dir);
}

static bool
below(const char *path, const char *dir)
{
	size_t n = strlen(dir);

	return strncmp(path, dir, n) == 0 &&
	    (path[n] == '/' || path[n] == '\0');
}

/* Is @dir, or one above it, among @d, apart from entry @self? */
static bool
covered(const struct dirs *d, const char *dir, size_t self)
{
	for (size_t i = 0; i < d->n; i++)
		if (i != self && below(dir, d->v[i]))
			return true;
	return false;
}

/* Is one of @d at or below @dir, apart from entry @self? */
static bool
leads_to(const struct dirs *d, const char *dir, size_t self)
{
	for (size_t i = 0; i < d->n; i++)
		if (i != self && below(d->v[i], dir))
			return true;
	return false;
}

static void
take_dirs(const struct compiler_says *s, struct dirs *inc, struct dirs *pass)
{
	char plain[512], real[PATH_MAX], why[256];

	for (size_t i = 0; i < s->ndirs; i++) {
		if (access(s->dirs[i], F_OK) < 0 ||
		    path_plain(s->dirs[i], plain, sizeof(plain),
		        passed_through, pass) < 0)
			continue;
		if (has_top(plain))
			dirs_add(inc, plain);
		/* The name that a symlink stands for is one clients may use. */
		if (owner_walk(NULL, plain, real, NULL, NULL, why,
		        sizeof(why)) == 0 && has_top(real))
			dirs_add(inc, real);
	}
}

/* Ask @driver for the directories of @language; none if it has not got it. */
static int
ask(struct build *b, const struct candidate *driver, const char *language,
    struct dirs *inc, struct dirs *pass)
{
	const char *const args[] = { "-v", "-E", "-x", language, "-", NULL };
	const struct program *p = &b->found.p[driver->program];
	const struct run_spec s = { .place = PLACE_HOST, .program = p->real,
		.argv0 = driver->path, .args = args, .env = find_host_env(p) };
	struct compiler_says *says = calloc(1, sizeof(*says));
	struct run_output o;
	const char *where;
	int r = says == NULL ? -ENOMEM :
	    run_compiler(b->runner, &s, &o, &where);

	if (r == 0) {
		if (run_succeeded(&o) &&
		    compiler_says_parse(says, o.err, o.err_len) == 0)
			take_dirs(says, inc, pass);
		run_output_done(&o);
	}
	free(says);
	return r;
}

static int
row_add(struct toolchain *row, const char *dir)
{
	for (size_t i = 0; i < TOOLCHAIN_INC_MAX; i++) {
		if (row->inc[i][0] != '\0')
			continue;
		if (strlen(dir) >= sizeof(row->inc[i]))
			return -E2BIG;
		snprintf(row->inc[i], sizeof(row->inc[i]), "%s", dir);
		return 0;
	}
	return -E2BIG;
}

static int
add_trees(struct build *b, struct built *t, const struct dirs *inc)
{
	char real[PATH_MAX], as[600], why[256];
	int r = 0;

	for (size_t i = 0; i < inc->n && r == 0; i++) {
		if (covered(inc, inc->v[i], i))
			continue;
		r = owner_walk(NULL, inc->v[i], real, NULL, NULL, why,
		    sizeof(why));
		snprintf(as, sizeof(as), "inc%s", inc->v[i]);
		if (r == 0 && !b->no_image)
			r = contents_tree(&t->contents, &b->manifest, real,
			    as);
		if (r == 0)
			r = row_add(t->row, inc->v[i]);
	}
	return r;
}

/* @dir/crtbegin.o, when there is one. */
static void
add_one_crtbegin(struct contents *c, const char *dir)
{
	char from[PATH_MAX], as[PATH_MAX + 8];

	if (snprintf(from, sizeof(from), "%s/crtbegin.o", dir) >=
	    (int)sizeof(from) || access(from, R_OK) < 0)
		return;
	snprintf(as, sizeof(as), "inc%s", dir);
	contents_dirs(c, as);
	snprintf(as, sizeof(as), "inc%s", from);
	contents_add(c, CONTENT_FILE, as, from, AT_FDCWD);
}

/* Those of @dir and of its directories for other ABIs (32/, x32/). */
static void
add_crtbegin(struct contents *c, const char *dir)
{
	struct dirent **e;
	char sub[PATH_MAX];
	int n = scandir(dir, &e, NULL, alphasort);

	add_one_crtbegin(c, dir);
	for (int i = 0; i < n; i++) {
		snprintf(sub, sizeof(sub), "%s/%s", dir, e[i]->d_name);
		if (e[i]->d_name[0] != '.')
			add_one_crtbegin(c, sub);
		free(e[i]);
	}
	if (n >= 0)
		free(e);
}

static int
add_skeleton(struct build *b, struct built *t, const struct dirs *inc,
    const struct dirs *pass)
{
	char as[600];
	int r = 0;

	for (size_t i = 0; i < pass->n && r == 0; i++) {
		const char *dir = pass->v[i];

		if (leads_to(pass, dir, i) || leads_to(inc, dir, SIZE_MAX) ||
		    covered(inc, dir, SIZE_MAX))
			continue; /* it will be there anyway */
		if (t->nskeleton == BUILD_SKELETON_MAX ||
		    strlen(dir) >= sizeof(t->skeleton[0]))
			return -E2BIG;
		snprintf(t->skeleton[t->nskeleton++], sizeof(t->skeleton[0]),
		    "%.191s", dir);
		snprintf(as, sizeof(as), "inc%s", dir);
		contents_dirs(&t->contents, as);
		if (t->row->family == FAMILY_CLANG && !b->no_image)
			add_crtbegin(&t->contents, dir);
		r = row_add(t->row, dir);
	}
	return r;
}

int
gather_includes(struct build *b, struct built *t)
{
	struct dirs *inc = calloc(1, sizeof(*inc));
	struct dirs *pass = calloc(1, sizeof(*pass));
	int r = inc == NULL || pass == NULL ? -ENOMEM : 0;

	if (r == 0 && t->c != NULL)
		r = ask(b, t->c, "c", inc, pass);
	if (r == 0 && t->c != NULL)
		r = ask(b, t->c, "objective-c", inc, pass);
	if (r == 0 && t->cxx != NULL)
		r = ask(b, t->cxx, "c++", inc, pass);
	if (r == 0 && t->cxx != NULL)
		r = ask(b, t->cxx, "objective-c++", inc, pass);
	if (t->share[0] != '\0' && r == 0)
		dirs_add(inc, t->share);
	if (r == 0)
		r = add_trees(b, t, inc);
	if (r == 0)
		r = add_skeleton(b, t, inc, pass);
	if (r == 0)
		t->row->flags |= TOOLCHAIN_HEADERS;
	free(inc);
	free(pass);
	return r;
}
