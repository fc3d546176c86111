/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See contents.h.  Reads names and symlinks of the host, never a file. */
#include "contents.h"
#include "compiler_says.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define TREE_DEPTH_MAX 32

void
contents_add(struct contents *c, enum content_type type, const char *path,
    const char *from, int from_dir)
{
	struct content *e;

	if (c->n == c->cap && c->failed == 0) {
		size_t cap = c->cap ? c->cap * 2 : 1024;
		void *v = NULL;

		if (cap <= 2 * CONTENTS_MAX)
			v = reallocarray(c->v, cap, sizeof(*c->v));
		if (v == NULL) {
			c->failed = -ENOMEM;
		} else {
			c->v = v;
			c->cap = cap;
		}
	}
	if (c->failed != 0)
		return;
	e = &c->v[c->n];
	*e = (struct content){ .path = strdup(path),
		.from = from != NULL ? strdup(from) : NULL,
		.from_dir = from_dir, .type = type, .order = c->n };
	c->n++;
	if (e->path == NULL || (from != NULL && e->from == NULL))
		c->failed = -ENOMEM;
}

void
contents_dirs(struct contents *c, const char *path)
{
	char dir[PATH_MAX];

	for (const char *s = path; s != NULL; s = strchr(s + 1, '/')) {
		if (s == path)
			continue;
		snprintf(dir, sizeof(dir), "%.*s", (int)(s - path), path);
		contents_add(c, CONTENT_DIR, dir, NULL, AT_FDCWD);
	}
	contents_add(c, CONTENT_DIR, path, NULL, AT_FDCWD);
}

/* The directories above @path. */
static void
add_parents(struct contents *c, const char *path)
{
	char dir[PATH_MAX];
	const char *slash = strrchr(path, '/');

	if (slash == NULL)
		return;
	snprintf(dir, sizeof(dir), "%.*s", (int)(slash - path), path);
	contents_dirs(c, dir);
}

/* What a symlink at absolute @at says to mean absolute @to, without leaving
 * the root they have in common. */
static int
relative_link(char *ret, size_t room, const char *at, const char *to)
{
	char plain[PATH_MAX];
	size_t len = 0;

	if (path_plain(to, plain, sizeof(plain), NULL, NULL) < 0)
		return -EINVAL;
	for (const char *s = strchr(at + 1, '/'); s; s = strchr(s + 1, '/')) {
		if (len + 3 >= room)
			return -ENAMETOOLONG;
		memcpy(ret + len, "../", 3);
		len += 3;
	}
	if (len + strlen(plain + 1) >= room)
		return -ENAMETOOLONG;
	memcpy(ret + len, plain + 1, strlen(plain + 1) + 1);
	return 0;
}

struct mirror {
	struct contents *c;
	struct manifest *m;
};

static int
mirror_link(void *ctx, const char *at, const char *to)
{
	struct mirror *m = ctx;
	char path[PATH_MAX + 2], target[PATH_MAX];
	struct stat st;
	int r = relative_link(target, sizeof(target), at, to);

	if (r < 0)
		return r;
	snprintf(path, sizeof(path), "x%s", at);
	add_parents(m->c, path);
	contents_add(m->c, CONTENT_LINK, path, target, AT_FDCWD);
	if (lstat(at, &st) < 0)
		return -errno;
	return manifest_add(m->m, at, &st, NULL);
}

int
contents_mirror(struct contents *c, struct manifest *m,
    const struct owner_rule *rule, const char *path, char real[PATH_MAX],
    char *reason, size_t room)
{
	struct mirror mi = { c, m };
	char in[PATH_MAX + 2];
	int r = owner_walk(rule, path, real, mirror_link, &mi, reason, room);

	if (r < 0)
		return r;
	snprintf(in, sizeof(in), "x%s", real);
	add_parents(c, in);
	contents_add(c, CONTENT_FILE, in, real, AT_FDCWD);
	return c->failed;
}

/* -- trees -- */

struct tree {
	struct contents *c;
	struct manifest *m;
	const char *top; /* the host's directory, real */
};

static bool
below(const char *path, const char *dir)
{
	size_t n = strlen(dir);

	return strncmp(path, dir, n) == 0 &&
	    (path[n] == '/' || path[n] == '\0');
}

static int
tree_link(struct tree *t, const char *from, const char *as)
{
	char real[PATH_MAX], text[PATH_MAX], reason[256];
	struct stat st;
	ssize_t n;

	if (owner_walk(NULL, from, real, NULL, NULL, reason,
	        sizeof(reason)) < 0 || lstat(real, &st) < 0)
		return 0; /* leads nowhere */
	n = readlink(from, text, sizeof(text) - 1);
	if (n < 0)
		return -errno;
	text[n] = '\0';
	if (below(real, t->top) && text[0] != '/')
		contents_add(t->c, CONTENT_LINK, as, text, AT_FDCWD);
	else if (S_ISREG(st.st_mode) && access(real, R_OK) == 0)
		contents_add(t->c, CONTENT_FILE, as, real, AT_FDCWD);
	return 0;
}

static int tree_dir(struct tree *t, const char *from, const char *as,
    unsigned depth);

static int
tree_entry(struct tree *t, const char *from, const char *as, unsigned depth)
{
	struct stat st;

	if (lstat(from, &st) < 0)
		return -errno;
	if (S_ISDIR(st.st_mode))
		return tree_dir(t, from, as, depth + 1);
	if (S_ISREG(st.st_mode)) {
		/* What only root may read is no job's either. */
		if (access(from, R_OK) == 0)
			contents_add(t->c, CONTENT_FILE, as, from, AT_FDCWD);
		return t->c->failed;
	}
	if (S_ISLNK(st.st_mode)) {
		int r = manifest_add(t->m, from, &st, NULL);

		return r < 0 ? r : tree_link(t, from, as);
	}
	return 0; /* sockets, devices: not a compiler's business */
}

static int
tree_names(struct tree *t, DIR *d, const char *from, const char *as,
    unsigned depth)
{
	char f[PATH_MAX], a[PATH_MAX];
	struct dirent *e;
	int r = 0;

	while (r == 0 && (errno = 0, e = readdir(d)) != NULL) {
		if (strcmp(e->d_name, ".") == 0 ||
		    strcmp(e->d_name, "..") == 0)
			continue;
		if (snprintf(f, sizeof(f), "%s/%s", from, e->d_name) >=
		        (int)sizeof(f) ||
		    snprintf(a, sizeof(a), "%s/%s", as, e->d_name) >=
		        (int)sizeof(a))
			return -ENAMETOOLONG;
		r = tree_entry(t, f, a, depth);
	}
	return r != 0 ? r : -errno;
}

/* Recursion over the host's directories, bounded by TREE_DEPTH_MAX. */
static int
tree_dir(struct tree *t, const char *from, const char *as, unsigned depth)
{
	struct stat st;
	DIR *d;
	int r;

	if (depth > TREE_DEPTH_MAX)
		return -ELOOP;
	d = opendir(from);
	if (d == NULL)
		return errno == EACCES ? 0 : -errno;
	r = fstat(dirfd(d), &st) < 0 ? -errno :
	    manifest_add(t->m, from, &st, NULL);
	contents_add(t->c, CONTENT_DIR, as, NULL, AT_FDCWD);
	if (r == 0)
		r = tree_names(t, d, from, as, depth);
	(void)closedir(d);
	return r;
}

int
contents_tree(struct contents *c, struct manifest *m, const char *dir,
    const char *as)
{
	struct tree t = { c, m, dir };
	int r;

	add_parents(c, as);
	r = tree_dir(&t, dir, as, 0);
	return r < 0 ? r : c->failed;
}

/* -- order -- */

static int
by_path(const void *a, const void *b)
{
	const struct content *x = a, *y = b;
	int r = strcmp(x->path, y->path);

	if (r != 0)
		return r;
	return x->order < y->order ? -1 : x->order > y->order;
}

static void
content_done(struct content *e)
{
	free(e->path);
	free(e->from);
}

int
contents_finish(struct contents *c)
{
	size_t out = 0;

	if (c->failed != 0)
		return c->failed;
	if (c->n > 0)
		qsort(c->v, c->n, sizeof(*c->v), by_path);
	for (size_t i = 0; i < c->n; i++) {
		if (out > 0 && strcmp(c->v[out - 1].path, c->v[i].path) == 0)
			content_done(&c->v[i]);
		else
			c->v[out++] = c->v[i];
	}
	c->n = out;
	return 0;
}

bool
contents_has(const struct contents *c, const char *path)
{
	size_t lo = 0, hi = c->n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		int r = strcmp(path, c->v[mid].path);

		if (r == 0)
			return true;
		if (r < 0)
			hi = mid;
		else
			lo = mid + 1;
	}
	return false;
}

void
contents_done(struct contents *c)
{
	for (size_t i = 0; i < c->n; i++)
		content_done(&c->v[i]);
	free(c->v);
	memset(c, 0, sizeof(*c));
}
