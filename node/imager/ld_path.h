/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where ld.so looks for libraries: what ldconfig(8)'s configuration names, then
 * its own default directories (ld.so(8)); musl's are its default ones. */
#ifndef IMMURE_LD_PATH_H
#define IMMURE_LD_PATH_H

#include "elf.h"
#include <limits.h>

#define LD_DIRS_MAX 64

struct ld_path {
	char dirs[LD_DIRS_MAX][256];
	size_t ndirs;
};

/* Read @conf (/etc/ld.so.conf) and what it includes, add the default ones.
 * A file that is not there adds nothing; too many directories are cut off. */
void ld_path_load(struct ld_path *p, const char *conf);

/* One line of such a file: a directory is added to @p; returns the pattern of
 * an `include`, borrowed from @line (which is changed), or NULL.  Pure. */
const char *ld_path_line(struct ld_path *p, char *line);

/* Call @dir for each directory that @e, which lies in @origin, names by
 * $ORIGIN.  Pure. */
void ld_path_origin(const struct elf_facts *e, const char *origin,
    void (*dir)(void *ctx, const char *path), void *ctx);

/* An ELF file, as ld.so looks for its libraries. */
struct ld_object {
	const struct elf_facts *e;
	const char *origin; /* the directory that it lies in */
	const char *above;  /* ld_path_above() of what loaded it, or "" */
};

/*
 * Into @ret, of @cap bytes, "DIR:DIR": where libraries that @o loads look for
 * theirs when they name no place themselves, because @o and what loaded it do
 * so by DT_RPATH (ld.so(8)).  What does not fit is left out.  Pure.
 */
void ld_path_above(const struct ld_object *o, char *ret, size_t cap);

/*
 * Call @try for every place where library @soname of @o may be, in ld.so's
 * order, until it returns non-zero; returns that, or 0.  Pure apart from @try.
 */
int ld_path_search(const struct ld_path *p, const struct ld_object *o,
    const char *soname, int (*try)(void *ctx, const char *file), void *ctx);

#endif
