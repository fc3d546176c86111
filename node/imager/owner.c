/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Walking a path component by component, as path_resolution(7) says the kernel
 * does, but looking at each.  Between the look and the use root alone could
 * change something: that is what the look establishes.
 */
#include "owner.h"
#include <errno.h>
#include <fcntl.h>
#include <sandbox/user_mode.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define LINKS_MAX 40 /* as the kernel: path_resolution(7) */

/* proc_sys_fs(5); a number that anybody may set, so it is asked for. */
static uid_t
overflow_uid(void)
{
	char text[32] = "";
	int fd = open("/proc/sys/fs/overflowuid", O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);

	if (fd >= 0)
		(void)close(fd);
	return n > 0 ? (uid_t)strtoul(text, NULL, 10) : 0;
}

const struct owner_rule *
owner_host(void)
{
	static struct owner_rule rule = { .uid = 0, .base = NULL };

	if (rule.base == NULL) {
		rule.base = "";
		rule.also = user_mode() ? overflow_uid() : 0;
	}
	return &rule;
}

struct walk {
	const struct owner_rule *rule;
	char at[PATH_MAX];   /* real so far; "" = / */
	char rest[PATH_MAX]; /* still to go */
	char *reason;
	size_t room;
	unsigned nlinks;
};

static int
refuse(struct walk *w, int error, const char *what)
{
	snprintf(w->reason, w->room, "%s: %s", w->at[0] ? w->at : "/", what);
	return error;
}

/* Debian 12's binutils-mips64el-linux-gnuabi64 is an example: the user that its
 * package has as owner may be anybody here. */
static int
refuse_owner(struct walk *w, uid_t uid)
{
	char what[96];

	snprintf(what, sizeof(what), "not owned by root (uid %u could replace "
	    "it; chown it to root)", uid);
	return refuse(w, -EPERM, what);
}

/* @w->at is strictly below what the rule leaves alone. */
static bool
covered(const struct walk *w)
{
	size_t n = strlen(w->rule->base);

	return n == 0 ||
	    (strncmp(w->at, w->rule->base, n) == 0 && w->at[n] == '/');
}

static int
check(struct walk *w, const struct stat *st)
{
	if (w->rule == NULL || !covered(w))
		return 0;
	if (st->st_uid != w->rule->uid && st->st_uid != w->rule->also)
		return refuse_owner(w, st->st_uid);
	if (S_ISLNK(st->st_mode)) /* its mode means nothing: symlink(7) */
		return 0;
	if (st->st_mode & S_IWGRP)
		return refuse(w, -EPERM, "writable by its group");
	if (st->st_mode & S_IWOTH)
		return refuse(w, -EPERM, "writable by everybody");
	return 0;
}

/* Take the first component of what is left; 0 = there is none. */
static size_t
next_part(struct walk *w, char part[NAME_MAX + 1])
{
	const char *s = w->rest + strspn(w->rest, "/");
	size_t n = strcspn(s, "/");

	if (n > NAME_MAX)
		return SIZE_MAX;
	memcpy(part, s, n);
	part[n] = '\0';
	memmove(w->rest, s + n, strlen(s + n) + 1);
	return n;
}

static void
go_up(struct walk *w)
{
	char *slash = strrchr(w->at, '/');

	if (slash != NULL)
		*slash = '\0';
}

/* Replace the symlink at @w->at by what it says. */
static int
follow(struct walk *w, owner_link_fn link, void *ctx)
{
	char to[PATH_MAX], full[PATH_MAX];
	ssize_t n = readlink(w->at, to, sizeof(to) - 1);
	char *slash = strrchr(w->at, '/');
	int r = 0;

	if (n < 0)
		return refuse(w, -errno, strerror(errno));
	to[n] = '\0';
	if (++w->nlinks > LINKS_MAX)
		return refuse(w, -ELOOP, "too many symlinks");
	if (snprintf(full, sizeof(full), "%s/%s", to, w->rest) >=
	    (int)sizeof(full))
		return refuse(w, -ENAMETOOLONG, "too long");
	memcpy(w->rest, full, strlen(full) + 1);
	if (link != NULL) {
		if (to[0] != '/' &&
		    snprintf(full, sizeof(full), "%.*s/%s",
		        (int)(slash - w->at), w->at, to) >= (int)sizeof(full))
			return refuse(w, -ENAMETOOLONG, "too long");
		r = link(ctx, w->at, to[0] == '/' ? to : full);
	}
	if (to[0] == '/')
		w->at[0] = '\0';
	else
		*slash = '\0';
	return r;
}

static int
step(struct walk *w, const char *part, owner_link_fn link, void *ctx)
{
	size_t len = strlen(w->at);
	struct stat st;
	int r;

	if (strcmp(part, ".") == 0)
		return 0;
	if (strcmp(part, "..") == 0) {
		go_up(w);
		return 0;
	}
	if (len + 1 + strlen(part) >= sizeof(w->at))
		return refuse(w, -ENAMETOOLONG, "too long");
	snprintf(w->at + len, sizeof(w->at) - len, "/%s", part);
	if (lstat(w->at, &st) < 0)
		return refuse(w, -errno, strerror(errno));
	r = check(w, &st);
	if (r < 0)
		return r;
	return S_ISLNK(st.st_mode) ? follow(w, link, ctx) : 0;
}

int
owner_walk(const struct owner_rule *rule, const char *path,
    char real[PATH_MAX], owner_link_fn link, void *ctx, char *reason,
    size_t room)
{
	struct walk w = { .rule = rule, .reason = reason, .room = room };
	char part[NAME_MAX + 1];
	struct stat st;
	size_t n;
	int r;

	if (path[0] != '/' || strlen(path) >= sizeof(w.rest))
		return refuse(&w, -EINVAL, "not an absolute path");
	memcpy(w.rest, path, strlen(path) + 1);
	if (lstat("/", &st) < 0)
		return -errno;
	r = check(&w, &st);
	while (r == 0 && (n = next_part(&w, part)) > 0) {
		if (n == SIZE_MAX)
			return refuse(&w, -ENAMETOOLONG, "name too long");
		r = step(&w, part, link, ctx);
	}
	if (r < 0)
		return r;
	snprintf(real, PATH_MAX, "%s", w.at[0] ? w.at : "/");
	return 0;
}
