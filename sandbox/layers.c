/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The layers, in words: for `immure check`, the log and error messages. */
#include "landlock.h"
#include "probe.h"
#include "user_mode.h"

#include "kernel_abi.h"

/* clang-format off */
const struct layer_text layer_texts[LAYER_COUNT] = {
	[LAYER_USER_NS] = { "namespace.user",
	    "ids of a job are nobody on the host", "6.1",
	    "set sysctl user.max_user_namespaces above 0" },
	[LAYER_PID_NS] = { "namespace.pid",
	    "a job sees and signals no process but its own", "6.1",
	    "build the kernel with CONFIG_PID_NS" },
	[LAYER_MOUNT_NS] = { "namespace.mount",
	    "a job's root holds nothing of the host's", "6.1",
	    "set sysctl user.max_mnt_namespaces above 0" },
	[LAYER_NET_NS] = { "namespace.net",
	    "a job has no network interface and no route", "6.1",
	    "build the kernel with CONFIG_NET_NS" },
	[LAYER_IPC_NS] = { "namespace.ipc",
	    "a job sees no SysV or POSIX IPC object", "6.1",
	    "build the kernel with CONFIG_IPC_NS" },
	[LAYER_UTS_NS] = { "namespace.uts",
	    "a job does not learn the host's name", "6.1",
	    "build the kernel with CONFIG_UTS_NS" },
	[LAYER_CGROUP_NS] = { "namespace.cgroup",
	    "a job does not learn its cgroup's path", "6.1",
	    "build the kernel with CONFIG_CGROUPS" },
	[LAYER_READ_ONLY] = { "mount.read-only",
	    "root and toolchain cannot be written", "6.1",
	    "needs mount_setattr(2); check the service's filter" },
	[LAYER_NOEXEC] = { "mount.noexec",
	    "nothing that a job wrote can be executed", "6.1",
	    "needs mount_setattr(2); check the service's filter" },
	[LAYER_NO_PROC] = { "mount.no-proc",
	    "a job has no /proc, /dev or /sys", "6.1",
	    "report it: the root was not built by immure" },
	[LAYER_LANDLOCK] = { "landlock.fs",
	    "file rules on top of the mounts", "6.1",
	    "add landlock to the lsm= list of the kernel command line" },
	[LAYER_LANDLOCK_NET] = { "landlock.net",
	    "no TCP bind or connect even with a network", "6.7",
	    "use Linux 6.7 or later" },
	[LAYER_LANDLOCK_SCOPE] = { "landlock.scope",
	    "no signal and no abstract socket out of the jail", "6.12",
	    "use Linux 6.12 or later" },
	[LAYER_SECCOMP] = { "seccomp.kill",
	    "a call that no compiler makes ends the process", "6.1",
	    "build the kernel with CONFIG_SECCOMP_FILTER" },
	[LAYER_SECCOMP_ERRNO] = { "seccomp.errno",
	    "calls a compiler can do without are refused", "6.1",
	    "build the kernel with CONFIG_SECCOMP_FILTER" },
	[LAYER_TRIP] = { "seccomp.trip",
	    "the node hears of a forbidden call, and ends the job", "6.1",
	    "do not run immured under another seccomp listener" },
	[LAYER_MDWE] = { "mdwe",
	    "memory once writable never becomes executable", "6.3",
	    "use Linux 6.3 or later" },
	[LAYER_NO_CAPS] = { "capabilities",
	    "a job holds no capability, in any set", "6.1",
	    "start immured with CAP_SETPCAP" },
	[LAYER_NO_NEW_PRIVS] = { "no-new-privs",
	    "an exec gains nothing", "6.1",
	    "report it: the kernel must have this" },
	[LAYER_NO_GROUPS] = { "groups",
	    "a job is in no group but its own", "6.1",
	    "let the service call setgroups(2): see its filter" },
	[LAYER_RLIMITS] = { "rlimits",
	    "limits per process that a job cannot raise", "6.1",
	    "report it: the kernel must have this" },
	[LAYER_FDS] = { "descriptors",
	    "a job holds its three pipes and nothing else", "6.1",
	    "report it: a descriptor leaked into the cell" },
	[LAYER_NO_DUMP] = { "no-core",
	    "a crash leaves no core file and runs no program", "6.1",
	    "let the hard limit of core files be 1 or more (ulimit -H -c)" },
	[LAYER_CELL_GROUP] = { "cgroup.cell",
	    "all of a job is in a group that is ended as a whole", "6.1",
	    "delegate a cgroup v2 subtree" },
	[LAYER_CGROUP] = { "cgroup",
	    "memory and processes of a whole job are bounded", "6.1",
	    "delegate a cgroup v2 subtree with memory and pids" },
	[LAYER_SELINUX] = { "selinux",
	    "each process of the node is in an SELinux domain of its own",
	    "6.1", "install the module of policy/selinux" },
	[LAYER_APPARMOR] = { "apparmor",
	    "each process of the node has an AppArmor profile of its own",
	    "6.1", "load policy/apparmor/usr.sbin.immured" },
	[LAYER_NFTABLES] = { "nftables",
	    "the kernel drops what may not reach or leave the node", "6.1",
	    "immure firewall --load, as root" },
};
/* clang-format on */

static uint64_t
bit(enum layer layer)
{
	return UINT64_C(1) << layer;
}

uint64_t
probe_expected(void)
{
	uint64_t all = bit(LAYER_COUNT) - 1;
	int abi = landlock_abi();

	all &= ~(LAYERS_CGROUP | LAYERS_OUTSIDE);
	/* landlock(7): network rules came with ABI 4, scopes with ABI 6 */
	if (abi < 4)
		all &= ~bit(LAYER_LANDLOCK_NET);
	if (abi < 6)
		all &= ~bit(LAYER_LANDLOCK_SCOPE);
	if (user_mode_groups_stay())
		all &= ~bit(LAYER_NO_GROUPS);
	if (prctl(PR_GET_MDWE, 0, 0, 0, 0) < 0)
		all &= ~bit(LAYER_MDWE);
	return all;
}
