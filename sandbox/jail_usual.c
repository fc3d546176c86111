/* SPDX-License-Identifier: GPL-2.0-or-later */
/* --usual: the directories that hold a host's programs and their libraries,
 * as that host has them, links as links. */
#include "jail_options.h"

#include <errno.h>
#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

/* One directory of --usual: bound when it is one, a link when it is one. */
static int
usual_place(struct jail *j, const char *path, bool exec)
{
	char target[PATH_MAX];
	struct stat st;
	ssize_t n;

	if (lstat(path, &st) != 0)
		return 0; /* not on this system */
	if (!S_ISLNK(st.st_mode))
		return jail_bind(j, path, path, exec);
	n = readlink(path, target, sizeof(target) - 1);
	if (n < 0)
		return -errno;
	target[n] = '\0';
	return jail_symlink(j, target, path);
}

int
jail_usual(struct jail *j)
{
	static const char *const programs[] = { "/usr", "/bin", "/sbin", "/lib",
		"/lib32", "/lib64", "/libx32" };
	int r = 0;

	for (size_t i = 0; r == 0 && i < sizeof(programs) / sizeof(*programs);
	     i++)
		r = usual_place(j, programs[i], true);
	/* Debian's cc and clang are links through it */
	return r == 0 ? usual_place(j, "/etc/alternatives", false) : r;
}
