/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whose headers a pump job would be compiled with.  Pure. */
#ifndef IMMURE_HEADERS_H
#define IMMURE_HEADERS_H

#include "choose.h"

/*
 * Are the system headers in the images of @c, which is there, the ones for the
 * target of a job with the words @argv (NULL-terminated)?  False: *target says
 * which they are not for.
 *
 * Those of gcc are.  clang compiles for any target that it is told, by its name
 * or by -target, and takes whatever headers it finds: on Debian glibc's for a
 * client that has musl.  A job that looks for none of the system's (-nostdinc),
 * or below another root (--sysroot), is right either way.
 */
bool headers_fit(const struct table *t, const struct chosen *c,
    const char *const argv[], char target[64]);

#endif
