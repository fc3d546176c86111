/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Placing files by openat2(2) and mkdirat(2), beneath a top-level directory
 * (unpack_place.h).  The root of the cell is read-only and Landlock lets this
 * stage write on the job's mounts alone; the flags here are what keeps one
 * name of a request from leading to another's place.
 */
#include "unpack_place.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "node/common/limits.h"

#define NAME_BYTES 256 /* NAME_MAX and the NUL */

/* The directory that the last name lay in, kept: files come in runs. */
static struct {
	char path[LIMIT_PATH + 1];
	size_t len;
	int fd;
} last = { .fd = -1 };

enum unpack_exit
place_verdict(int error)
{
	switch (error) {
	case ENOSPC:
	case EDQUOT:
	case ENOMEM:
	case EFBIG:
		return UNPACK_SPACE;
	case EEXIST:
	case ELOOP:   /* RESOLVE_NO_SYMLINKS */
	case EXDEV:   /* RESOLVE_NO_XDEV: an include directory of the image */
	case ENOTDIR: /* below a file */
	case EISDIR:
	case EROFS: /* not one of the cell's top-level directories */
	case EACCES:
	case EPERM:
	case ENOENT:
	case ENAMETOOLONG:
		return UNPACK_NAME;
	default:
		return UNPACK_SYSTEM;
	}
}

/* A directory right below @dirfd, whatever stands behind the name.  fd or
 * -errno. */
static int
open_dir(int dirfd, const char *name)
{
	struct open_how how = { .flags = O_PATH | O_DIRECTORY | O_NOFOLLOW |
					 O_CLOEXEC,
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS |
			   RESOLVE_NO_MAGICLINKS | RESOLVE_NO_XDEV };
	long fd;

	do
		fd = syscall(SYS_openat2, dirfd, name, &how, sizeof(how));
	while (fd < 0 && (errno == EAGAIN || errno == EINTR));
	return fd < 0 ? -errno : (int)fd;
}

/* The mount of the job that @top is: the one step that crosses a mount. */
static int
open_top(const char *top)
{
	char path[NAME_BYTES + 1];
	size_t n = strlen(top);
	int fd;

	if (n >= NAME_BYTES)
		return -ENAMETOOLONG;
	path[0] = '/';
	memcpy(path + 1, top, n + 1);
	fd = openat(
	    AT_FDCWD, path, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

/* Go one component down from @dirfd (-1: from the root), making it. */
static int
step(int dirfd, const char *name)
{
	int fd;

	if (dirfd < 0)
		return open_top(name);
	fd = open_dir(dirfd, name);
	if (fd != -ENOENT)
		return fd;
	if (mkdirat(dirfd, name, 0755) < 0 && errno != EEXIST)
		return -errno;
	return open_dir(dirfd, name);
}

/* Walk the first @len bytes of @path, making what is not there.  A
 * descriptor, or -errno. */
static int
walk(const char *path, size_t len)
{
	char name[NAME_BYTES];
	size_t at = 1, n;
	int fd = -1, next;

	while (at < len) {
		n = strcspn(path + at, "/");
		if (n > len - at)
			n = len - at;
		if (n >= sizeof(name)) {
			next = -ENAMETOOLONG;
		} else {
			memcpy(name, path + at, n);
			name[n] = '\0';
			next = step(fd, name);
		}
		if (fd >= 0)
			(void)close(fd);
		if (next < 0)
			return next;
		fd = next;
		at += n + 1;
	}
	return fd < 0 ? -EROFS : fd; /* the root itself takes nothing */
}

/* The directory of @path's last component, kept until the next call. */
static int
parent_of(const char *path, const char **ret_name)
{
	const char *slash = strrchr(path, '/');
	size_t len = (size_t)(slash - path);
	int fd;

	*ret_name = slash + 1;
	if (last.fd >= 0 && len == last.len &&
	    memcmp(path, last.path, len) == 0)
		return last.fd;
	if (len > LIMIT_PATH)
		return -ENAMETOOLONG;
	fd = walk(path, len);
	if (fd < 0)
		return fd;
	if (last.fd >= 0)
		(void)close(last.fd);
	last.fd = fd;
	last.len = len;
	memcpy(last.path, path, len);
	return fd;
}

enum unpack_exit
place_dir(const char *path)
{
	int fd;

	if (strcmp(path, "/") == 0)
		return UNPACK_OK;
	fd = walk(path, strlen(path));
	if (fd < 0)
		return place_verdict(-fd);
	(void)close(fd);
	return UNPACK_OK;
}

enum unpack_exit
place_file(const char *path, int *ret_fd)
{
	const char *name;
	int dir, fd;

	dir = parent_of(path, &name);
	if (dir < 0)
		return place_verdict(-dir);
	/* O_EXCL: a name that is there already, link or not, is a clash. */
	fd = openat(dir, name,
	    O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);
	if (fd < 0)
		return place_verdict(errno);
	*ret_fd = fd;
	return UNPACK_OK;
}

enum unpack_exit
place_link(const char *path, const char *target)
{
	const char *name;
	int dir;

	dir = parent_of(path, &name);
	if (dir < 0)
		return place_verdict(-dir);
	if (symlinkat(target, dir, name) < 0)
		return place_verdict(errno);
	return UNPACK_OK;
}
