/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Namespaces (namespaces(7)). */
#ifndef IMMURE_NAMESPACE_H
#define IMMURE_NAMESPACE_H

#include <stdint.h>
#include <sys/types.h>

struct id_map {
	uint32_t inside, outside, count;
};

/* clone3(2) with @flags (CLONE_NEW*, CLONE_PARENT) and SIGCHLD; like fork(2):
 * 0 in the child, pid in the parent, -errno. */
pid_t namespace_clone(uint64_t flags);

/* The same into group @group (a directory of cgroup v2, or -1: the caller's
 * own), which takes the right to write its cgroup.procs and that of the group
 * which both lie in (cgroups(7)). */
pid_t namespace_clone_into(uint64_t flags, int group);

/* Write setgroups=deny and both maps of @pid; needs root's rights. */
int namespace_map(pid_t pid, const struct id_map *map, unsigned n);

/* The same with one map for users and one for groups, @n entries each. */
int namespace_map_ids(pid_t pid, const struct id_map *uids,
    const struct id_map *gids, unsigned n);

/*
 * Inside a new user namespace, while /proc is still the host's: set
 * max_{user,net,ipc,uts,cgroup,time}_namespaces, inotify and fanotify to 0 and
 * max_{pid,mnt}_namespaces to @depth (namespaces(7), user_namespaces(7)), and
 * the SysV and mq limits of the ipc namespace to 0, where they are its own to
 * set (Linux 6.9).  0, or -errno of the first limit that could not be set.
 * -EPERM in the host's user namespace, or in an ipc namespace that is not of
 * this user namespace.
 */
int namespace_lock(unsigned depth);

/* The same, where the host's /proc is out of sight but @proc_fd (O_PATH) is
 * a descriptor of it. */
int namespace_lock_at(int proc_fd, unsigned depth);

#endif
