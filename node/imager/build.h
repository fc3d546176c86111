/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From the programs that were found to toolchains with their images. */
#ifndef IMMURE_BUILD_H
#define IMMURE_BUILD_H

#include "checked.h"
#include "closure.h"
#include "contents.h"
#include "find.h"
#include "manifest.h"
#include "specs.h"

#define BUILD_SKELETON_MAX 8

/* One toolchain on its way: its programs are those of `found` that carry its
 * index. */
struct built {
	struct toolchain *row;   /* owned; what the table will say */
	struct contents contents;
	/* Borrowed; the C and the C++ driver (clang: one program under two
	 * names), NULL when there is none. */
	const struct candidate *c, *cxx;
	char reason[160];        /* not usable: why; else "" */
	char *culprit;           /* owned; the file that is not root's alone,
				    where that is the reason; or NULL */
	char share[160];         /* clang: its lists for sanitizers, or "" */
	/* Directories that a name of an include directory goes through
	 * ("/usr/bin/../lib/…"): a pump cell must have them. */
	char skeleton[BUILD_SKELETON_MAX][192];
	size_t nskeleton;
};

struct build {
	int runner;              /* borrowed; socket */
	int gen;                 /* borrowed; the generation's directory */
	int stages;              /* borrowed; where stage-* lie */
	bool no_image;           /* only say what there is */
	struct checked *checked; /* borrowed; self-checks of earlier starts */
	unsigned remembered;         /* toolchains that were among them */
	const struct wish *wish; /* borrowed */
	struct specs specs;
	struct found found;
	struct manifest manifest;
	struct ld_path ld;
	struct built *t;         /* owned */
	uint32_t nt;
};

/* Group what was found into toolchains; 0 or -ENOMEM. */
int build_group(struct build *b);

/* Make the image of each, check it; those that fail get a reason. */
void build_images(struct build *b);

/* gather.c: list what the image of @t holds and fill t->row's lists.  0, or
 * -errno with t->reason. */
int gather(struct build *b, struct built *t);

/* gather_inc.c: its part for include directories. */
int gather_includes(struct build *b, struct built *t);

/* self_check.c: the image compiles as the host does, by trying or because
 * these bytes were tried before.  0, or -errno with t->reason. */
int self_check(struct build *b, struct built *t, uint32_t image);

#endif
