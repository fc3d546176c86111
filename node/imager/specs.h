/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Files that -specs= may name: those below --sysroot. */
#ifndef IMMURE_SPECS_H
#define IMMURE_SPECS_H

#include "contents.h"
#include <node/toolchain/table.h>

#define SPECS_BYTES_MAX (64L * 1024) /* of one file; gcc's own have a few KiB */

struct specs {
	struct toolchain_specs v[TABLE_SPECS_MAX];
	size_t n;
	char reason[160]; /* something of it is not served: why; else "" */
};

/* List what lies below @dir: plain files that only root could have put there,
 * in the order of their names.  Links and larger files are left out. */
void specs_list(struct specs *s, const char *dir);

/* Put them into an image of gcc. */
void specs_add(const struct specs *s, struct contents *c);

#endif
