/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ELF interpreters (PT_INTERP) of the systems that are supported, as they lie
 * in an image.  The root of a cell has a symlink for the directory of each, so
 * that the path inside every program leads to the image's copy.
 */
#ifndef IMMURE_EXECUTOR_LOADERS_H
#define IMMURE_EXECUTOR_LOADERS_H

/* Directories of the root that become symlinks into the image. */
static const char *const loader_dirs[] = { "lib64", "lib", NULL };

static const char *const loaders[]
    __attribute__((unused)) = { "/.immure/lib64/ld-linux-x86-64.so.2",
	    "/.immure/lib/ld-linux-aarch64.so.1",
	    "/.immure/lib/ld-musl-x86_64.so.1",
	    "/.immure/lib/ld-musl-aarch64.so.1", NULL };

#endif
