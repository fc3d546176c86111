/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the settings say about toolchains, in the words of the imager's command
 * line (imager/wish.h).  The monitor opens none of what they name. */
#ifndef IMMURE_WISHES_H
#define IMMURE_WISHES_H

#include "cmdline.h"
#include <stddef.h>

/* Of the words below, with the NULL. */
#define WISHES_WORDS (2 * LIMIT_COMPILERS + 8)

/* Can they be fulfilled at all?  0, or the exit code with the reason on
 * stderr: a list of DISTCC_CMDLIST that cannot be read, a --sysroot that is no
 * directory.  Compilers are looked at by the imager, which tells. */
int wishes_check(const struct cmdline *cl);

/* Append them to @argv, which has room for WISHES_WORDS from @argc on; NULL at
 * the end.  Strings are borrowed from @cl. */
void wishes_words(const struct cmdline *cl, const char *argv[], size_t argc);

#endif
