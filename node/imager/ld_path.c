/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See ld_path.h. */
#include "ld_path.h"
#include <glob.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static void
add_dir(struct ld_path *p, const char *dir)
{
	if (dir[0] != '/' || p->ndirs == LD_DIRS_MAX ||
	    strlen(dir) >= sizeof(p->dirs[0]))
		return;
	for (size_t i = 0; i < p->ndirs; i++)
		if (strcmp(p->dirs[i], dir) == 0)
			return;
	snprintf(p->dirs[p->ndirs++], sizeof(p->dirs[0]), "%s", dir);
}

const char *
ld_path_line(struct ld_path *p, char *line)
{
	char *s = line, *end;

	s[strcspn(s, "#\n")] = '\0';
	s += strspn(s, " \t\r");
	for (end = s + strlen(s); end > s && strchr(" \t\r", end[-1]); end--)
		;
	*end = '\0';
	if (strncmp(s, "include", 7) == 0 && (s[7] == ' ' || s[7] == '\t'))
		return s + 7 + strspn(s + 7, " \t");
	s[strcspn(s, "= \t")] = '\0'; /* "dir=type", an old form */
	add_dir(p, s);
	return NULL;
}

/* An included file may include: @depth bounds it. */
static void load_file(struct ld_path *p, const char *file, unsigned depth);

static void
load_pattern(struct ld_path *p, const char *pattern, unsigned depth)
{
	glob_t g;

	if (glob(pattern, 0, NULL, &g) != 0)
		return;
	for (size_t i = 0; i < g.gl_pathc; i++)
		load_file(p, g.gl_pathv[i], depth);
	globfree(&g);
}

static void
load_file(struct ld_path *p, const char *file, unsigned depth)
{
	FILE *f = fopen(file, "re");
	char line[1024], pattern[PATH_MAX];
	const char *inc;

	if (f == NULL)
		return;
	while (fgets(line, sizeof(line), f) != NULL) {
		inc = ld_path_line(p, line);
		if (inc == NULL || depth == 0)
			continue;
		if (inc[0] == '/')
			snprintf(pattern, sizeof(pattern), "%s", inc);
		else /* ld.so.conf: relative to the file's directory */
			snprintf(pattern, sizeof(pattern), "%.*s/%s",
			    (int)(strrchr(file, '/') - file), file, inc);
		load_pattern(p, pattern, depth - 1);
	}
	(void)fclose(f);
}

void
ld_path_load(struct ld_path *p, const char *conf)
{
	/* Debian's ld.so has the first ones from its multiarch patch. */
	static const char *const defaults[] = {
#ifdef __x86_64__
		"/lib/x86_64-linux-gnu", "/usr/lib/x86_64-linux-gnu",
#elif defined(__aarch64__)
		"/lib/aarch64-linux-gnu", "/usr/lib/aarch64-linux-gnu",
#endif
		"/lib64", "/usr/lib64", "/lib", "/usr/lib", "/usr/local/lib"
	};

	p->ndirs = 0;
	load_file(p, conf, 2);
	for (size_t i = 0; i < sizeof(defaults) / sizeof(defaults[0]); i++)
		add_dir(p, defaults[i]);
}

/* Replace $ORIGIN (ld.so(8)); false when it does not fit or another token
 * ($LIB, $PLATFORM) is in it. */
static bool
expand(char *ret, size_t room, const char *s, size_t len, const char *origin)
{
	size_t out = 0;

	while (len > 0) {
		const char *add = s;
		size_t n = 1, skip = 1;

		if (*s == '$') {
			if (len >= 7 && memcmp(s, "$ORIGIN", 7) == 0)
				skip = 7;
			else if (len >= 9 && memcmp(s, "${ORIGIN}", 9) == 0)
				skip = 9;
			else
				return false;
			add = origin;
			n = strlen(origin);
		}
		if (out + n >= room)
			return false;
		memcpy(ret + out, add, n);
		out += n;
		s += skip;
		len -= skip;
	}
	ret[out] = '\0';
	return out > 0 && ret[0] == '/';
}

struct search {
	const char *soname, *origin;
	int (*try)(void *ctx, const char *file);
	void *ctx;
};

static int
try_in(const struct search *s, const char *dir)
{
	char file[PATH_MAX];

	if (snprintf(file, sizeof(file), "%s/%s", dir, s->soname) >=
	    (int)sizeof(file))
		return 0;
	return s->try(s->ctx, file);
}

/* A list like DT_RUNPATH's, separated by colons. */
static int
try_list(const struct search *s, const char *list)
{
	char dir[PATH_MAX];
	int r = 0;

	while (list != NULL && *list != '\0' && r == 0) {
		size_t n = strcspn(list, ":");

		if (expand(dir, sizeof(dir), list, n, s->origin))
			r = try_in(s, dir);
		list += n + (list[n] == ':');
	}
	return r;
}

int
ld_path_search(const struct ld_path *p, const struct ld_object *o,
    const char *soname, int (*try)(void *ctx, const char *file), void *ctx)
{
	const struct search s = { soname, o->origin, try, ctx };
	const struct elf_facts *e = o->e;
	int r;

	if (soname[0] == '/')
		return try(ctx, soname);
	if (strchr(soname, '/') != NULL)
		return 0; /* relative to the working directory: never */
	/* DT_RPATH, and that of the loaders, counts only without DT_RUNPATH
	 * (ld.so(8)). */
	r = try_list(&s, e->runpath != NULL ? e->runpath : e->rpath);
	if (e->runpath == NULL && r == 0)
		r = try_list(&s, o->above);
	for (size_t i = 0; i < p->ndirs && r == 0; i++)
		r = try_in(&s, p->dirs[i]);
	return r;
}

void
ld_path_above(const struct ld_object *o, char *ret, size_t cap)
{
	const char *list = o->e->runpath != NULL ? NULL : o->e->rpath;
	char dir[PATH_MAX];
	size_t at = 0;
	int n;

	ret[0] = '\0';
	while (list != NULL && *list != '\0') {
		size_t len = strcspn(list, ":");

		if (expand(dir, sizeof(dir), list, len, o->origin)) {
			n = snprintf(ret + at, cap - at, "%s:", dir);
			if (n < 0 || (size_t)n >= cap - at)
				break;
			at += (size_t)n;
		}
		list += len + (list[len] == ':');
	}
	if (at + strlen(o->above) < cap)
		at += (size_t)snprintf(ret + at, cap - at, "%s", o->above);
	ret[at] = '\0';
}

void
ld_path_origin(const struct elf_facts *e, const char *origin,
    void (*dir)(void *ctx, const char *path), void *ctx)
{
	const char *list = e->runpath != NULL ? e->runpath : e->rpath;
	char path[PATH_MAX];

	while (list != NULL && *list != '\0') {
		size_t n = strcspn(list, ":");

		if (memchr(list, '$', n) != NULL &&
		    expand(path, sizeof(path), list, n, origin))
			dir(ctx, path);
		list += n + (list[n] == ':');
	}
}
