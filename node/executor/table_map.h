/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The table of toolchains as spawner, zygote and executor get it: by
 * descriptor, a sealed memfd of the imager's. */
#ifndef IMMURE_EXECUTOR_TABLE_MAP_H
#define IMMURE_EXECUTOR_TABLE_MAP_H

#include "node/toolchain/table.h"

/* Check the seals of @fd, map it for good, parse it.  0 and *t, or -errno. */
int table_map(int fd, struct table *t);

#endif
