/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The list of what an image shall hold, before anything is copied: names below
 * the image's directory ("x/usr/bin/…", "inc/usr/include/…") and where each
 * comes from.  Adding never fails at once: `failed` is sticky.
 */
#ifndef IMMURE_CONTENTS_H
#define IMMURE_CONTENTS_H

#include "manifest.h"
#include "owner.h"
#include <limits.h>

#define CONTENTS_MAX 200000U /* entries of an image */

enum content_type { CONTENT_DIR = 'd', CONTENT_FILE = 'f', CONTENT_LINK = 'l' };

struct content {
	char *path; /* owned; in the image */
	char *from; /* owned; file: on the host; link: its target; else NULL */
	int from_dir; /* file: what `from` is relative to (AT_FDCWD) */
	enum content_type type;
	size_t order; /* of adding; the first of several with one path counts */
};

struct contents {
	struct content *v; /* owned */
	size_t n, cap;
	int failed; /* 0 or -errno */
};

void contents_add(struct contents *c, enum content_type type,
    const char *path, const char *from, int from_dir);

/* Directory @path with all those above it, up to the image's own. */
void contents_dirs(struct contents *c, const char *path);

/*
 * Add the host's file @path below "x/", every symlink on the way to it too
 * (relative, so that they hold within the image), recorded in @m.  0 and the
 * real path, or what owner_walk() says.
 */
int contents_mirror(struct contents *c, struct manifest *m,
    const struct owner_rule *rule, const char *path, char real[PATH_MAX],
    char *reason, size_t room);

/*
 * Add the directory tree @dir of the host at @as, plain files and directories;
 * symlinks stay when they lead to something within @dir, become a copy when
 * they lead to a file outside, and are left out otherwise.
 */
int contents_tree(struct contents *c, struct manifest *m, const char *dir,
    const char *as);

/* Sort by path and keep one of each; 0 or c->failed. */
int contents_finish(struct contents *c);

/* Does it hold @path?  After contents_finish(). */
bool contents_has(const struct contents *c, const char *path);

void contents_done(struct contents *c);

#endif
