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

/*
 * Call @try for every place where library @soname of object @e, which lies in
 * directory @origin, may be, in ld.so's order, until it returns non-zero;
 * returns that, or 0.  Pure apart from @try.
 */
int ld_path_search(const struct ld_path *p, const struct elf_facts *e,
    const char *origin, const char *soname,
    int (*try)(void *ctx, const char *file), void *ctx);

#endif
