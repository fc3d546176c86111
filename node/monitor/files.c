/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The files that the node writes, as far as their owner goes: with --user, what
 * it makes is given to that user, as distccd's files are.  What is there
 * already keeps its owner: whoever may write the directory could have put
 * another's file in its place.
 */
#include "monitor.h"
#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <sandbox/user_mode.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static struct {
	bool wanted;
	uid_t uid;
	gid_t gid;
} owner;

int
files_owner(const struct cmdline *cl)
{
	const struct passwd *pw;

	/* distccd's, too, is for root alone. */
	if (cl->user == NULL || geteuid() != 0 || user_mode())
		return 0;
	errno = 0;
	pw = getpwnam(cl->user);
	if (pw == NULL) {
		fprintf(stderr, "immured: --user: %.80s: %s; name a user of "
		    "this host, or leave it out: the files are root's then\n",
		    cl->user, errno != 0 ? strerror(errno) : "no such user");
		return CMDLINE_EXIT_USAGE;
	}
	owner.uid = pw->pw_uid;
	owner.gid = pw->pw_gid;
	owner.wanted = true;
	return 0;
}

/*
 * Is what was there ours to write to?  In a directory like /tmp a stranger may
 * have put it there, to own the record from then on, and whether the kernel
 * refuses that is a setting of the host.  Devices nobody but root can make.
 */
static bool
is_trusted(int fd)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return false;
	if (S_ISCHR(st.st_mode))
		return true;
	if (st.st_uid != geteuid() &&
	    !(owner.wanted && st.st_uid == owner.uid))
		return false;
	return st.st_nlink == 1 && (st.st_mode & 022) == 0;
}

/* One that is there.  A descriptor or -errno. */
static int
open_present(const char *path, int flags, mode_t mode)
{
	/* With O_CREAT the kernel refuses a stranger's file or FIFO in /tmp
	 * too (proc_sys_fs(5), protected_regular); it is cut only once it is
	 * known to be ours. */
	int fd = open(path, (flags & ~O_TRUNC) | O_CREAT, mode);
	int r = 0;

	if (fd < 0)
		return -errno;
	if (!is_trusted(fd))
		r = -EACCES;
	else if ((flags & O_TRUNC) != 0 && ftruncate(fd, 0) < 0 &&
	    errno != EINVAL) /* a device */
		r = -errno;
	if (r == 0)
		return fd;
	(void)close(fd);
	return r;
}

int
file_open(const char *path, int flags, mode_t mode)
{
	/* Not through a link that somebody put there. */
	const int always = O_CLOEXEC | O_NOFOLLOW | O_NOCTTY;
	int fd, r;

	fd = open(path, flags | always | O_CREAT | O_EXCL, mode);
	if (fd < 0 && errno == EEXIST) {
		fd = open_present(path, flags | always, mode);
		if (fd < 0)
			return fd;
	} else if (fd >= 0 && owner.wanted &&
	    fchown(fd, owner.uid, owner.gid) < 0) {
		r = -errno;
		(void)close(fd);
		return r;
	}
	if (fd < 0)
		return -errno;
	/* SIGHUP may name a file there: its lines would be seen by nobody. */
	if (image_place_hides(fd)) {
		(void)close(fd);
		return -EBUSY;
	}
	return fd;
}
