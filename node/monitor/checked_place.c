/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See checked_place.h. */
#include "checked_place.h"
#include <limits.h>
#include <sandbox/user_mode.h>
#include <stdio.h>
#include <stdlib.h>

#define NAME "immure/checked"

static const char *
below(const char *dir, const char *name)
{
	static char path[PATH_MAX];

	if (dir == NULL || dir[0] != '/' ||
	    snprintf(path, sizeof(path), "%s/%s", dir, name) >=
	        (int)sizeof(path))
		return NULL;
	return path;
}

const char *
checked_place(void)
{
	const char *cache = getenv("CACHE_DIRECTORY");

	if (cache != NULL && cache[0] == '/')
		return below(cache, "checked");
	if (!user_mode())
		return "/var/cache/" NAME;
	cache = getenv("XDG_CACHE_HOME");
	if (cache != NULL && cache[0] == '/')
		return below(cache, NAME);
	return below(getenv("HOME"), ".cache/" NAME);
}
