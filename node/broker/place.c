/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where a client's files may lie; see place.h. */
#include "place.h"
#include "../cell/cell_paths.h"
#include "../common/tops.h"
#include <string.h>

bool
path_is_below(const char *path, const char *dir)
{
	size_t n = strlen(dir);

	while (n > 1 && dir[n - 1] == '/')
		n--;
	return strncmp(path, dir, n) == 0 &&
	    (path[n] == '/' || path[n] == '\0' || n == 1);
}

/*
 * /usr/lib/<triple> holds libraries, and clients keep headers of theirs below
 * it (glib-2.0/include, llvm-14/include).  The programs and libraries that run
 * here come from /.immure, and what gcc or clang would read of its own at the
 * usual places (specs, *.cfg, cc1) never lies in a directory named include.
 */
static bool
is_in_include(const char *path, const char *dir)
{
	const char *p = path + strlen(dir);

	while ((p = strstr(p, "/include")) != NULL) {
		p += strlen("/include");
		if (*p == '/' || *p == '\0')
			return true;
	}
	return false;
}

/* Is @path below the same top-level directory as one of the toolchain's? */
static bool
is_beside(const struct toolchain *t, const char *path)
{
	for (int i = 0; i < TOOLCHAIN_DIRS_MAX && t->dirs[i][0] != '\0'; i++)
		if (tops_bit(t->dirs[i]) == tops_bit(path))
			return true;
	return false;
}

/* Does @path go through a directory named for the machine, but for gcc's own
 * …/gcc/<machine>, whose versions are among dirs[]? */
static bool
is_of_machine(const char *path, const char *machine)
{
	static const char gcc[] = "/gcc/";
	size_t n = strlen(machine), g = sizeof(gcc) - 1;
	const char *p = path;

	while (n > 0 && (p = strstr(p, machine)) != NULL) {
		bool own = (size_t)(p - path) >= g && memcmp(p - g, gcc, g) == 0;

		if (p != path && p[-1] == '/' && !own &&
		    (p[n] == '/' || p[n] == '\0'))
			return true;
		p += n;
	}
	return false;
}

/*
 * gcc obeys a file named specs in every directory that it would search for
 * crt1.o, whether it links or not (gcc.cc, startfile_prefixes): beside cc1, in
 * <prefix>/lib/gcc/<machine>, and below <prefix>/<machine>, where dirs[] need
 * not have anything.  Links there would lead it to one.
 */
static bool
is_gcc_place(const struct toolchain *t, const char *path)
{
	if (t->family != FAMILY_GCC || !is_beside(t, path) ||
	    is_in_include(path, ""))
		return false;
	return strcmp(strrchr(path, '/'), "/specs") == 0 ||
	    is_of_machine(path, t->machine);
}

const char *
place_check(const struct toolchain *t, const char *path)
{
	if (tops_bit(path) == 0)
		return "place.top";
	if (path_is_below(path, CELL_OUT))
		return "place.own";
	for (int i = 0; i < TOOLCHAIN_INC_MAX && t->inc[i][0] != '\0'; i++)
		if (path_is_below(path, t->inc[i]))
			return "place.include";
	for (int i = 0; i < TOOLCHAIN_DIRS_MAX && t->dirs[i][0] != '\0'; i++)
		if (path_is_below(path, t->dirs[i]) &&
		    !is_in_include(path, t->dirs[i]))
			return "place.toolchain";
	return is_gcc_place(t, path) ? "place.toolchain" : NULL;
}

bool
place_is_above(const struct toolchain *t, const char *path)
{
	if (path_is_below(CELL_OUT, path))
		return true;
	/* Names may have 4,095 bytes and come by the thousand: not all of them
	 * a hundred times over. */
	if (strlen(path) >= sizeof(t->dirs[0]))
		return false;
	for (int i = 0; i < TOOLCHAIN_INC_MAX && t->inc[i][0] != '\0'; i++)
		if (path_is_below(t->inc[i], path))
			return true;
	for (int i = 0; i < TOOLCHAIN_DIRS_MAX && t->dirs[i][0] != '\0'; i++)
		if (path_is_below(t->dirs[i], path))
			return true;
	return false;
}
