/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See closure.h.  Files are mapped read-only and parsed by elf.c; they belong
 * to root (checked before), so they do not shrink under a mapping unless root
 * does that, and then this process dies and is started again. */
#include "closure.h"
#include "compiler_says.h"
#include <errno.h>
#include <fcntl.h>
#include <node/common/fd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

struct mapped {
	const uint8_t *p;
	size_t len;
};

static int
map_file(const char *path, struct mapped *m)
{
	cleanup_fd int fd = -1;
	struct stat st;
	void *p;

	fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st) < 0)
		return -errno;
	if (!S_ISREG(st.st_mode) || st.st_size <= 0)
		return -ENOEXEC;
	p = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (p == MAP_FAILED)
		return -errno;
	m->p = p;
	m->len = (size_t)st.st_size;
	return 0;
}

static void
unmap(struct mapped *m)
{
	(void)munmap((void *)(uintptr_t)m->p, m->len);
}

/* 1 = new, 0 = known, -errno. */
static int
remember(struct closure *k, const char *real, const char *above)
{
	char **file = &k->files[k->nfiles], **its = &k->above[k->nfiles];

	for (size_t i = 0; i < k->nfiles; i++)
		if (strcmp(k->files[i], real) == 0)
			return 0;
	if (k->nfiles == CLOSURE_FILES_MAX)
		return -E2BIG;
	*file = strdup(real);
	*its = strdup(above);
	k->nfiles++; /* closure_done() frees what there is of it */
	return *file == NULL || *its == NULL ? -ENOMEM : 1;
}

/* ld.so loads a library once for a process, and takes it for whatever else
 * needs one of that name, wherever it would have looked.  1 = it has it. */
static int
is_loaded(const struct closure *k, const char *soname)
{
	for (size_t i = 0; i < k->nloaded; i++)
		if (strcmp(k->loaded[i], soname) == 0)
			return 1;
	return 0;
}

static int
loaded_add(struct closure *k, const char *soname)
{
	if (k->nloaded == CLOSURE_FILES_MAX)
		return -E2BIG;
	k->loaded[k->nloaded] = strdup(soname);
	if (k->loaded[k->nloaded] == NULL)
		return -ENOMEM;
	k->nloaded++;
	return 0;
}

static void
loaded_done(struct closure *k)
{
	for (size_t i = 0; i < k->nloaded; i++)
		free(k->loaded[i]);
	k->nloaded = 0;
}

int
closure_dir(const char *path, char ret[PATH_MAX])
{
	char dir[PATH_MAX], why[256];
	const char *slash = strrchr(path, '/');

	if (slash == NULL)
		return -EINVAL;
	if (slash == path)
		slash++;
	snprintf(dir, sizeof(dir), "%.*s", (int)(slash - path), path);
	return owner_walk(NULL, dir, ret, NULL, NULL, why, sizeof(why));
}

static int
remember_dir(struct closure *k, const char *path)
{
	char dir[PATH_MAX];
	int r = closure_dir(path, dir);

	for (size_t i = 0; r == 0 && i < k->nlib_dirs; i++)
		if (strcmp(k->lib_dirs[i], dir) == 0)
			return 0;
	if (r < 0)
		return r;
	if (k->nlib_dirs == CLOSURE_DIRS_MAX ||
	    strlen(dir) >= sizeof(k->lib_dirs[0]))
		return -E2BIG;
	snprintf(k->lib_dirs[k->nlib_dirs++], sizeof(k->lib_dirs[0]), "%.191s",
	    dir);
	return 0;
}

struct want {
	const struct elf_facts *by; /* who needs it */
	char *ret;                  /* PATH_MAX */
};

/* As ld.so does: the first that is there and of the same kind. */
static int
try_library(void *ctx, const char *file)
{
	struct want *w = ctx;
	char real[PATH_MAX], why[256];
	struct elf_facts e;
	struct mapped m;
	int fits;

	if (owner_walk(NULL, file, real, NULL, NULL, why, sizeof(why)) < 0 ||
	    map_file(real, &m) < 0)
		return 0;
	fits = elf_parse(&e, m.p, m.len) == 0 && e.bits == w->by->bits &&
	    e.machine == w->by->machine;
	unmap(&m);
	if (fits)
		snprintf(w->ret, PATH_MAX, "%s", file);
	return fits;
}

static int
add_file(struct closure *k, struct contents *c, struct manifest *m,
    const char *path, const char *above, char real[PATH_MAX], char *reason,
    size_t room)
{
	int r = contents_mirror(c, m, owner_host(), path, real, reason, room);

	if (r == -EPERM)
		snprintf(k->culprit, sizeof(k->culprit), "%s", path);
	return r < 0 ? r : remember(k, real, above);
}

/* A library that @o needs. */
static int
add_need(struct closure *k, struct contents *c, struct manifest *m,
    const struct ld_object *o, const char *soname, char *reason, size_t room)
{
	char path[PATH_MAX], real[PATH_MAX], above[PATH_MAX];
	struct want w = { o->e, path };
	int r;

	if (is_loaded(k, soname))
		return 0;
	if (ld_path_search(k->ld, o, soname, try_library, &w) <= 0)
		return -ENOENT;
	ld_path_above(o, above, sizeof(above));
	r = add_file(k, c, m, path, above, real, reason, room);
	if (r >= 0)
		r = remember_dir(k, path);
	return r < 0 ? r : loaded_add(k, soname);
}

/* What one file needs, added to the end of the list. */
static int
add_needs(struct closure *k, struct contents *c, struct manifest *m,
    const struct elf_facts *e, size_t index, char *reason, size_t room)
{
	char real[PATH_MAX], origin[PATH_MAX];
	const char *file = k->files[index];
	const struct ld_object o = { e, origin, k->above[index] };
	int r = 0;

	snprintf(origin, sizeof(origin), "%.*s",
	    (int)(strrchr(file, '/') - file), file);
	if (e->interp != NULL) {
		r = add_file(k, c, m, e->interp, "", real, reason, room);
		if (r >= 0)
			snprintf(k->interp, sizeof(k->interp), "%.191s", real);
	}
	for (size_t i = 0; i < e->nneeded && r >= 0; i++) {
		reason[0] = '\0';
		r = add_need(k, c, m, &o, e->needed[i], reason, room);
		if (r == -ENOENT && reason[0] == '\0')
			snprintf(reason, room, "%s: no library %.100s", file,
			    e->needed[i]);
	}
	return r < 0 ? r : 0;
}

static int
add_needs_of(struct closure *k, struct contents *c, struct manifest *m,
    size_t index, char *reason, size_t room)
{
	const char *file = k->files[index];
	struct elf_facts e;
	struct mapped map;
	int r = map_file(file, &map);

	if (r == 0) {
		r = elf_parse(&e, map.p, map.len);
		if (r == 0)
			r = add_needs(k, c, m, &e, index, reason, room);
		else
			snprintf(reason, room, "%s: not a sound ELF file",
			    file);
		unmap(&map);
	} else {
		snprintf(reason, room, "%s: %s", file, strerror(-r));
	}
	return r;
}

int
closure_add(struct closure *k, struct contents *c, struct manifest *m,
    const char *path, char real[PATH_MAX], char *reason, size_t room)
{
	size_t i = k->nfiles;
	int r = add_file(k, c, m, path, "", real, reason, room);

	/* The list grows while it is gone through; each file is in it once. */
	for (; r >= 0 && i < k->nfiles; i++)
		r = add_needs_of(k, c, m, i, reason, room);
	loaded_done(k);
	return r < 0 ? r : 0;
}

struct origin_list {
	char *list; /* borrowed */
	size_t cap;
};

static void
add_origin(void *ctx, const char *path)
{
	struct origin_list *o = ctx;
	size_t len = strlen(o->list);
	char dir[PATH_MAX];
	const char *at;

	if (path_plain(path, dir, sizeof(dir), NULL, NULL) < 0 ||
	    access(dir, F_OK) < 0 || strchr(dir, ':') != NULL ||
	    len + strlen(dir) + 2 > o->cap)
		return;
	at = strstr(o->list, dir);
	if (at != NULL && (at[strlen(dir)] == ':' || at[strlen(dir)] == '\0'))
		return;
	snprintf(o->list + len, o->cap - len, "%s%s", len > 0 ? ":" : "", dir);
}

void
closure_origin(const char *real, char *list, size_t cap)
{
	struct origin_list o = { list, cap };
	char origin[PATH_MAX];
	struct elf_facts e;
	struct mapped m;

	if (map_file(real, &m) < 0)
		return;
	snprintf(origin, sizeof(origin), "%.*s",
	    (int)(strrchr(real, '/') - real), real);
	if (elf_parse(&e, m.p, m.len) == 0)
		ld_path_origin(&e, origin, add_origin, &o);
	unmap(&m);
}

void
closure_done(struct closure *k)
{
	for (size_t i = 0; i < k->nfiles; i++) {
		free(k->files[i]);
		free(k->above[i]);
	}
	loaded_done(k);
	memset(k, 0, sizeof(*k));
}
