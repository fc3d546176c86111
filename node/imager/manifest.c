/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See manifest.h. */
#include "manifest.h"
#include <errno.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>

static int
by_inode(const void *a, const void *b)
{
	const struct origin *x = a, *y = b;

	if (x->dev != y->dev)
		return x->dev < y->dev ? -1 : 1;
	if (x->ino != y->ino)
		return x->ino < y->ino ? -1 : 1;
	return 0;
}

static struct origin *
origin_new(const char *path, const struct stat *st, const char *copy)
{
	struct origin *o = calloc(1, sizeof(*o));

	if (o == NULL)
		return NULL;
	o->path = strdup(path);
	o->copy = copy != NULL ? strdup(copy) : NULL;
	if (o->path == NULL || (copy != NULL && o->copy == NULL)) {
		free(o->path);
		free(o->copy);
		free(o);
		return NULL;
	}
	o->dev = st->st_dev;
	o->ino = st->st_ino;
	o->mode = st->st_mode;
	o->size = st->st_size;
	o->mtime = st->st_mtim;
	o->ctime = st->st_ctim;
	return o;
}

int
manifest_add(struct manifest *m, const char *path, const struct stat *st,
    const char *copy)
{
	struct origin *o;

	if (m->n == m->cap) {
		size_t cap = m->cap ? m->cap * 2 : 1024;
		struct origin **v = reallocarray(m->v, cap, sizeof(*v));

		if (v == NULL)
			return -ENOMEM;
		m->v = v;
		m->cap = cap;
	}
	o = origin_new(path, st, copy);
	if (o == NULL)
		return -ENOMEM;
	m->v[m->n++] = o;
	if (copy != NULL && tsearch(o, &m->by_inode, by_inode) == NULL)
		return -ENOMEM;
	return 0;
}

static bool
same_time(const struct timespec *a, const struct timespec *b)
{
	return a->tv_sec == b->tv_sec && a->tv_nsec == b->tv_nsec;
}

bool
origin_same(const struct origin *o, const struct stat *st)
{
	/* ctime changes with every write, chmod, chown and rename, and no
	 * system call can set it back (inode(7)). */
	return o->dev == st->st_dev && o->ino == st->st_ino &&
	    o->mode == st->st_mode && o->size == st->st_size &&
	    same_time(&o->mtime, &st->st_mtim) &&
	    same_time(&o->ctime, &st->st_ctim);
}

const char *
manifest_copy(const struct manifest *m, const struct stat *st)
{
	const struct origin key = { .dev = st->st_dev, .ino = st->st_ino };
	struct origin *const *o = tfind(&key, &m->by_inode, by_inode);

	return o != NULL && origin_same(*o, st) ? (*o)->copy : NULL;
}

bool
manifest_holds(const struct manifest *m)
{
	struct stat st;

	for (size_t i = 0; i < m->n; i++)
		if (lstat(m->v[i]->path, &st) < 0 ||
		    !origin_same(m->v[i], &st))
			return false;
	return true;
}

static void
keep(void *o)
{
	(void)o; /* the array owns it */
}

void
manifest_done(struct manifest *m)
{
	tdestroy(m->by_inode, keep);
	for (size_t i = 0; i < m->n; i++) {
		free(m->v[i]->path);
		free(m->v[i]->copy);
		free(m->v[i]);
	}
	free(m->v);
	memset(m, 0, sizeof(*m));
}
