/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where a client's files may lie in a cell (security-rules 3, 4).  Pure. */
#ifndef IMMURE_PLACE_H
#define IMMURE_PLACE_H

#include "../toolchain/table.h"
#include <stdbool.h>

/*
 * May a file, link or directory of the client be made at absolute, normalised
 * @path in a cell of toolchain @t?  NULL: yes.  Else the stable word:
 * "place.top" (no such top-level directory here, or one that is ours),
 * "place.toolchain" (at or below a directory that holds a program, library or
 * configuration of the toolchain), "place.include" (below an include directory
 * that the node itself provides), "place.own" (where our own files lie).
 */
const char *place_check(const struct toolchain *t, const char *path);

/*
 * True when a directory of the toolchain, or ours, lies at or below @path: a
 * link there, or a file, would stand in for that directory (a link at
 * /usr/lib/gcc brings its own …/12/specs), so neither is made.  A directory
 * may be.
 */
bool place_is_above(const struct toolchain *t, const char *path);

/* True when @path is @dir or lies below it. */
bool path_is_below(const char *path, const char *dir);

#endif
