/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A role without walls but its uid: role_confine() makes it no namespace, no
 * empty root, no domain and no filter, in whose place it does its acts.
 */
#include "walls.h"

#include "node/common/role.h"

int __wrap_unshare(int);
int __wrap_sethostname(const char *, size_t);
int __wrap_mount_private(void);
int __wrap_mount_tmpfs(const char *, uint64_t, uint64_t, unsigned, unsigned);
int __wrap_mount_pivot(const char *);

int
__wrap_unshare(int flags)
{
	(void)flags;
	return 0;
}

int
__wrap_sethostname(const char *name, size_t len)
{
	(void)name;
	(void)len;
	return 0;
}

int
__wrap_mount_private(void)
{
	return 0;
}

int
__wrap_mount_tmpfs(const char *path, uint64_t bytes, uint64_t inodes,
    unsigned mode, unsigned attr)
{
	(void)path;
	(void)bytes;
	(void)inodes;
	(void)mode;
	(void)attr;
	return 0;
}

int
__wrap_mount_pivot(const char *root)
{
	(void)root;
	return 0;
}

int
__wrap_filter_install(const struct filter *f)
{
	outer_acts(f->name, ROLE_FD_MONITOR);
	return 0;
}
