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
	return NULL;
}

bool
place_is_above(const struct toolchain *t, const char *path)
{
	if (path_is_below(CELL_OUT, path))
		return true;
	for (int i = 0; i < TOOLCHAIN_INC_MAX && t->inc[i][0] != '\0'; i++)
		if (path_is_below(t->inc[i], path))
			return true;
	for (int i = 0; i < TOOLCHAIN_DIRS_MAX && t->dirs[i][0] != '\0'; i++)
		if (path_is_below(t->dirs[i], path))
			return true;
	return false;
}
