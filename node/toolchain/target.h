/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Names of targets ("aarch64-linux-gnu"): the machine, perhaps who made the
 * compiler, the system.  Pure. */
#ifndef IMMURE_TARGET_H
#define IMMURE_TARGET_H

#include <stdbool.h>

/*
 * Is code for @a code for @b as far as their names tell?  Who made a compiler
 * does not count ("x86_64-pc-linux-gnu", "x86_64-linux-gnu"), nor which member
 * of a family it tunes for ("armv7-…" and "arm-…", "i586-…" and "i686-…"); the
 * machine does, and the C library and calling convention do.  For an
 * administrator's word that one may stand for the other, not instead of it:
 * two compilers that are alike have different defaults all the same.
 */
bool target_alike(const char *a, const char *b);

#endif
