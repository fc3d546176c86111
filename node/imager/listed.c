/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See listed.h. */
#include "listed.h"
#include <dirent.h>
#include <limits.h>
#include <node/toolchain/compiler_name.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

/* distccd's src/serve.c: LIBDIR/distcc, as distributions set it, and the first
 * one here whatever LIBDIR is. */
const char *const listed_dirs[] = { "/usr/lib/distcc", "/usr/lib64/distcc",
	"/usr/local/lib/distcc", NULL };

static bool
has_names(const char *dir)
{
	struct compiler_name as;
	struct dirent *e;
	bool r = false;
	DIR *d = opendir(dir);

	if (d == NULL)
		return false;
	while (!r && (e = readdir(d)) != NULL)
		r = compiler_name_parse(&as, e->d_name);
	(void)closedir(d);
	return r;
}

bool
listed_active(void)
{
	for (size_t i = 0; listed_dirs[i] != NULL; i++)
		if (has_names(listed_dirs[i]))
			return true;
	return false;
}

bool
listed_has(const char *name)
{
	char path[PATH_MAX];
	struct stat st;

	for (size_t i = 0; listed_dirs[i] != NULL; i++)
		if (snprintf(path, sizeof(path), "%s/%s", listed_dirs[i],
		        name) < (int)sizeof(path) && lstat(path, &st) == 0)
			return true;
	return false;
}
