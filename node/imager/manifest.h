/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What of the host an image was made from: names with what lstat(2) said, so
 * that a change can be seen later.  Also remembers where a file's copy lies, so
 * that toolchains can share it (link(2) within one generation).
 */
#ifndef IMMURE_MANIFEST_H
#define IMMURE_MANIFEST_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>

struct origin {
	char *path; /* owned; on the host */
	char *copy; /* owned; below the generation's directory, or NULL */
	dev_t dev;
	ino_t ino;
	mode_t mode;
	off_t size;
	struct timespec mtime, ctime;
};

struct manifest {
	struct origin **v; /* owned */
	size_t n, cap;
	void *by_inode; /* tsearch(3): the same objects */
};

/* Add @path as @st describes it.  0 or -ENOMEM. */
int manifest_add(struct manifest *m, const char *path, const struct stat *st,
    const char *copy);

/* The copy of the file that @st describes, or NULL. */
const char *manifest_copy(const struct manifest *m, const struct stat *st);

/* True while every name is as it was. */
bool manifest_holds(const struct manifest *m);

/* @st is still what @o was. */
bool origin_same(const struct origin *o, const struct stat *st);

void manifest_done(struct manifest *m);

#endif
