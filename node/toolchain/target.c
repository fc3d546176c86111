/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See target.h.  What the parts of such a name are: config.sub of GNU
 * autoconf; nothing else in it is asked for. */
#include "target.h"
#include <stddef.h>
#include <string.h>

struct target {
	const char *machine, *system; /* borrowed */
	size_t machine_len;
};

static bool
starts(const char *s, const char *with)
{
	return strncmp(s, with, strlen(with)) == 0;
}

/* Does @s begin with the name of a system, not of a maker? */
static bool
is_system(const char *s)
{
	static const char *const systems[] = { "linux", "uclinux", "kfreebsd",
		"freebsd", "netbsd", "openbsd", "gnu", "hurd", "elf", "eabi" };

	for (size_t i = 0; i < sizeof(systems) / sizeof(systems[0]); i++)
		if (starts(s, systems[i]))
			return true;
	return false;
}

/* False for a name of fewer than two parts. */
static bool
take_apart(struct target *t, const char *s)
{
	const char *dash = strchr(s, '-'), *next;

	if (dash == NULL)
		return false;
	t->machine = s;
	t->machine_len = (size_t)(dash - s);
	t->system = dash + 1;
	next = strchr(t->system, '-');
	if (next != NULL && !is_system(t->system))
		t->system = next + 1; /* a maker */
	return true;
}

/* The machine by its family's name. */
static const char *
family(const struct target *t, size_t *len)
{
	const char *m = t->machine;

	*len = 4;
	if (t->machine_len == 4 && m[0] == 'i' && m[1] >= '3' &&
	    m[1] <= '6' && memcmp(m + 2, "86", 2) == 0)
		return "i686";
	*len = 3;
	if (t->machine_len >= 4 && starts(m, "armv") &&
	    m[t->machine_len - 1] != 'b') /* big-endian */
		return "arm";
	*len = 7;
	if (t->machine_len == 5 && starts(m, "arm64"))
		return "aarch64";
	*len = 6;
	if (t->machine_len == 5 && starts(m, "amd64"))
		return "x86_64";
	*len = t->machine_len;
	return m;
}

/* "linux" alone is GNU's. */
static const char *
system_of(const struct target *t)
{
	return strcmp(t->system, "linux") == 0 ? "linux-gnu" : t->system;
}

bool
target_alike(const char *a, const char *b)
{
	struct target x, y;
	const char *mx, *my;
	size_t nx, ny;

	if (strcmp(a, b) == 0)
		return true;
	if (!take_apart(&x, a) || !take_apart(&y, b))
		return false;
	mx = family(&x, &nx);
	my = family(&y, &ny);
	return nx == ny && memcmp(mx, my, nx) == 0 &&
	    strcmp(system_of(&x), system_of(&y)) == 0;
}
