/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See build.h. */
#include "build.h"
#include "copy.h"
#include "run.h"
#include <errno.h>
#include <node/common/role.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>

/* gcc and g++ of one version and target are one toolchain, which their common
 * cc1 shows; every clang program is one of its own. */
static bool
same_toolchain(const struct program *a, const struct program *b)
{
	if (a->says->family != b->says->family ||
	    a->says->family != FAMILY_GCC)
		return false;
	return strcmp(a->says->version, b->says->version) == 0 &&
	    strcmp(a->says->machine, b->says->machine) == 0 &&
	    strcmp(a->cc1, b->cc1) == 0;
}

static int
new_toolchain(struct build *b, struct program *p)
{
	struct built *t = &b->t[b->nt];

	t->row = calloc(1, sizeof(*t->row));
	if (t->row == NULL)
		return -ENOMEM;
	t->row->family = p->says->family;
	memcpy(t->row->machine, p->says->machine, sizeof(t->row->machine));
	memcpy(t->row->version, p->says->version, sizeof(t->row->version));
	memcpy(t->row->title, p->says->title, sizeof(t->row->title));
	p->toolchain = (int)b->nt++;
	return 0;
}

/* Into a toolchain that there is; false: it is of none. */
static bool
join(struct build *b, struct program *p)
{
	for (size_t k = 0; k < b->found.np; k++) {
		const struct program *o = &b->found.p[k];

		if (o->toolchain >= 0 && same_toolchain(o, p)) {
			p->toolchain = o->toolchain;
			return true;
		}
	}
	return false;
}

static int
place(struct build *b, struct program *p)
{
	if (join(b, p))
		return 0;
	if (b->nt == TABLE_TOOLCHAINS_MAX) {
		snprintf(p->reason, sizeof(p->reason),
		    "more than %d toolchains", TABLE_TOOLCHAINS_MAX);
		return 0;
	}
	return new_toolchain(b, p);
}

/* Is it a driver for C++ by its name, or what "cc" and "c++" stand for? */
static bool
name_is_cxx(const struct candidate *c)
{
	return c->as.base == BASE_GXX || c->as.base == BASE_CLANGXX ||
	    (c->as.base == BASE_CC && strcmp(c->name, "c++") == 0);
}

/* The first, but one without a triple for one with: see find.c. */
static void
prefer(const struct candidate **driver, const struct candidate *c)
{
	if (*driver == NULL ||
	    ((*driver)->as.triple[0] != '\0' && c->as.triple[0] == '\0' &&
	        strcmp((*driver)->path, c->path) != 0))
		*driver = c;
}

/* The names by which the toolchain's drivers are tried. */
static void
choose_drivers(struct build *b)
{
	for (size_t i = 0; i < b->found.n; i++) {
		const struct candidate *c = &b->found.c[i];
		struct built *t;

		if (c->program < 0 || c->reason[0] != '\0' ||
		    b->found.p[c->program].toolchain < 0)
			continue;
		t = &b->t[b->found.p[c->program].toolchain];
		prefer(name_is_cxx(c) ? &t->cxx : &t->c, c);
	}
}

/* Does a name that is not refused lead to program @i; one that is @served? */
static bool
has_name(const struct found *f, size_t i, bool served)
{
	for (size_t k = 0; k < f->n; k++)
		if (f->c[k].program == (int)i && f->c[k].reason[0] == '\0' &&
		    !(served && f->c[k].unlisted))
			return true;
	return false;
}

int
build_group(struct build *b)
{
	int r = 0;

	b->t = calloc(TABLE_TOOLCHAINS_MAX, sizeof(*b->t));
	if (b->t == NULL)
		return -ENOMEM;
	for (size_t i = 0; i < b->found.np && r == 0; i++)
		if (has_name(&b->found, i, true))
			r = place(b, &b->found.p[i]);
	/* A toolchain is made for a name that is served, and then whole. */
	for (size_t i = 0; i < b->found.np && r == 0; i++)
		if (b->found.p[i].toolchain < 0 && has_name(&b->found, i, false))
			(void)join(b, &b->found.p[i]);
	choose_drivers(b);
	return r;
}

/* Which directories of inc/ the runner shall make. */
static uint32_t
tops_of(const struct contents *c)
{
	static const char *const tops[RUNNER_TOPS_N] = RUNNER_TOPS;
	uint32_t mask = 0;
	char path[16];

	for (unsigned i = 0; i < RUNNER_TOPS_N; i++) {
		snprintf(path, sizeof(path), "inc/%s", tops[i]);
		if (contents_has(c, path))
			mask |= 1U << i;
	}
	return mask;
}

static int
make_image(struct build *b, struct built *t, uint32_t image)
{
	char dir[16], why[PATH_MAX + 64] = "";
	struct copied k;
	int r = contents_finish(&t->contents);

	if (r == 0)
		r = run_make_image(b->runner, image,
		    tops_of(&t->contents));
	if (r < 0) {
		snprintf(t->reason, sizeof(t->reason), "image: %s",
		    strerror(-r));
		return r;
	}
	snprintf(dir, sizeof(dir), "%u", image);
	r = copy_contents(&t->contents, &b->manifest, b->gen, dir, &k, why,
	    sizeof(why));
	if (r < 0) {
		snprintf(t->reason, sizeof(t->reason), "%.150s", why);
		return r;
	}
	memcpy(t->row->digest, k.digest, sizeof(t->row->digest));
	t->row->bytes = k.bytes;
	t->row->files = k.files;
	return 0;
}

void
build_images(struct build *b)
{
	for (uint32_t i = 0; i < b->nt; i++) {
		struct built *t = &b->t[i];
		int r = gather(b, t);

		if (r == 0 && !b->no_image)
			r = make_image(b, t, i);
		if (r == 0 && !b->no_image)
			r = self_check(b, t, i);
		if (r < 0 && t->reason[0] == '\0')
			snprintf(t->reason, sizeof(t->reason), "%s",
			    strerror(-r));
		if (r < 0)
			role_log(LOG_WARNING, NULL, "toolchain.refused",
			    "%s %s for %s: %s",
			    t->row->family == FAMILY_GCC ? "gcc" : "clang",
			    t->row->version, t->row->machine, t->reason);
		contents_done(&t->contents);
	}
}
