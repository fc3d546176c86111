/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * distccd's list of names: a directory of links, one for each compiler that a
 * client may ask for; update-distcc-symlinks keeps it.  Only names are read.
 */
#ifndef IMMURE_LISTED_H
#define IMMURE_LISTED_H

#include <stdbool.h>

/* Why a name that is not in it is refused. */
#define LISTED_REASON \
	"not in /usr/lib/distcc, distcc's list of names; see " \
	"update-distcc-symlinks, --compiler and --enable-tcp-insecure in " \
	"immured(8)"

/* Where such a list may be; NULL-terminated. */
extern const char *const listed_dirs[];

/* Is there one with a compiler's name in it?  An empty directory, or one of
 * something else, is no list. */
bool listed_active(void);

/* Is @name in one of them? */
bool listed_has(const char *name);

#endif
