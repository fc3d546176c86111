/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Mounts by the new mount API (fsopen(2), open_tree(2), mount_setattr(2)).
 * All act on the caller's mount namespace, which must be private already.
 * @attr is a mask of MOUNT_ATTR_{RDONLY,NOSUID,NODEV,NOEXEC,NOSYMFOLLOW}.
 * All return 0 or -errno.
 */
#ifndef IMMURE_MOUNT_H
#define IMMURE_MOUNT_H

#include <stdint.h>

/* Make every mount private, recursively (mount_namespaces(7)). */
int mount_private(void);

/* A new tmpfs at @path: at most @bytes (0 = one page), @inodes, root @mode. */
int mount_tmpfs(const char *path, uint64_t bytes, uint64_t inodes,
    unsigned mode, unsigned attr);

/* Bind @from (not recursively) at @to. */
int mount_bind(const char *from, const char *to, unsigned attr);

/* Bind @from with all that is mounted below it, @attr on every one. */
int mount_bind_tree(const char *from, const char *to, unsigned attr);

/*
 * Directory or file @path (relative) of @dirfd as an O_PATH descriptor: no
 * symlink on the way leads out of @dirfd.  Bind it by its /proc/self/fd name,
 * where somebody else may have made the way.  -EXDEV: it leads out.
 */
int mount_open_beneath(int dirfd, const char *path);

/* Add @attr to the mount at @path. */
int mount_attr(const char *path, unsigned attr);

/* Make @root the root and let go of everything else (pivot_root(2) onto
 * itself, then detach the old one); cwd becomes "/". */
int mount_pivot(const char *root);

#endif
