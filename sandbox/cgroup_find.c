/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whose groups are they?  systemd owns the hierarchy and says by an extended
 * attribute what it has given away (Delegate=yes; its CGROUP_DELEGATION page);
 * elsewhere a service manager has put us into a group of our own, beside which
 * there is room.  Nothing is made or changed here.
 */
#include "cgroup.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <sys/xattr.h>
#include <unistd.h>

#define CGROUP2_MAGIC 0x63677270 /* statfs(2) */

#define GIVE_ONE                                                               \
	"start it as a service whose unit has Delegate=yes, as the one that " \
	"is shipped, or name a delegated directory in the setting cgroup"

static int
none(struct cgroup_place *p, int r, const char *reason, const char *remedy)
{
	if (p->fd >= 0)
		(void)close(p->fd);
	p->fd = -1;
	p->reason = reason;
	p->remedy = remedy;
	return r;
}

/* mountinfo: "… ROOT POINT OPTIONS … - cgroup2 …" (proc_pid_mountinfo(5)). */
static bool
is_cgroup2(char *line, char *point)
{
	char *type = strstr(line, " - cgroup2 ");

	return type != NULL &&
	       sscanf(line, "%*s %*s %*s %*s %4095s", point) == 1;
}

int
cgroup_mount(char *path)
{
	FILE *f = fopen("/proc/self/mountinfo", "re");
	char line[2 * PATH_MAX];
	int r = -ENOENT;

	if (f == NULL)
		return -errno;
	while (r != 0 && fgets(line, sizeof(line), f) != NULL)
		if (is_cgroup2(line, path))
			r = 0;
	(void)fclose(f);
	return r;
}

/* This process' group, "0::PATH" (cgroups(7)). */
static int
own_group(char *path)
{
	FILE *f = fopen("/proc/self/cgroup", "re");
	char line[PATH_MAX + 8];
	int r = -ENOENT;

	if (f == NULL)
		return -errno;
	while (r != 0 && fgets(line, sizeof(line), f) != NULL) {
		line[strcspn(line, "\n")] = '\0';
		if (strncmp(line, "0::/", 4) != 0)
			continue;
		(void)snprintf(path, PATH_MAX, "%.4000s", line + 3);
		r = 0;
	}
	(void)fclose(f);
	return r;
}

static bool
is_delegated(int fd)
{
	/* the first is root's to read, the other everybody's (5.7) */
	return fgetxattr(fd, "trusted.delegate", NULL, 0) > 0 ||
	       fgetxattr(fd, "user.delegate", NULL, 0) > 0;
}

static int
open_group(struct cgroup_place *p, const char *path)
{
	struct statfs fs;

	(void)snprintf(p->path, sizeof(p->path), "%s", path);
	p->fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (p->fd < 0)
		return none(p, -errno, "it cannot be opened",
		    "give a directory of a mounted cgroup v2");
	if (fstatfs(p->fd, &fs) < 0 || fs.f_type != CGROUP2_MAGIC)
		return none(p, -ENOTDIR, "it is no directory of a cgroup v2",
		    "give one below the mount point of cgroup v2");
	return 0;
}

/* @mount and @group, "/" being the mount point itself. */
static void
join(char *out, const char *mount, const char *group)
{
	(void)snprintf(out, PATH_MAX, "%.2000s%.2000s", mount,
	    strcmp(group, "/") == 0 ? "" : group);
}

/* The group above; false: there is none. */
static bool
cut_last(char *group)
{
	char *slash = strrchr(group, '/');

	if (slash == NULL || group[1] == '\0')
		return false;
	slash[slash == group ? 1 : 0] = '\0';
	return true;
}

static int
find_mount(struct cgroup_place *p, char *mount)
{
	int r = cgroup_mount(mount);

	return r == 0 ? 0 : none(p, r, "cgroup v2 is not mounted",
	    "mount it: mount -t cgroup2 cgroup2 /sys/fs/cgroup");
}

/* Delegated to us, or, by DelegateSubgroup=, the one above us. */
static int
find_given(struct cgroup_place *p, const char *mount, char *group)
{
	char path[PATH_MAX];

	p->ours = p->inside = true;
	do {
		join(path, mount, group);
		if (open_group(p, path) == 0 && is_delegated(p->fd))
			return 0;
		if (!p->inside)
			break;
		if (p->fd >= 0)
			(void)close(p->fd);
		p->fd = -1;
		p->inside = false;
	} while (cut_last(group));
	p->ours = p->inside = false;
	return none(p, -EACCES,
	    "the group that it was started in is not delegated to it",
	    GIVE_ONE);
}

static int
find_beside(struct cgroup_place *p, const char *mount, char *group)
{
	char path[PATH_MAX];

	(void)cut_last(group);
	join(path, mount, group);
	return open_group(p, path);
}

static int
find_own(struct cgroup_place *p)
{
	char mount[PATH_MAX], group[PATH_MAX], above[PATH_MAX];
	int r = find_mount(p, mount);

	if (r != 0)
		return r;
	r = own_group(group);
	if (r != 0)
		return none(p, r, "this process is in no group of cgroup v2",
		    "mount cgroup v2, and let the service manager use it");
	(void)snprintf(above, sizeof(above), "%s", group);
	r = find_given(p, mount, above);
	if (r == 0 || access("/run/systemd/system", F_OK) == 0)
		return r;
	return find_beside(p, mount, group);
}

/* Is this process in the group that @p is? */
static bool
is_inside(const struct cgroup_place *p)
{
	char mount[PATH_MAX], group[PATH_MAX], path[PATH_MAX];
	struct stat a, b;

	if (cgroup_mount(mount) != 0 || own_group(group) != 0)
		return false;
	join(path, mount, group);
	return stat(path, &a) == 0 && fstat(p->fd, &b) == 0 &&
	       a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

int
cgroup_find(const char *wish, struct cgroup_place *p)
{
	int r;

	memset(p, 0, sizeof(*p));
	p->fd = -1;
	if (wish == NULL)
		return find_own(p);
	if (strcmp(wish, "none") == 0)
		return none(p, -ENOENT, "the setting cgroup says none",
		    "leave that setting away");
	r = open_group(p, wish);
	p->ours = r == 0;
	p->inside = r == 0 && is_inside(p);
	return r;
}

int
cgroup_find_delegated(const char *path, struct cgroup_place *p)
{
	char mount[PATH_MAX], whole[PATH_MAX];
	int r;

	memset(p, 0, sizeof(*p));
	p->fd = -1;
	r = find_mount(p, mount);
	if (r != 0)
		return r;
	join(whole, mount, path);
	r = open_group(p, whole);
	if (r == 0 && !is_delegated(p->fd))
		return none(p, -EACCES, "it is not delegated", GIVE_ONE);
	p->ours = r == 0;
	return r;
}
