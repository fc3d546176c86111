/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Names of a request put into the cell's tree.  Nothing is ever reached
 * through a symbolic link or across a mount: a request's own links, made a
 * moment ago, are the first thing a hostile one would walk through.
 */
#ifndef IMMURE_CELL_UNPACK_PLACE_H
#define IMMURE_CELL_UNPACK_PLACE_H

#include "node/common/imsg.h"

/*
 * All take a canonical absolute path (plan.h), make the directories above it
 * as needed, and return UNPACK_OK, UNPACK_NAME (it clashes, or lies where
 * nothing may be placed), UNPACK_SPACE or UNPACK_SYSTEM.
 */
enum unpack_exit place_dir(const char *path);
/* *ret_fd: open for writing, the caller's. */
enum unpack_exit place_file(const char *path, int *ret_fd);
enum unpack_exit place_link(const char *path, const char *target);

/* What an errno of these calls says about the request. */
enum unpack_exit place_verdict(int error);

#endif
