/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Landlock (landlock(7)): whatever the running kernel's ABI can handle is
 * handled (file system, network, scopes), so what no rule allows is refused.
 * ABI 2 (Linux 6.1) is the least that is supported.
 */
#ifndef IMMURE_LANDLOCK_H
#define IMMURE_LANDLOCK_H

/* What a rule allows beneath a directory, or on a file. */
enum landlock_allow {
	LANDLOCK_READ = 1,  /* read files, list directories */
	LANDLOCK_EXEC = 2,  /* execute (and read) */
	LANDLOCK_WRITE = 4, /* write, truncate, make and remove files */
	LANDLOCK_DIRS = 8,  /* make and remove directories */
	LANDLOCK_LINKS = 16 /* make symlinks */
};

int landlock_abi(void);     /* >= 1, or -errno when there is none */
int landlock_new(void);     /* a ruleset descriptor, or -errno */
/* @dirfd/@path as openat(2); @allow a mask.  Rights that do not fit a file are
 * left out when @path is one.  0 or -errno (-ENOENT when it is not there). */
int landlock_allow(int ruleset, int dirfd, const char *path, unsigned allow);
int landlock_enter(int ruleset); /* needs no_new_privs.  0 or -errno */

#endif
