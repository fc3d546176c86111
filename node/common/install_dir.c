/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "install_dir.h"

#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static bool
ends_with(const char *s, size_t len, const char *tail)
{
	size_t n = strlen(tail);

	return len >= n && memcmp(s + len - n, tail, n) == 0;
}

int
install_libexec_of(const char *exe, char *ret, size_t len)
{
	const char *slash = strrchr(exe, '/');
	const char *sub = "/libexec";
	size_t dir;
	int n;

	if (exe[0] != '/')
		return -EINVAL;
	dir = (size_t)(slash - exe);
	if (ends_with(exe, dir, "/libexec") ||
	    ends_with(exe, dir, "/libexec/immure")) {
		sub = ""; /* an internal program asks for its neighbours */
	} else if (ends_with(exe, dir, "/bin")) {
		dir -= strlen("/bin");
		sub = "/libexec/immure";
	} else if (ends_with(exe, dir, "/sbin")) {
		dir -= strlen("/sbin");
		sub = "/libexec/immure";
	}
	if (dir > INT_MAX)
		return -ENAMETOOLONG;
	n = snprintf(ret, len, "%.*s%s", (int)dir, exe, sub);
	return n < 0 || (size_t)n >= len ? -ENAMETOOLONG : 0;
}

const char *
install_libexec(void)
{
	static char dir[PATH_MAX];
	char exe[PATH_MAX];
	ssize_t n;
	int r;

	if (dir[0] != '\0')
		return dir;
	/* proc(5): not NUL-terminated, and cut short without notice. */
	n = readlink("/proc/self/exe", exe, sizeof(exe));
	if (n < 0)
		return NULL;
	if ((size_t)n >= sizeof(exe)) {
		errno = ENAMETOOLONG;
		return NULL;
	}
	exe[n] = '\0';
	r = install_libexec_of(exe, dir, sizeof(dir));
	if (r < 0) {
		dir[0] = '\0';
		errno = -r;
		return NULL;
	}
	return dir;
}
