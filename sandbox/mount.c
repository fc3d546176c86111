/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Mounts by descriptor: a mount gets all its flags before it is attached, so
 * there is no moment at which it can be used without them.  By system calls
 * alone: musl has no wrappers, and glibc's <sys/mount.h> and the kernel's
 * <linux/mount.h> cannot be included together before 2.37.
 *
 * move_mount(2) follows no symlink at the target (no MOVE_MOUNT_T_SYMLINKS).
 */
#include "mount.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/mount.h>
#include <linux/openat2.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "kernel_abi.h"

#ifndef AT_RECURSIVE
#define AT_RECURSIVE 0x8000
#endif
#define DETACH 2 /* MNT_DETACH of <sys/mount.h> */

static int
set_attr(int dirfd, const char *path, unsigned flags, struct mount_attr *a)
{
	if (syscall(__NR_mount_setattr, dirfd, path, flags, a, sizeof(*a)) != 0)
		return -errno;
	return 0;
}

static int
attach(int mount_fd, const char *to)
{
	if (syscall(__NR_move_mount, mount_fd, "", AT_FDCWD, to,
		MOVE_MOUNT_F_EMPTY_PATH) != 0)
		return -errno;
	return 0;
}

int
mount_private(void)
{
	struct mount_attr a = { .propagation = MS_PRIVATE };

	return set_attr(AT_FDCWD, "/", AT_RECURSIVE, &a);
}

static int
config_string(int fs, const char *key, const char *value)
{
	if (syscall(__NR_fsconfig, fs, FSCONFIG_SET_STRING, key, value, 0) != 0)
		return -errno;
	return 0;
}

static int
config_number(int fs, const char *key, const char *format,
    unsigned long long value)
{
	char text[32];

	/* the formats are the two constants below */
	if (format[0] == 'o')
		snprintf(text, sizeof(text), "%llo", value);
	else
		snprintf(text, sizeof(text), "%llu", value);
	return config_string(fs, key, text);
}

int
mount_tmpfs(const char *path, uint64_t bytes, uint64_t inodes, unsigned mode,
    unsigned attr)
{
	long fs, fd = -1;
	int r;

	if (inodes == 0)
		return -EINVAL; /* tmpfs(5): would be no limit */
	fs = syscall(__NR_fsopen, "tmpfs", FSOPEN_CLOEXEC);
	if (fs < 0)
		return -errno;
	/* size=0 would be no limit */
	r = config_number((int)fs, "size", "u", bytes == 0 ? 4096 : bytes);
	if (r == 0)
		r = config_number((int)fs, "nr_inodes", "u", inodes);
	if (r == 0)
		r = config_number((int)fs, "mode", "o", mode);
	if (r == 0 && syscall(__NR_fsconfig, (int)fs, FSCONFIG_CMD_CREATE, NULL,
		NULL, 0) != 0)
		r = -errno;
	if (r == 0) {
		fd = syscall(__NR_fsmount, (int)fs, FSMOUNT_CLOEXEC, attr);
		r = fd < 0 ? -errno : attach((int)fd, path);
	}
	if (fd >= 0)
		close((int)fd);
	close((int)fs);
	return r;
}

static int
bind_at(const char *from, const char *to, unsigned attr, bool tree)
{
	struct mount_attr a = {
		.attr_set = attr,
		.propagation = MS_PRIVATE,
	};
	unsigned recursive = tree ? AT_RECURSIVE : 0;
	long fd;
	int r;

	fd = syscall(__NR_open_tree, AT_FDCWD, from,
	    OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | recursive);
	if (fd < 0)
		return -errno;
	r = set_attr((int)fd, "", AT_EMPTY_PATH | recursive, &a);
	if (r == 0)
		r = attach((int)fd, to);
	close((int)fd);
	return r;
}

int
mount_bind(const char *from, const char *to, unsigned attr)
{
	return bind_at(from, to, attr, false);
}

int
mount_bind_tree(const char *from, const char *to, unsigned attr)
{
	return bind_at(from, to, attr, true);
}

int
mount_open_beneath(int dirfd, const char *path)
{
	struct open_how how = { .flags = O_PATH | O_CLOEXEC,
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS };
	long fd = syscall(__NR_openat2, dirfd, path, &how, sizeof(how));

	return fd < 0 ? -errno : (int)fd;
}

int
mount_attr(const char *path, unsigned attr)
{
	struct mount_attr a = { .attr_set = attr };

	return set_attr(AT_FDCWD, path, AT_SYMLINK_NOFOLLOW, &a);
}

int
mount_pivot(const char *root)
{
	if (chdir(root) != 0)
		return -errno;
	/* pivot_root(2), "pivot_root(".", ".")": the old root ends up on top
	 * of the new one, from where it is detached */
	if (syscall(__NR_pivot_root, ".", ".") != 0)
		return -errno;
	if (syscall(__NR_umount2, ".", DETACH) != 0)
		return -errno;
	return chdir("/") != 0 ? -errno : 0;
}
