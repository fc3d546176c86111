/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The Landlock domains of a slot and of its executor; see scope.h. */
#include "scope.h"

#include <errno.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <sandbox/kernel_abi.h>
#include <sandbox/landlock.h>

#define ABI_TRUNCATE 3
#define ABI_NET	     4
#define ABI_IOCTL    5
#define ABI_SCOPE    6

static int
new_rules(const struct kernel_landlock_ruleset *attr)
{
	long fd = syscall(__NR_landlock_create_ruleset, attr, sizeof(*attr), 0);

	return fd < 0 ? -errno : (int)fd;
}

int
scope_enter(void)
{
	const struct kernel_landlock_ruleset attr = {
		.scoped =
		    LANDLOCK_SCOPE_ABSTRACT_UNIX_SOCKET | LANDLOCK_SCOPE_SIGNAL
	};
	int rules, r, abi = landlock_abi();

	if (abi < ABI_SCOPE)
		return abi < 0 ? abi : 0;
	rules = new_rules(&attr);
	if (rules < 0)
		return rules;
	r = landlock_enter(rules);
	(void)close(rules);
	return r;
}

static int
allow_group(int rules, int group)
{
	const struct landlock_path_beneath_attr rule = {
		.allowed_access = LANDLOCK_ACCESS_FS_READ_FILE |
				  LANDLOCK_ACCESS_FS_WRITE_FILE |
				  LANDLOCK_ACCESS_FS_MAKE_DIR |
				  LANDLOCK_ACCESS_FS_REMOVE_DIR,
		.parent_fd = group,
	};

	if (syscall(__NR_landlock_add_rule, rules, LANDLOCK_RULE_PATH_BENEATH,
		&rule, 0) == 0)
		return rules;
	(void)close(rules);
	return -errno;
}

int
scope_executor_rules(int group)
{
	struct kernel_landlock_ruleset attr = {
		/* all of ABI 1, and moving between directories (2) */
		.handled_access_fs = LANDLOCK_ACCESS_FS_MAKE_SYM * 2 - 1,
	};
	int rules, abi = landlock_abi();

	if (abi < 0)
		return abi;
	attr.handled_access_fs |= abi >= 2 ? LANDLOCK_ACCESS_FS_REFER : 0;
	if (abi >= ABI_TRUNCATE)
		attr.handled_access_fs |= LANDLOCK_ACCESS_FS_TRUNCATE;
	if (abi >= ABI_NET)
		attr.handled_access_net = LANDLOCK_ACCESS_NET_BIND_TCP |
					  LANDLOCK_ACCESS_NET_CONNECT_TCP;
	if (abi >= ABI_IOCTL)
		attr.handled_access_fs |= LANDLOCK_ACCESS_FS_IOCTL_DEV;
	if (abi >= ABI_SCOPE)
		attr.scoped = LANDLOCK_SCOPE_ABSTRACT_UNIX_SOCKET;
	rules = new_rules(&attr);
	return rules < 0 || group < 0 ? rules : allow_group(rules, group);
}
