/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * See specs.h.  A specs file says which programs a driver starts and with which
 * options (gcc(1), Spec Files); in a cell none but those of the table can be
 * started, and a client can only choose among these files.
 */
#include "specs.h"
#include "owner.h"
#include "compiler_says.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Why an entry is left out; the first reason is kept. */
static void
skip(struct specs *s, const char *path, const char *why)
{
	if (s->reason[0] == '\0')
		snprintf(s->reason, sizeof(s->reason), "%.80s: %.70s", path,
		    why);
}

static bool
can_be_read(const char *path)
{
	int fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);

	if (fd >= 0)
		(void)close(fd);
	return fd >= 0;
}

/* What the table will accept (toolchain/table.c). */
static bool
name_ok(const char *s)
{
	return s[0] != '.' && s[0] != '-' &&
	    strspn(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
	              "0123456789+._-") == strlen(s);
}

static void
take(struct specs *s, const char *host, const char *name,
    const struct stat *st)
{
	struct toolchain_specs *v = &s->v[s->n];

	if (st->st_size > SPECS_BYTES_MAX)
		skip(s, host, "too large for a specs file");
	else if (s->n == TABLE_SPECS_MAX)
		skip(s, host, "too many files; the first 64 are served");
	else if (strlen(name) >= sizeof(v->name) ||
	    strlen(host) >= sizeof(v->host))
		skip(s, host, "its path is too long");
	else if (!can_be_read(host))
		skip(s, host, strerror(errno));
	else {
		snprintf(v->name, sizeof(v->name), "%.127s", name);
		snprintf(v->host, sizeof(v->host), "%.191s", host);
		s->n++;
	}
}

/* Recursion over the administrator's directory, TABLE_SPECS_DEPTH deep. */
static void
list(struct specs *s, const char *dir, const char *as, unsigned depth)
{
	char host[256], name[256], real[PATH_MAX], why[256];
	struct dirent **e;
	struct stat st;
	int n = scandir(dir, &e, NULL, alphasort);

	for (int i = 0; i < n; i++) {
		const char *base = e[i]->d_name;

		if (name_ok(base) && snprintf(host, sizeof(host), "%s/%s", dir,
		        base) < (int)sizeof(host) &&
		    snprintf(name, sizeof(name), "%s%s%s", as,
		        as[0] ? "/" : "", base) < (int)sizeof(name) &&
		    lstat(host, &st) == 0) {
			if (S_ISDIR(st.st_mode) && depth > 1)
				list(s, host, name, depth - 1);
			else if (S_ISREG(st.st_mode) &&
			    owner_walk(owner_host(), host, real, NULL, NULL,
			        why, sizeof(why)) < 0)
				skip(s, host, why);
			else if (S_ISREG(st.st_mode))
				take(s, host, name, &st);
		}
		free(e[i]);
	}
	if (n >= 0)
		free(e);
}

void
specs_list(struct specs *s, const char *dir)
{
	char plain[256], real[PATH_MAX], why[256];
	struct stat st;

	memset(s, 0, sizeof(*s));
	if (owner_walk(owner_host(), dir, real, NULL, NULL, why,
	        sizeof(why)) < 0)
		skip(s, dir, why);
	else if (lstat(real, &st) < 0 || !S_ISDIR(st.st_mode) ||
	    strcmp(real, "/") == 0)
		skip(s, dir, "not a directory of specs files");
	else if (path_plain(dir, plain, sizeof(plain), NULL, NULL) < 0)
		skip(s, dir, "its path is too long");
	else
		list(s, plain, "", TABLE_SPECS_DEPTH);
	if (s->n == 0)
		skip(s, dir, "no specs file in it");
}

void
specs_add(const struct specs *s, struct contents *c)
{
	char path[sizeof(s->v[0].name) + 16];
	char *slash;

	for (size_t i = 0; i < s->n; i++) {
		snprintf(path, sizeof(path), "x/.specs/%s", s->v[i].name);
		slash = strrchr(path, '/');
		*slash = '\0';
		contents_dirs(c, path);
		*slash = '/';
		contents_add(c, CONTENT_FILE, path, s->v[i].host, AT_FDCWD);
	}
}
