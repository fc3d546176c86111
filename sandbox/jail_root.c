/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The builder: a root from nothing.  Runs with the caller's rights in a mount
 * namespace of its own.  Walks component by component without following a
 * symlink, so a link inside a bound directory cannot move a mount elsewhere.
 */
#include "jail_private.h"
#include "mount.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/mount.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "kernel_abi.h"

/*
 * Where the root is mounted until it is entered: a directory that every
 * system has and nobody binds from, since the mount hides what is below.
 */
#define STAGING "/sys"

#define ATTR_ALL (MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV)
#define ROOT_BYTES 262144 /* directories and mount points, no content */
#define ROOT_INODES 1024
#define BYTES_PER_INODE 16384 /* of a tmpfs, as mke2fs(8) reckons */
#define INODES_LEAST 64

/* The directory @name in @dir, made if need be; closes @dir. */
static int
step_into(int dir, const char *name)
{
	int fd, e;

	if (mkdirat(dir, name, 0755) != 0 && errno != EEXIST) {
		e = -errno;
		/* a directory in a read-only bind may well be there */
		if (e != -EROFS) {
			close(dir);
			return e;
		}
	}
	fd = openat(dir, name,
	    O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	e = fd < 0 ? -errno : fd;
	close(dir);
	return e;
}

/* Go to the parent of @to in the new root; *ret_name is its last component. */
static int
enter_parent(const char *to, const char **ret_name)
{
	char name[NAME_MAX + 1];
	size_t len;
	int r, dir = open(STAGING, O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (dir < 0)
		return -errno;
	for (to++; strchr(to, '/') != NULL; to += len + 1) {
		len = strcspn(to, "/");
		if (len > NAME_MAX) {
			close(dir);
			return -ENAMETOOLONG;
		}
		memcpy(name, to, len);
		name[len] = '\0';
		dir = step_into(dir, name);
		if (dir < 0)
			return dir;
	}
	r = fchdir(dir) != 0 ? -errno : 0;
	close(dir);
	*ret_name = to;
	return r;
}

/* Something of @from's kind to mount it on. */
static int
make_point(const char *from, const char *name)
{
	struct stat st;
	int fd;

	if (stat(from, &st) != 0)
		return -errno;
	if (S_ISDIR(st.st_mode))
		return mkdir(name, 0755) != 0 && errno != EEXIST ? -errno : 0;
	fd = open(name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
	    0444);
	if (fd >= 0)
		close(fd);
	return fd < 0 && errno != EEXIST ? -errno : 0;
}

static int
bind_from(const struct place *p, const char *from, const char *name)
{
	unsigned attr = ATTR_ALL | MOUNT_ATTR_RDONLY;
	int r = make_point(from, name);

	if (!p->exec)
		attr |= MOUNT_ATTR_NOEXEC;
	/* with what is mounted below: an unprivileged builder may not leave
	 * a locked mount out (mount_namespaces(7)) */
	return r != 0 ? r : mount_bind_tree(from, name, attr);
}

/* Opened here and not by the caller: what is bound must be of this mount
 * namespace (open_tree(2)). */
static int
put_bind(const struct place *p, const char *name)
{
	char from[32];
	int r, fd, base;

	if (p->base == NULL)
		return bind_from(p, p->from, name);
	base = open(p->base, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (base < 0)
		return -errno;
	fd = mount_open_beneath(base, p->from);
	close(base);
	if (fd < 0)
		return fd;
	snprintf(from, sizeof(from), "/proc/self/fd/%d", fd);
	r = bind_from(p, from, name);
	close(fd);
	return r;
}

static int
put_tmpfs(const struct jail *j, const struct place *p, const char *name,
    int *ret_fd)
{
	int r = mkdir(name, 0755) != 0 && errno != EEXIST ? -errno : 0;

	if (r == 0)
		r = mount_tmpfs(name, p->bytes,
		    INODES_LEAST + p->bytes / BYTES_PER_INODE, 0700,
		    ATTR_ALL | MOUNT_ATTR_NOEXEC | MOUNT_ATTR_NOSYMFOLLOW);
	if (r == 0 && chown(name, j->uid, j->gid) != 0)
		r = -errno;
	if (r == 0) {
		*ret_fd = open(name, O_PATH | O_DIRECTORY | O_CLOEXEC);
		r = *ret_fd < 0 ? -errno : 0;
	}
	return r;
}

static void
put_place(const struct spawn *s, const struct place *p, int *ret_fd)
{
	static const enum jail_step steps[] = {
		[PLACE_BIND] = STEP_BIND,
		[PLACE_TMPFS] = STEP_TMPFS,
		[PLACE_SYMLINK] = STEP_SYMLINK,
	};
	const char *name = "";
	int r = enter_parent(p->to, &name);

	if (r == 0 && p->kind == PLACE_BIND)
		r = put_bind(p, name);
	else if (r == 0 && p->kind == PLACE_TMPFS)
		r = put_tmpfs(s->jail, p, name, ret_fd);
	else if (r == 0 && symlink(p->from, name) != 0)
		r = -errno;
	if (r != 0)
		jail_fail(s->report[1], steps[p->kind], -r);
}

unsigned
jail_root_build(const struct spawn *s, int fds[JAIL_TMPFS])
{
	const struct jail *j = s->jail;
	unsigned n = 0;
	int r;

	if (unshare(CLONE_NEWNS) != 0)
		jail_fail(s->report[1], STEP_MOUNT_NS, errno);
	r = mount_private();
	if (r != 0)
		jail_fail(s->report[1], STEP_MOUNT_NS, -r);
	umask(0);
	r = mount_tmpfs(STAGING, ROOT_BYTES, ROOT_INODES, 0755,
	    ATTR_ALL | MOUNT_ATTR_NOEXEC);
	if (r != 0)
		jail_fail(s->report[1], STEP_ROOT, -r);
	for (unsigned i = 0; i < j->n_places; i++) {
		put_place(s, &j->places[i], &fds[n]);
		n += j->places[i].kind == PLACE_TMPFS;
	}
	r = mount_attr(STAGING, MOUNT_ATTR_RDONLY);
	if (r == 0)
		r = mount_pivot(STAGING);
	if (r != 0)
		jail_fail(s->report[1], STEP_PIVOT, -r);
	return n;
}
