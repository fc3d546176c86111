/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See headers.h. */
#include "headers.h"
#include "target.h"
#include <stdio.h>
#include <string.h>

static bool
starts(const char *s, const char *with)
{
	return strncmp(s, with, strlen(with)) == 0;
}

static bool
needs_none(const char *word)
{
	return strcmp(word, "-nostdinc") == 0 ||
	    strcmp(word, "-nostdlibinc") == 0 || starts(word, "--sysroot") ||
	    starts(word, "-isysroot");
}

bool
headers_fit(const struct table *t, const struct chosen *c,
    const char *const argv[], char target[64])
{
	const struct toolchain *tc = &t->toolchains[c->name->toolchain];
	const char *told = NULL;

	for (size_t i = 0; argv[i] != NULL; i++) {
		if (needs_none(argv[i]))
			return true;
		if (starts(argv[i], "--target="))
			told = argv[i] + strlen("--target=");
		else if (strcmp(argv[i], "-target") == 0 && argv[i + 1] != NULL)
			told = argv[++i];
	}
	chosen_target(t, c, target);
	if (told != NULL)
		(void)snprintf(target, 64, "%s", told);
	return tc->family != FAMILY_CLANG ||
	    target_alike(target, tc->machine);
}
