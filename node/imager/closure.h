/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The ELF files that a program needs to run: itself, its interpreter, its
 * libraries and theirs. */
#ifndef IMMURE_CLOSURE_H
#define IMMURE_CLOSURE_H

#include "contents.h"
#include "ld_path.h"

#define CLOSURE_FILES_MAX 256
#define CLOSURE_DIRS_MAX 16

struct closure {
	const struct ld_path *ld; /* borrowed */
	char *files[CLOSURE_FILES_MAX]; /* owned; real paths, each once */
	char *above[CLOSURE_FILES_MAX]; /* owned; ld_object's of each file */
	size_t nfiles;
	/* What the program that is being added has found its libraries by. */
	char *loaded[CLOSURE_FILES_MAX]; /* owned */
	size_t nloaded;
	char lib_dirs[CLOSURE_DIRS_MAX][192]; /* where libraries are looked up,
						 on the host */
	size_t nlib_dirs;
	char culprit[PATH_MAX]; /* what owner_host() refused, or "" */
	char interp[192]; /* real path of the interpreter, or "" */
};

/*
 * Add program @path and all it needs to @c, through @m and with the rule of
 * owner_host(); @real gets the program's real path.  0; -EPERM, -ENOENT, … with
 * @reason naming the file.
 */
int closure_add(struct closure *k, struct contents *c, struct manifest *m,
    const char *path, char real[PATH_MAX], char *reason, size_t room);

/* The directory of @path, its symlinks resolved but that of the last
 * component: where a program that looks for it finds it.  0 or -errno. */
int closure_dir(const char *path, char ret[PATH_MAX]);

/* Append to @list, "DIR:DIR", of @cap bytes, the directories that the ELF file
 * @real names by $ORIGIN, if they are there.  A list that is full stays. */
void closure_origin(const char *real, char *list, size_t cap);

void closure_done(struct closure *k);

#endif
