/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the administrator wants of the imager beyond its own search: --compiler,
 * DISTCC_CMDLIST, --sysroot, --enable-tcp-insecure.  Filled from the command
 * line while the imager is still root, because the list of DISTCC_CMDLIST may
 * lie anywhere and the places to open must be known before they are all that
 * can be opened.  Root reads the administrator's list and names, nothing else.
 */
#ifndef IMMURE_WISH_H
#define IMMURE_WISH_H

#include <limits.h>
#include <node/common/limits.h>
#include <node/toolchain/table.h>
#include <stdbool.h>
#include <stddef.h>

#define WISH_LIST_BYTES 65536 /* of the file of DISTCC_CMDLIST */
#define WISH_NAMED_MAX 256
#define WISH_ROOTS_MAX 16

struct wish {
	bool insecure;       /* no list of names, and any path in argv[0] */
	const char *sysroot; /* borrowed; NULL = none */
	const char *cmdlist; /* borrowed; its file, NULL = none */
	unsigned words;      /* DISTCC_CMDLIST_NUMWORDS, with cmdlist */

	/* Compilers by path, absolute or not (then they are refused later):
	 * those of --compiler, or all there are with cmdlist. */
	const char *named[WISH_NAMED_MAX]; /* borrowed */
	size_t nnamed;
	bool full; /* there were more */
	char text[WISH_LIST_BYTES + 1]; /* what the list's lines lie in */

	/* Directories outside of the usual places that toolchains lie in. */
	char roots[WISH_ROOTS_MAX][192];
	size_t nroots;
};

/* One more of --compiler; false: too many. */
bool wish_add(struct wish *w, const char *path);

/* Split w->text, of @len bytes, into lines, which replace w->named; empty ones
 * count for nothing.  Pure. */
void wish_lines(struct wish *w, size_t len);

/* Read w->cmdlist; 0 or -errno (-EFBIG: over WISH_LIST_BYTES). */
int wish_read_list(struct wish *w);

/*
 * The directory that a toolchain with its driver at @real lies in: what is
 * above "bin/", or else where the driver is.  False when that is a place that
 * no jail is shown ("/", "/home", …).  Pure.
 */
bool wish_root(const char *real, char ret[192]);

/* Fill w->roots from w->named. */
void wish_roots(struct wish *w);

#endif
