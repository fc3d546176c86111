/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * cgroup v2 (cgroups(7), the kernel's admin-guide/cgroup-v2): where this
 * process may make groups, and how one is entered, ended and removed.  Reads
 * the kernel's files and the administrator's words alone.
 */
#ifndef IMMURE_CGROUP_H
#define IMMURE_CGROUP_H

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* Controllers that a job is bounded with. */
#define CGROUP_MEMORY 1U
#define CGROUP_PIDS   2U
#define CGROUP_CPU    4U
#define CGROUP_IO     8U
#define CGROUP_BOUNDS (CGROUP_MEMORY | CGROUP_PIDS)

/* Where groups may be made. */
struct cgroup_place {
	int fd;		     /* owned: a directory of a cgroup v2; or -1 */
	bool ours;	     /* nobody else makes groups or sets controllers */
	bool inside;	     /* … and this process is in it, not below */
	char path[PATH_MAX]; /* for people */
	/* where there is none: constants, for people */
	const char *reason, *remedy;
};

/*
 * The directory @wish (an absolute path), none at all ("none"), or, with NULL,
 * what the service manager has given to this process: a group that systemd has
 * delegated, or, without systemd, the one beside its own.  0, or -errno and
 * the reason in *p.
 */
int cgroup_find(const char *wish, struct cgroup_place *p);

/* The same for group @path of the hierarchy ("/system.slice/immured.service"),
 * if systemd has delegated it. */
int cgroup_find_delegated(const char *path, struct cgroup_place *p);

/* Where cgroup v2 is mounted, into @path of PATH_MAX bytes; 0 or -errno. */
int cgroup_mount(char *path);

/*
 * Share CPUs, and the way to devices where there is one, among @group and those
 * beside it: @weight of 1 to 10000, where 100 is what a group has that nobody
 * has set (cgroup-v2: "CPU Interface Files", cpu.weight; "IO Interface Files",
 * io.weight).  What is not there is not missed.
 */
void cgroup_share(int group, unsigned weight);

/* No more than @groups below @group, and none deeper than @depth (cgroup-v2:
 * "Core Interface Files", cgroup.max.descendants, cgroup.max.depth).  0 or
 * -errno. */
int cgroup_confine(int group, unsigned groups, unsigned depth);

/* Write @text to, or read into @buf (NUL-terminated) from, file @name of a
 * group.  0 or -errno. */
int cgroup_write(int group, const char *name, const char *text);
int cgroup_read(int group, const char *name, char *buf, size_t room);

/* The CGROUP_* named in file @name, cgroup.controllers or such; 0: none. */
unsigned cgroup_controllers(int group, const char *name);

/* Have those of @wanted in the groups below @group; the ones that are. */
unsigned cgroup_enable(int group, unsigned wanted);

/* "memory pids", or "none", of @mask without io, which bounds no job;
 * constant. */
const char *cgroup_words(unsigned mask);

/*
 * End every process in group @name of @parent and in the groups below, wait
 * until there is none, and remove them all.  0 (also when it was not there),
 * -EBUSY: somebody is still in it after two seconds, or -errno.
 */
int cgroup_clear(int parent, const char *name);

/* Make a group below @parent, a process in it, end and remove it: does it
 * work?  0 or -errno. */
int cgroup_try(int parent);

#endif
