/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where a node's jobs are: its tree is called immure.PID (monitor/groups.c),
 * and lies wherever the service manager or --cgroup had it made.  It is looked
 * for by that name, where nobody but root can make groups: those that have been
 * delegated to a user may have any name, and what is found goes into rules that
 * root loads.
 *
 * The node's own, in which it has begun to listen (sockets stay where they were
 * made): the one above that tree, if the node has stepped aside there, or that
 * of a service beside it.  Where somebody has started it by hand, his shell is
 * in it.
 */
#include "firewall.h"

#include <dirent.h>
#include <fcntl.h>
#include <node/common/fd.h>
#include <sandbox/cgroup.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>

#define NFT_ROOT  "/sys/fs/cgroup/" /* compiled into nft */
#define DEPTH_MAX 32		    /* systemd's own are five deep */

#define OURS	"node"	  /* monitor/groups.c */
#define SERVICE "immured" /* openrc.immured */

/* Of groups that service managers make; none of them ends a word of nft's. */
#define NAME_CHARS                                                             \
	"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"       \
	"_.:@\\-"

/* The walk: what it looks for, and where it is. */
static struct {
	char name[32];
	char path[PATH_MAX];
	unsigned level;
} walk;

static bool
is_plain(const char *name)
{
	return strcmp(name, ".") != 0 && strcmp(name, "..") != 0 &&
	    name[strspn(name, NAME_CHARS)] == '\0';
}

static bool
is_roots(int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 && st.st_uid == 0 &&
	    (st.st_mode & (S_IWGRP | S_IWOTH)) == 0;
}

static bool look_in(int fd, size_t len, unsigned level);

/* Group @name of @at, whose path is the walk's first @len bytes. */
static bool
enter(int at, const char *name, size_t len, unsigned level)
{
	const size_t room = sizeof(walk.path) - len;
	cleanup_fd int fd = -1;
	int n;

	if (level > DEPTH_MAX || !is_plain(name))
		return false;
	fd = openat(at, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0 || !is_roots(fd))
		return false;
	n = snprintf(walk.path + len, room, "/%s", name);
	if (n < 0 || (size_t)n >= room)
		return false;
	walk.level = level;
	return strcmp(name, walk.name) == 0 ||
	    look_in(fd_take(&fd), len + (size_t)n, level + 1);
}

/* Takes @fd.  Whether it is there, and then the walk stands at it. */
static bool
look_in(int fd, size_t len, unsigned level)
{
	DIR *d = fdopendir(fd);
	struct dirent *e;
	bool found = false;

	if (d == NULL) {
		(void)close(fd);
		return false;
	}
	while (!found && (e = readdir(d)) != NULL)
		found = enter(dirfd(d), e->d_name, len, level);
	(void)closedir(d);
	return found;
}

static bool
find_tree(const char *mount)
{
	int fd = open(mount, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	(void)snprintf(walk.path, sizeof(walk.path), "%s", mount);
	return fd >= 0 && look_in(fd, strlen(mount), 1);
}

/* As nft names it; not at all where it could not. */
static void
place(struct firewall_place *ret, const char *path, unsigned level)
{
	if (strncmp(path, NFT_ROOT, strlen(NFT_ROOT)) != 0)
		return;
	(void)snprintf(
	    ret->path, sizeof(ret->path), "%s", path + strlen(NFT_ROOT));
	ret->level = level;
}

/* The group of @pid in the hierarchy of v2, into @path of PATH_MAX bytes. */
static bool
group_of(int pid, char *path)
{
	char file[40], line[PATH_MAX];
	bool found = false;
	FILE *f;

	(void)snprintf(file, sizeof(file), "/proc/%d/cgroup", pid);
	f = fopen(file, "re");
	while (f != NULL && !found && fgets(line, sizeof(line), f) != NULL)
		found = sscanf(line, "0::%4000[^\n]", path) == 1;
	if (f != NULL)
		(void)fclose(f);
	return found;
}

/* With the walk at the tree of jobs: the path of a mount is its first bytes. */
static void
find_own(struct firewall_group *g, size_t mount)
{
	const size_t parent = (size_t)(strrchr(walk.path, '/') - walk.path);
	const size_t rest = parent - mount;
	char group[PATH_MAX];
	const char *name;

	if (!group_of(g->pid, group) ||
	    strncmp(group, walk.path + mount, rest) != 0 || group[rest] != '/')
		return;
	name = group + rest + 1;
	if (!is_plain(name) ||
	    (strcmp(name, OURS) != 0 && strstr(name, SERVICE) == NULL))
		return;
	if (strcmp(name, OURS) != 0) {
		(void)snprintf(walk.path + parent, sizeof(walk.path) - parent,
		    "/%s", name);
	} else {
		walk.path[parent] = '\0';
		walk.level--;
	}
	/* A container's first group is everybody's. */
	if (walk.level > 0)
		place(&g->own, walk.path, walk.level);
}

void
firewall_group(struct firewall_group *g, pid_t node)
{
	char mount[PATH_MAX];

	*g = (struct firewall_group){ .pid = node };
	if (g->pid == 0 || cgroup_mount(mount) < 0)
		return;
	(void)snprintf(walk.name, sizeof(walk.name), "immure.%d", g->pid);
	if (!find_tree(mount))
		return;
	place(&g->jobs, walk.path, walk.level);
	find_own(g, strlen(mount));
}

/* nft resolves the number that the kernel has: that of a group which has been
 * removed stays a number, also when there is another of that name. */
static bool
is_named(const char *listing, const struct firewall_place *p, const char *then)
{
	char rule[PATH_MAX + 64];

	(void)snprintf(rule, sizeof(rule), "socket cgroupv2 level %u \"%s\" %s",
	    p->level, p->path, then);
	return p->path[0] == '\0' || strstr(listing, rule) != NULL;
}

bool
firewall_group_is_named(const struct firewall_group *g, const char *listing)
{
	return is_named(listing, &g->jobs, "goto job\n") &&
	    is_named(listing, &g->own, "tcp flags ");
}
