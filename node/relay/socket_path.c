/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where unix sockets of nodes lie; see socket_path.h. */
#include "socket_path.h"
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static bool
is_ours(const struct stat *st)
{
	return S_ISDIR(st->st_mode) && st->st_uid == geteuid() &&
	    (st->st_mode & 022) == 0;
}

static int
fits(int n)
{
	return n < 0 || (size_t)n >= SOCKET_PATH_MAX ? -ENAMETOOLONG : 0;
}

/* Anybody can make a directory below /tmp by the name of ours, and it stays:
 * that must not keep this user from having one. */
static const char *
home_instead(const char *dir)
{
	const char *home = getenv("HOME");
	struct stat st;

	if (lstat(dir, &st) < 0 || is_ours(&st) || home == NULL ||
	    home[0] != '/' || stat(home, &st) < 0 || !is_ours(&st))
		return NULL;
	return home;
}

int
socket_own_dir(char ret[SOCKET_PATH_MAX])
{
	const char *run = getenv("XDG_RUNTIME_DIR"), *home;
	struct stat st;
	int r;

	if (geteuid() == 0)
		return fits(snprintf(ret, SOCKET_PATH_MAX,
		    "/run/immure/root"));
	/* Left over in the environment from another user, or gone since the
	 * last login ended: as if it were not set. */
	if (run != NULL && run[0] == '/' && lstat(run, &st) == 0 &&
	    is_ours(&st))
		return fits(snprintf(ret, SOCKET_PATH_MAX, "%s/immure", run));
	r = fits(snprintf(ret, SOCKET_PATH_MAX, "/tmp/immure-%u",
	    (unsigned)geteuid()));
	home = r == 0 ? home_instead(ret) : NULL;
	return home == NULL ? r :
	    fits(snprintf(ret, SOCKET_PATH_MAX, "%s/.immure", home));
}

int
socket_own(char ret[SOCKET_PATH_MAX])
{
	char dir[SOCKET_PATH_MAX];
	int r = socket_own_dir(dir);

	return r < 0 ? r :
	    fits(snprintf(ret, SOCKET_PATH_MAX, "%s/job.sock", dir));
}

int
socket_own_dir_open(const char *dir)
{
	struct stat st;
	int fd;

	if (geteuid() == 0)
		(void)mkdir("/run/immure", 0755);
	if (mkdir(dir, 0700) < 0 && errno != EEXIST)
		return -errno;
	fd = open(dir, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return errno == ELOOP || errno == ENOTDIR ? -EPERM : -errno;
	if (fstat(fd, &st) == 0 && is_ours(&st))
		return fd;
	(void)close(fd);
	return -EPERM;
}
