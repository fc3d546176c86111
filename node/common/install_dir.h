/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where the programs of this installation lie, told from where the running
 * program itself lies: build/immured -> build/libexec, PREFIX/bin/immure and
 * PREFIX/sbin/immured -> PREFIX/libexec/immure.  Nothing is compiled in, so
 * that a tree can be run before it is installed, and nothing is read from the
 * environment, so that nobody who starts us names the programs we start.
 */
#ifndef IMMURE_INSTALL_DIR_H
#define IMMURE_INSTALL_DIR_H

#include <stddef.h>

/*
 * The directory of the internal programs for the program file @exe, which
 * must be absolute.  0, -EINVAL, or -ENAMETOOLONG (@len is the room in @ret).
 */
int install_libexec_of(const char *exe, char *ret, size_t len);

/*
 * The same for the running program.  Reads /proc/self/exe the first time:
 * call it before confinement.  The string stays valid; NULL and errno when it
 * cannot be told (no /proc).
 */
const char *install_libexec(void);

#endif
