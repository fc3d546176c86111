/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Looking for compilers.  A name counts only when compiler_name.h knows it;
 * what it leads to only when nobody but root could have put it there
 * (owner.h).  Nothing is run here.
 */
#include "find.h"
#include "listed.h"
#include "owner.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <node/common/fd.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SCRIPT_MAX 4096

static void
add_dir(struct found *f, const char *dir)
{
	if (f->ndirs < FIND_DIRS_MAX && strlen(dir) < sizeof(f->dirs[0]))
		snprintf(f->dirs[f->ndirs++], sizeof(f->dirs[0]), "%s", dir);
}

/* In PATH's usual order; an earlier one hides a later one. */
static void
list_dirs(struct found *f)
{
	struct dirent **e;
	char dir[PATH_MAX];
	int n;

	add_dir(f, "/usr/local/bin");
	add_dir(f, "/usr/bin");
	n = scandir("/opt", &e, NULL, alphasort);
	for (int i = 0; i < n; i++) {
		snprintf(dir, sizeof(dir), "/opt/%s/bin", e[i]->d_name);
		if (e[i]->d_name[0] != '.' && access(dir, F_OK) == 0)
			add_dir(f, dir);
		free(e[i]);
	}
	if (n >= 0)
		free(e);
}

static bool
has_triple(const char *path)
{
	const char *slash = strrchr(path, '/');
	struct compiler_name as;

	return slash != NULL && compiler_name_parse(&as, slash + 1) &&
	    as.triple[0] != '\0';
}

/* clang takes its target from the name it is called by: it is asked by one
 * that says none, if it has one. */
static int
called_too(struct program *p, const char *path)
{
	char *copy;

	if (!has_triple(p->path) || has_triple(path))
		return 0;
	copy = strdup(path);
	if (copy == NULL)
		return -1;
	free(p->path);
	p->path = copy;
	return 0;
}

static int
program_index(struct found *f, const char *real, const char *path)
{
	struct program *p;

	for (size_t i = 0; i < f->np; i++)
		if (strcmp(f->p[i].real, real) == 0)
			return called_too(&f->p[i], path) < 0 ? -1 : (int)i;
	if (f->np == FIND_PROGRAMS_MAX)
		return -1;
	p = &f->p[f->np];
	*p = (struct program){ .real = strdup(real), .path = strdup(path),
		.toolchain = -1 };
	if (p->real == NULL || p->path == NULL)
		return -1;
	return (int)f->np++;
}

/* Its first bytes: script, ELF, or nothing that runs. */
static void
look_inside(struct found *f, struct candidate *c, const char *real)
{
	char head[SCRIPT_MAX];
	const char *option;
	cleanup_fd int fd = -1;
	ssize_t n;

	fd = open(real, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	n = fd < 0 ? -1 : read(fd, head, sizeof(head));
	if (n < 0) {
		snprintf(c->reason, sizeof(c->reason), "%.100s: %.50s", real,
		    strerror(errno));
	} else if (n >= 2 && head[0] == '#' && head[1] == '!') {
		option = n < SCRIPT_MAX ?
		    compiler_script_option(head, (size_t)n) : NULL;
		if (option != NULL)
			snprintf(c->extra, sizeof(c->extra), "%s", option);
		else
			snprintf(c->reason, sizeof(c->reason),
			    "%.100s: a script; no interpreter runs on this "
			    "node", real);
	} else if (n < 4 || memcmp(head, "\177ELF", 4) != 0) {
		snprintf(c->reason, sizeof(c->reason),
		    "%.100s: not an ELF program", real);
	} else {
		c->program = program_index(f, real, c->path);
		if (c->program < 0)
			snprintf(c->reason, sizeof(c->reason),
			    "more than %d compilers", FIND_PROGRAMS_MAX);
	}
}

static void
examine(struct found *f, struct candidate *c)
{
	char real[PATH_MAX], why[PATH_MAX + 64];
	const char *base;
	struct stat st;

	if (owner_walk(owner_host(), c->path, real, NULL, NULL, why,
	        sizeof(why)) < 0) {
		snprintf(c->reason, sizeof(c->reason), "%.150s", why);
		return;
	}
	base = strrchr(real, '/') + 1;
	if (compiler_name_is_wrapper(base))
		snprintf(c->reason, sizeof(c->reason),
		    "a link to %.100s, not a compiler", base);
	else if (lstat(real, &st) < 0 || !S_ISREG(st.st_mode) ||
	    (st.st_mode & 0111) == 0)
		snprintf(c->reason, sizeof(c->reason),
		    "%.100s: not a program file", real);
	else
		look_inside(f, c, real);
}

static void
look_at(struct found *f, const char *dir, const char *name)
{
	struct candidate *c = &f->c[f->n];

	if (f->n == FIND_MAX || strlen(name) >= sizeof(c->name))
		return;
	*c = (struct candidate){ .program = -1 };
	if (!compiler_name_parse(&c->as, name))
		return;
	if (snprintf(c->path, sizeof(c->path), "%s/%s", dir, name) >=
	    (int)sizeof(c->path))
		return;
	snprintf(c->name, sizeof(c->name), "%s", name);
	f->n++;
	examine(f, c);
}

/* The last @words components of @path: the table's name for it. */
static const char *
tail(const char *path, unsigned words)
{
	const struct table t = { .words = words };

	return table_tail(&t, path);
}

/* One that the administrator names; it may be called anything. */
static void
look_at_named(struct found *f, const char *path, unsigned words)
{
	const char *name = tail(path, words);
	struct candidate *c = &f->c[f->n];

	if (f->n == FIND_MAX)
		return;
	*c = (struct candidate){ .program = -1, .named = true };
	/* A word that a client can send and a table can hold. */
	if (!table_name_ok(name, words > 0 ? words : 1) ||
	    strlen(name) >= sizeof(c->name))
		return; /* find_report() tells */
	snprintf(c->name, sizeof(c->name), "%s", name);
	if (!compiler_name_parse(&c->as, strrchr(path, '/') != NULL ?
	        strrchr(path, '/') + 1 : path))
		c->as.base = BASE_CC;
	f->n++;
	if (strlen(path) >= sizeof(c->path))
		snprintf(c->reason, sizeof(c->reason), "its path is too long");
	else
		snprintf(c->path, sizeof(c->path), "%s", path);
	if (c->reason[0] == '\0')
		examine(f, c);
}

static void
look_in(struct found *f, const char *dir)
{
	struct dirent **e;
	int n = scandir(dir, &e, NULL, alphasort);

	for (int k = 0; k < n; k++) {
		look_at(f, dir, e[k]->d_name);
		free(e[k]);
	}
	if (n >= 0)
		free(e);
}

/* update-distcc-symlinks lists c99-gcc but not c99, which is the same. */
static bool
is_listed(const struct candidate *c)
{
	char other[sizeof(c->name) + 8];

	if (listed_has(c->name))
		return true;
	snprintf(other, sizeof(other), "%s-gcc", c->name);
	return c->extra[0] != '\0' && listed_has(other);
}

/* Names that the list has not got are not served (listed.h). */
static void
apply_list(struct found *f)
{
	if (!listed_active())
		return;
	for (size_t i = 0; i < f->n; i++) {
		struct candidate *c = &f->c[i];

		if (c->named || c->reason[0] != '\0' || is_listed(c))
			continue;
		c->unlisted = true;
	}
}

int
find_compilers(struct found *f, const struct wish *w)
{
	memset(f, 0, sizeof(*f));
	f->c = calloc(FIND_MAX + 1, sizeof(*f->c));
	f->p = calloc(FIND_PROGRAMS_MAX, sizeof(*f->p));
	if (f->c == NULL || f->p == NULL)
		return -ENOMEM;
	for (size_t i = 0; i < w->nnamed; i++)
		look_at_named(f, w->named[i], w->words);
	/* With DISTCC_CMDLIST, its lines are all there is. */
	if (w->words > 0)
		return 0;
	list_dirs(f);
	for (size_t i = 0; i < f->ndirs; i++)
		look_in(f, f->dirs[i]);
	if (!w->insecure)
		apply_list(f);
	return 0;
}

void
find_digest(const struct found *f, uint8_t digest[32])
{
	crypto_generichash_state h;

	crypto_generichash_init(&h, NULL, 0, 32);
	for (size_t i = 0; i < f->n; i++) {
		const struct candidate *c = &f->c[i];
		const char *real = c->program < 0 ? c->reason :
		    f->p[c->program].real;

		crypto_generichash_update(&h, (const uint8_t *)c->path,
		    strlen(c->path) + 1);
		crypto_generichash_update(&h, (const uint8_t *)real,
		    strlen(real) + 1);
		crypto_generichash_update(&h, (const uint8_t *)&c->unlisted,
		    sizeof(c->unlisted));
		crypto_generichash_update(&h, (const uint8_t *)c->extra,
		    strlen(c->extra) + 1);
	}
	crypto_generichash_final(&h, digest, 32);
}

void
find_done(struct found *f)
{
	for (size_t i = 0; i < f->np; i++) {
		free(f->p[i].real);
		free(f->p[i].path);
		free(f->p[i].says);
	}
	free(f->c);
	free(f->p);
	memset(f, 0, sizeof(*f));
}
