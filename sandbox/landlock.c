/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Landlock (landlock(7), Documentation/userspace-api/landlock.rst): a ruleset
 * handles every right that the running kernel's ABI knows, so whatever no
 * rule gives is refused, newer rights and the network included.  No rule ever
 * gives IOCTL_DEV, device nodes, sockets, FIFOs, or the network.
 */
#include "landlock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <sys/stat.h>
#include <unistd.h>

#include "kernel_abi.h"

/* Rights of ABI 1, the first thirteen. */
#define RIGHTS_ABI_1 (LANDLOCK_ACCESS_FS_MAKE_SYM * 2 - 1)

#define RIGHTS_READ (LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR)
#define RIGHTS_WRITE                                                       \
	(LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_TRUNCATE |     \
	    LANDLOCK_ACCESS_FS_MAKE_REG | LANDLOCK_ACCESS_FS_REMOVE_FILE)
#define RIGHTS_DIRS (LANDLOCK_ACCESS_FS_MAKE_DIR | LANDLOCK_ACCESS_FS_REMOVE_DIR)

/* The kernel refuses any other right on what is not a directory. */
#define RIGHTS_OF_FILE                                                     \
	(LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_WRITE_FILE |      \
	    LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_TRUNCATE |   \
	    LANDLOCK_ACCESS_FS_IOCTL_DEV)

int
landlock_abi(void)
{
	long abi = syscall(__NR_landlock_create_ruleset, NULL, 0,
	    LANDLOCK_CREATE_RULESET_VERSION);

	return abi < 0 ? -errno : (int)abi;
}

/* What ABI @abi can handle. */
static struct kernel_landlock_ruleset
handled(int abi)
{
	struct kernel_landlock_ruleset r = {
		.handled_access_fs = RIGHTS_ABI_1,
	};

	if (abi >= 2)
		r.handled_access_fs |= LANDLOCK_ACCESS_FS_REFER;
	if (abi >= 3)
		r.handled_access_fs |= LANDLOCK_ACCESS_FS_TRUNCATE;
	if (abi >= 4)
		r.handled_access_net = LANDLOCK_ACCESS_NET_BIND_TCP |
		    LANDLOCK_ACCESS_NET_CONNECT_TCP;
	if (abi >= 5)
		r.handled_access_fs |= LANDLOCK_ACCESS_FS_IOCTL_DEV;
	if (abi >= 6)
		r.scoped = LANDLOCK_SCOPE_ABSTRACT_UNIX_SOCKET |
		    LANDLOCK_SCOPE_SIGNAL;
	return r;
}

int
landlock_new(void)
{
	struct kernel_landlock_ruleset attr;
	long fd;
	int abi = landlock_abi();

	if (abi < 0)
		return abi;
	attr = handled(abi);
	/* close-on-exec by the kernel */
	fd = syscall(__NR_landlock_create_ruleset, &attr, sizeof(attr), 0);
	return fd < 0 ? -errno : (int)fd;
}

static uint64_t
rights(unsigned allow)
{
	uint64_t r = 0;

	if ((allow & LANDLOCK_READ) != 0)
		r |= RIGHTS_READ;
	if ((allow & LANDLOCK_EXEC) != 0)
		r |= RIGHTS_READ | LANDLOCK_ACCESS_FS_EXECUTE;
	if ((allow & LANDLOCK_WRITE) != 0)
		r |= RIGHTS_WRITE;
	if ((allow & LANDLOCK_DIRS) != 0)
		r |= RIGHTS_DIRS;
	if ((allow & LANDLOCK_LINKS) != 0)
		r |= LANDLOCK_ACCESS_FS_MAKE_SYM;
	/* moving between directories is worth having where both can be made */
	if ((allow & LANDLOCK_WRITE) != 0 && (allow & LANDLOCK_DIRS) != 0)
		r |= LANDLOCK_ACCESS_FS_REFER;
	return r;
}

int
landlock_allow(int ruleset, int dirfd, const char *path, unsigned allow)
{
	struct landlock_path_beneath_attr rule = { .parent_fd = -1 };
	struct stat st;
	int abi = landlock_abi(), r = 0;

	if (abi < 0)
		return abi;
	rule.parent_fd = openat(dirfd, path, O_PATH | O_CLOEXEC);
	if (rule.parent_fd < 0)
		return -errno;
	if (fstat(rule.parent_fd, &st) != 0) {
		r = -errno;
		goto out;
	}
	rule.allowed_access = rights(allow) & handled(abi).handled_access_fs;
	if (!S_ISDIR(st.st_mode))
		rule.allowed_access &= RIGHTS_OF_FILE;
	if (rule.allowed_access == 0)
		goto out; /* an empty rule is ENOMSG, and says nothing */
	if (syscall(__NR_landlock_add_rule, ruleset,
		LANDLOCK_RULE_PATH_BENEATH, &rule, 0) != 0)
		r = -errno;
out:
	close(rule.parent_fd);
	return r;
}

int
landlock_enter(int ruleset)
{
	if (syscall(__NR_landlock_restrict_self, ruleset, 0) != 0)
		return -errno;
	return 0;
}
