/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whose options a compiler takes, by its name alone: nothing is run to find
 * out.  "cc" is a link to the compiler in all that we know of.
 */
#include "explain.h"

#include <limits.h>
#include <node/toolchain/compiler_name.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *
last(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash == NULL ? path : slash + 1;
}

static bool
by_name(const char *name, enum toolchain_family *family)
{
	struct compiler_name n;

	if (!compiler_name_parse(&n, name))
		return false;
	if (n.base == BASE_CC && strstr(name, "gcc") == NULL)
		return false;
	*family = n.base == BASE_CLANG || n.base == BASE_CLANGXX ?
	    FAMILY_CLANG : FAMILY_GCC;
	return true;
}

/* By what @path leads to; a wrapper's link leads to no compiler. */
static bool
by_link(const char *path, enum toolchain_family *family)
{
	char *real = realpath(path, NULL);
	bool found = real != NULL && by_name(last(real), family);

	free(real);
	return found;
}

static bool
by_path(const char *name, enum toolchain_family *family)
{
	const char *p = getenv("PATH");
	char path[PATH_MAX];

	for (p = p == NULL ? "/usr/bin:/bin" : p; *p != '\0';) {
		int len = (int)strcspn(p, ":");
		int n = snprintf(path, sizeof(path), "%.*s/%s", len, p, name);

		if (len > 0 && n > 0 && (size_t)n < sizeof(path) &&
		    by_link(path, family))
			return true;
		p += len + (p[len] == ':');
	}
	return false;
}

bool
explain_family(const char *word, enum toolchain_family *family)
{
	struct compiler_name n;

	if (by_name(last(word), family))
		return true;
	if (!compiler_name_parse(&n, last(word)))
		return false;
	if (strchr(word, '/') != NULL)
		return by_link(word, family);
	return by_path(word, family);
}
