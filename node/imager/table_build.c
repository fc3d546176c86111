/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From what was built to the table.  Indices: a toolchain's row in the table is
 * its image's directory, so a refused toolchain keeps its row, and only its
 * names say that it is refused.
 */
#include "node/common/fd.h"
#include "listed.h"
#include "table_build.h"
#include <errno.h>
#include <node/common/memfd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct names {
	struct toolchain_name *v; /* owned; TABLE_NAMES_MAX + 1 of them */
	uint32_t n;
};

static struct toolchain_name *
find_name(struct names *s, const char *name)
{
	for (uint32_t i = 0; i < s->n; i++)
		if (strcmp(s->v[i].name, name) == 0)
			return &s->v[i];
	return NULL;
}

/* The first that is ready wins, or else the first at all. */
static void
put(struct names *s, const struct toolchain_name *n)
{
	struct toolchain_name *old = find_name(s, n->name);

	if (old != NULL) {
		if (old->state != NAME_READY && n->state == NAME_READY)
			*old = *n;
	} else if (s->n < TABLE_NAMES_MAX) {
		s->v[s->n++] = *n;
	}
}

/* True when @c lies in @p's real directory. */
static bool
same_dir(const struct candidate *c, const struct program *p)
{
	size_t dir = (size_t)(strrchr(p->real, '/') - p->real);

	return strncmp(c->path, p->real, dir) == 0 && c->path[dir] == '/' &&
	    strchr(c->path + dir + 1, '/') == NULL;
}

void
table_argv0(const struct candidate *c, const struct program *p, bool host,
    char *ret, size_t room)
{
	const char *path = c->path;

	/* gcc takes its own place from argv[0] with all symlinks resolved,
	 * which a cell has not got: a link from another directory would
	 * mislead it.  clang's names are links in the image (gather.c). */
	if (p->says->family == FAMILY_GCC && !same_dir(c, p))
		path = p->real;
	snprintf(ret, room, "%s%s",
	    p->says->family == FAMILY_CLANG && !host ? "/.immure" : "", path);
}

static void
refuse_as(struct toolchain_name *n, enum name_state state, const char *reason)
{
	n->state = state;
	snprintf(n->reason, sizeof(n->reason), "%s", reason);
	for (char *s = n->reason; *s != '\0'; s++)
		if (*s < 0x20 || *s > 0x7e)
			*s = '?';
}

static void
refuse(struct toolchain_name *n, const char *reason)
{
	refuse_as(n, NAME_REFUSED, reason);
}

static void
name_of(const struct build *b, const struct candidate *c,
    struct toolchain_name *n)
{
	const struct program *p;
	const struct built *t;

	memset(n, 0, sizeof(*n));
	snprintf(n->name, sizeof(n->name), "%s", c->name);
	if (c->unlisted) {
		refuse_as(n, NAME_UNLISTED, LISTED_REASON);
		return;
	}
	if (c->reason[0] != '\0' || c->program < 0) {
		refuse(n, c->reason[0] ? c->reason : "not a program");
		return;
	}
	p = &b->found.p[c->program];
	if (p->toolchain < 0) {
		refuse(n, p->reason[0] ? p->reason : "not identified");
		return;
	}
	t = &b->t[p->toolchain];
	if (t->reason[0] != '\0') {
		refuse(n, t->reason);
		return;
	}
	n->state = NAME_READY;
	n->toolchain = (uint32_t)p->toolchain;
	if (snprintf(n->program, sizeof(n->program), "/.immure%s", p->real) >=
	    (int)sizeof(n->program))
		refuse(n, "its path is too long");
	table_argv0(c, p, false, n->argv0, sizeof(n->argv0));
}

/* c89 and c99: scripts that end in `exec gcc`. */
static void
put_script(struct names *s, const struct candidate *c)
{
	const struct toolchain_name *gcc = find_name(s, "gcc");
	struct toolchain_name n = { .state = NAME_REFUSED };

	if (gcc != NULL && gcc->state == NAME_READY) {
		n = *gcc;
		snprintf(n.extra, sizeof(n.extra), "%s", c->extra);
	}
	snprintf(n.name, sizeof(n.name), "%s", c->name);
	if (c->unlisted)
		refuse_as(&n, NAME_UNLISTED, LISTED_REASON);
	else if (n.state == NAME_REFUSED)
		refuse(&n, "a script for gcc, and there is no gcc");
	put(s, &n);
}

/* A client rewrites gcc to <triple>-gcc when it has such a name itself
 * (wire-protocol 2.1), which says nothing about what we have. */
static void
put_triples(struct names *s, const struct build *b)
{
	uint32_t n = s->n;

	for (uint32_t i = 0; i < n; i++) {
		struct toolchain_name t = s->v[i];
		const struct toolchain *row;
		struct compiler_name as;

		if (t.state != NAME_READY ||
		    !compiler_name_parse(&as, t.name) || as.triple[0] ||
		    (as.base != BASE_GCC && as.base != BASE_GXX))
			continue;
		row = b->t[t.toolchain].row;
		if (snprintf(t.name, sizeof(t.name), "%s-%s", row->machine,
		        s->v[i].name) < (int)sizeof(t.name))
			put(s, &t);
	}
}

static int
by_name(const void *a, const void *b)
{
	const struct toolchain_name *x = a, *y = b;

	return strcmp(x->name, y->name);
}

static int
fill_names(struct names *s, const struct build *b)
{
	struct toolchain_name n;

	s->v = calloc(TABLE_NAMES_MAX + 1, sizeof(*s->v));
	if (s->v == NULL)
		return -ENOMEM;
	for (size_t i = 0; i < b->found.n; i++) {
		if (b->found.c[i].extra[0] != '\0')
			continue;
		name_of(b, &b->found.c[i], &n);
		put(s, &n);
	}
	for (size_t i = 0; i < b->found.n; i++)
		if (b->found.c[i].extra[0] != '\0')
			put_script(s, &b->found.c[i]);
	if (b->wish->words == 0) /* the list is exact */
		put_triples(s, b);
	qsort(s->v, s->n, sizeof(*s->v), by_name);
	return 0;
}

static int
write_table(int fd, const struct build *b, const struct names *s)
{
	struct table_hdr h = { .version = TABLE_VERSION, .ntoolchains = b->nt,
		.nnames = s->n, .words = (uint8_t)b->wish->words,
		.flags = b->wish->insecure ? TABLE_ANY_PATH : 0,
		.nspecs = (uint16_t)b->specs.n };
	int r;

	memcpy(h.magic, TABLE_MAGIC, sizeof(h.magic));
	r = fd_write_all(fd, &h, sizeof(h));
	for (uint32_t i = 0; i < b->nt && r == 0; i++)
		r = fd_write_all(fd, b->t[i].row, sizeof(*b->t[i].row));
	if (r == 0)
		r = fd_write_all(fd, s->v, s->n * sizeof(*s->v));
	if (r == 0)
		r = fd_write_all(fd, b->specs.v,
		    b->specs.n * sizeof(b->specs.v[0]));
	return r == 0 ? memfd_seal(fd) : r;
}

int
table_build(const struct build *b, size_t *ret_len)
{
	struct names s = { NULL, 0 };
	int fd, r = fill_names(&s, b);

	fd = r < 0 ? r : memfd_new("toolchains");
	if (fd >= 0) {
		r = write_table(fd, b, &s);
		if (r < 0) {
			(void)close(fd);
			fd = r;
		}
	}
	*ret_len = sizeof(struct table_hdr) +
	    b->nt * sizeof(struct toolchain) + s.n * sizeof(*s.v) +
	    b->specs.n * sizeof(b->specs.v[0]);
	free(s.v);
	return fd;
}
