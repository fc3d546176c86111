/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * New namespaces, the id maps of one, and the limits that keep what is in a
 * user namespace from making more of them even without a filter.  Trusts
 * /proc to be the host's.
 */
#include "namespace.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/nsfs.h>
#include <linux/sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "kernel_abi.h"
#include "write_text.h"

#define MAPS_MAX 8

pid_t
namespace_clone_into(uint64_t flags, int group)
{
	struct clone_args a = {
		.flags = flags | (group >= 0 ? CLONE_INTO_CGROUP : 0),
		.cgroup = group >= 0 ? (unsigned)group : 0U,
		/* clone3(2): with CLONE_PARENT the signal is the caller's own
		 * and must be 0 here */
		.exit_signal = (flags & CLONE_PARENT) != 0 ? 0 : SIGCHLD,
	};
	long pid = syscall(__NR_clone3, &a, sizeof(a));

	return pid < 0 ? -errno : (pid_t)pid;
}

pid_t
namespace_clone(uint64_t flags)
{
	return namespace_clone_into(flags, -1);
}

static int
write_map(pid_t pid, const char *name, const struct id_map *map, unsigned n)
{
	char path[64], text[MAPS_MAX * 34];
	size_t at = 0;
	int len;

	for (unsigned i = 0; i < n; i++) {
		len = snprintf(text + at, sizeof(text) - at, "%u %u %u\n",
		    map[i].inside, map[i].outside, map[i].count);
		if (len < 0 || (size_t)len >= sizeof(text) - at)
			return -EINVAL;
		at += (size_t)len;
	}
	snprintf(path, sizeof(path), "/proc/%d/%s", pid, name);
	return write_text(AT_FDCWD, path, text);
}

int
namespace_map_ids(pid_t pid, const struct id_map *uids,
    const struct id_map *gids, unsigned n)
{
	char path[64];
	int r;

	if (n == 0 || n > MAPS_MAX)
		return -EINVAL;
	/* before gid_map: afterwards it cannot be denied any more
	 * (user_namespaces(7)) */
	snprintf(path, sizeof(path), "/proc/%d/setgroups", pid);
	r = write_text(AT_FDCWD, path, "deny");
	if (r == 0)
		r = write_map(pid, "gid_map", gids, n);
	if (r == 0)
		r = write_map(pid, "uid_map", uids, n);
	return r;
}

int
namespace_map(pid_t pid, const struct id_map *map, unsigned n)
{
	return namespace_map_ids(pid, map, map, n);
}

/* /proc/sys/user shows the user namespace of whoever opens it. */
static const char *const none_of[] = {
	"sys/user/max_user_namespaces",
	"sys/user/max_net_namespaces",
	"sys/user/max_ipc_namespaces",
	"sys/user/max_uts_namespaces",
	"sys/user/max_cgroup_namespaces",
	"sys/user/max_time_namespaces",
	"sys/user/max_inotify_instances",
	"sys/user/max_inotify_watches",
	"sys/user/max_fanotify_groups",
	"sys/user/max_fanotify_marks",
};

static const struct {
	const char *path, *text;
} ipc_none[] = {
	{ "sys/kernel/shmmni", "0" },
	{ "sys/kernel/shmall", "0" },
	{ "sys/kernel/shmmax", "0" },
	{ "sys/kernel/msgmni", "0" },
	{ "sys/kernel/msgmax", "0" },
	{ "sys/kernel/msgmnb", "0" },
	{ "sys/kernel/sem", "0 0 0 0" },
	{ "sys/fs/mqueue/queues_max", "0" },
};

/* The inode of namespace @name of this process; 0: cannot tell. */
static ino_t
inode_of(int proc_fd, const char *name)
{
	struct stat st;

	return fstatat(proc_fd, name, &st, 0) == 0 ? st.st_ino : 0;
}

/*
 * Does this process' user namespace own its ipc namespace?  Root's own limits
 * must not be set to 0 by a caller that forgot to make one.
 */
static bool
owns_ipc(int proc_fd)
{
	int owner, ns = openat(proc_fd, "self/ns/ipc", O_RDONLY | O_CLOEXEC);
	struct stat st;
	bool owns = false;

	if (ns < 0)
		return false;
	owner = ioctl(ns, NS_GET_USERNS); /* ioctl_nsfs(2) */
	close(ns);
	if (owner < 0)
		return false; /* EPERM: an ancestor's */
	if (fstat(owner, &st) == 0)
		owns = st.st_ino == inode_of(proc_fd, "self/ns/user");
	close(owner);
	return owns;
}

/* The first user namespace is the host's: its inode is a constant,
 * PROC_USER_INIT_INO of the kernel's proc_ns.h. */
#define HOST_USER_NS 0xEFFFFFFDU

int
namespace_lock_at(int proc_fd, unsigned depth)
{
	const size_t n = sizeof(none_of) / sizeof(*none_of);
	const size_t nipc = sizeof(ipc_none) / sizeof(*ipc_none);
	char text[16];
	int r = 0;

	if (inode_of(proc_fd, "self/ns/user") == HOST_USER_NS ||
	    !owns_ipc(proc_fd))
		return -EPERM; /* would lock the host */
	for (size_t i = 0; r == 0 && i < n; i++) {
		r = write_text(proc_fd, none_of[i], "0");
		if (r == -ENOENT)
			r = 0; /* not configured in: there is nothing to make */
	}
	snprintf(text, sizeof(text), "%u", depth);
	if (r == 0)
		r = write_text(proc_fd, "sys/user/max_pid_namespaces", text);
	if (r == 0)
		r = write_text(proc_fd, "sys/user/max_mnt_namespaces", text);
	for (size_t i = 0; r == 0 && i < nipc; i++) {
		r = write_text(proc_fd, ipc_none[i].path, ipc_none[i].text);
		/* EACCES: before Linux 6.9 they are the host's root's alone */
		if (r == -ENOENT || r == -EACCES)
			r = 0;
	}
	return r;
}

int
namespace_lock(unsigned depth)
{
	int r, proc = open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (proc < 0)
		return -errno;
	r = namespace_lock_at(proc, depth);
	close(proc);
	return r;
}
