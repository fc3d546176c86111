/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A role without walls but its uid: role_confine() makes it no namespace, no
 * empty root, no domain and no filter, in whose place it does its acts.
 */
#include "walls.h"

#include "node/common/role.h"

/* Off, unless they are the wall that is looked at. */
#define NAMESPACE_WALL(name, args, words)                                      \
	int __real_##name args;                                                \
	int __wrap_##name args;                                                \
	int __wrap_##name args                                                 \
	{                                                                      \
		return outer_plan('N') ? __real_##name words : 0;              \
	}

/* clang-format off */
NAMESPACE_WALL(unshare, (int flags), (flags))
NAMESPACE_WALL(sethostname, (const char *name, size_t len), (name, len))
NAMESPACE_WALL(mount_private, (void), ())
NAMESPACE_WALL(mount_tmpfs, (const char *path, uint64_t bytes, uint64_t inodes,
    unsigned mode, unsigned attr), (path, bytes, inodes, mode, attr))
NAMESPACE_WALL(mount_pivot, (const char *root), (root))
/* clang-format on */

int
__wrap_filter_install(const struct filter *f)
{
	outer_acts(f->name, ROLE_FD_MONITOR, f, __real_filter_install);
	return 0;
}
