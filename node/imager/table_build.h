/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The table that the broker gets: toolchain/table.h. */
#ifndef IMMURE_TABLE_BUILD_H
#define IMMURE_TABLE_BUILD_H

#include "build.h"

/* A sealed memfd of @b's table, *ret_len bytes long, that table_parse()
 * accepts; the caller owns it.  -errno. */
int table_build(const struct build *b, size_t *ret_len);

/* What to call @c's program @p: in a cell, or (@host) where the host's files
 * are at their places. */
void table_argv0(const struct candidate *c, const struct program *p, bool host,
    char *ret, size_t room);

#endif
