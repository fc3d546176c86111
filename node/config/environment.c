/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The environment variables that distccd reads (docs/design/wire-protocol.md
 * §3.2) and that mean something here; immured(8) says why the others do not.
 */
#include "settings.h"
#include "setting.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

static int
bad(const char *name, const char *value, const char *remedy, char *err,
    size_t errlen)
{
	(void)snprintf(err, errlen, "%s=%.80s: bad value; %s", name, value,
	    remedy);
	return CMDLINE_EXIT_USAGE;
}

/* A whole number from @min; left alone when it is not set. */
static int
number(const char *name, long min, unsigned *ret, char *err, size_t errlen)
{
	const char *value = getenv(name);
	char remedy[64];
	long v;

	if (value == NULL)
		return 0;
	(void)snprintf(remedy, sizeof(remedy),
	    "give a whole number from %ld, or unset it", min);
	if (!setting_number(value, min, INT_MAX, &v))
		return bad(name, value, remedy, err, errlen);
	*ret = (unsigned)v;
	return 0;
}

int
settings_environment(struct cmdline *c, char *err, size_t errlen)
{
	unsigned unused = 0; /* the node has time limits of its own */
	int r = number("DISTCC_IO_TIMEOUT", 1, &unused, err, errlen);

	if (r == 0)
		r = number("DISTCC_CMDLIST_NUMWORDS", 1, &c->cmdlist_words,
		    err, errlen);
	if (r != 0)
		return r;
	c->path = getenv("DISTCCD_PATH");
	c->cmdlist = getenv("DISTCC_CMDLIST");
	if (c->cmdlist != NULL && c->cmdlist[0] != '/')
		return bad("DISTCC_CMDLIST", c->cmdlist,
		    "give an absolute path", err, errlen);
	return 0;
}
