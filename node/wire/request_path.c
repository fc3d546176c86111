/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The rules for a client's paths (wire-protocol §1.3, §4.2).  They keep what
 * unpack does simple; they are not what keeps a client inside its cell.
 */
#include "request_path.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define COMPONENT_MAX 255U /* NAME_MAX of every file system here */
#define FORCING	      "/forcing_technique_271828"

void
path_squeeze(char *path)
{
	const char *from;
	char *to = path;

	for (from = path; *from != '\0'; from++) {
		if (*from == '/' && to != path && to[-1] == '/')
			continue;
		*to++ = *from;
	}
	*to = '\0';
}

static bool
is_control(char c)
{
	return (unsigned char)c < ' ' || c == 0x7f;
}

bool
path_has_control(const char *path)
{
	for (; *path != '\0'; path++) {
		if (is_control(*path))
			return true;
	}
	return false;
}

static bool
is_component(const char *s, size_t n)
{
	if (n == 0 || n > COMPONENT_MAX || (n == 1 && s[0] == '.'))
		return false;
	return !(n == 2 && s[0] == '.' && s[1] == '.');
}

/* A byte at a time: components may be as short as a byte, and 32 million. */
bool
path_is_canonical(const char *path)
{
	const char *part = path + 1, *p = part;

	if (*path != '/')
		return false;
	for (;; p++) {
		if (*p != '/' && *p != '\0') {
			if (is_control(*p))
				return false;
			continue;
		}
		if (!is_component(part, (size_t)(p - part)))
			return false;
		if (*p == '\0')
			return true;
		part = p + 1;
	}
}

bool
link_is_system(const char *name, const char *target)
{
	size_t ups = 0, depth = 0;
	const char *p;

	while (strncmp(target, "../", 3) == 0) {
		target += 3;
		ups++;
	}
	for (p = name; *p != '\0'; p++)
		depth += *p == '/';
	return ups > depth && strcmp(target, name + 1) == 0;
}

bool
name_is_forcing(const char *name)
{
	size_t n = strlen(name), tail = sizeof(FORCING) - 1;

	return n >= tail && strcmp(name + n - tail, FORCING) == 0;
}

/* -- the tree -- */

/* Of the control characters, none of which is in a canonical path. */
#define SORTS_FIRST '\1'

static void
replace_all(char *s, char from, char to)
{
	for (; *s != '\0'; s++) {
		if (*s == from)
			*s = to;
	}
}

/* Merge the sorted runs v[0..mid) and v[mid..n) by way of @spare. */
static void
merge(char **v, size_t mid, size_t n, char **spare)
{
	size_t a = 0, b = mid, at = 0;

	if (strcmp(v[mid - 1], v[mid]) <= 0)
		return; /* clients send much in order */
	memcpy(spare, v, mid * sizeof(*v));
	while (a < mid && b < n)
		v[at++] = strcmp(spare[a], v[b]) <= 0 ? spare[a++] : v[b++];
	memcpy(v + at, spare + a, (mid - a) * sizeof(*v));
}

/*
 * A merge sort, and not qsort(3): that of glibc asks the kernel how much
 * memory there is (sysinfo(2), or /proc/meminfo), which the broker's filter
 * answers by ending it, and turns to a quicksort when it finds too little.
 */
static void
sort_paths(char **v, size_t n, char **spare)
{
	size_t run, at, left;

	for (run = 1; run < n; run *= 2)
		for (at = 0; at + run < n; at += 2 * run) {
			left = n - at;
			merge(v + at, run, left < 2 * run ? left : 2 * run,
			    spare);
		}
}

static bool
is_below(const char *path, const char *top)
{
	size_t n = strlen(top);

	return strncmp(path, top, n) == 0 && path[n] == SORTS_FIRST;
}

/*
 * @v is sorted with what separates components before every other byte, so all
 * that lies below a name follows it at once: looking at neighbours is enough.
 * @cdir is a directory, and may have names below it.
 */
static int
check_neighbours(char *const *v, size_t n, const char *cdir)
{
	size_t i;

	for (i = 1; i < n; i++) {
		bool same = strcmp(v[i - 1], v[i]) == 0;
		bool below = v[i - 1] != cdir && is_below(v[i], v[i - 1]);

		if (!same && !below)
			continue;
		if (v[i] == cdir || v[i - 1] == cdir)
			return REQUEST_E_CDIR;
		return REQUEST_E_TWICE;
	}
	return REQUEST_OK;
}

static char *
writable(uint8_t *heads, const char *name)
{
	return (char *)heads + (name - (const char *)heads);
}

int
check_tree(const struct request *r, uint8_t *heads)
{
	size_t n = r->nfiles + 1, i;
	char **v, *cdir;
	int e;

	v = calloc(2 * n, sizeof(*v)); /* the second half is spare room */
	if (v == NULL)
		return -ENOMEM;
	for (i = 0; i < r->nfiles; i++)
		v[i] = writable(heads, r->files[i].name);
	cdir = v[r->nfiles] = writable(heads, r->cdir);
	for (i = 0; i < n; i++)
		replace_all(v[i], '/', SORTS_FIRST);
	/* At most a heads limit of bytes is compared log2(n) times: a blink. */
	sort_paths(v, n, v + n);
	e = check_neighbours(v, n, cdir);
	for (i = 0; i < n; i++)
		replace_all(v[i], SORTS_FIRST, '/');
	free(v);
	return e;
}
