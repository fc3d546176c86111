/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The top-level directories that a pump cell can offer for a client's files.
 * A request never brings a name for one: it brings a bit of this table, so no
 * client byte reaches a process that can still mount (security-rules 1, 3).
 */
#ifndef IMMURE_TOPS_H
#define IMMURE_TOPS_H

#include <stddef.h>
#include <stdint.h>

#define TOPS_MAX 64

extern const char *const tops_names[]; /* NULL-terminated, at most TOPS_MAX */

/* Those every pump cell has, prepared ahead. */
extern const uint64_t tops_default;

/*
 * The bit of the top-level directory that absolute @path lies in ("/home/u/x"
 * -> the bit of "home"), or 0 when the table has none for it.
 */
uint64_t tops_bit(const char *path);

#endif
