/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * inotify(7) says that something happens in a directory, never what it means:
 * after a quiet time the manifest is compared and the search repeated, which
 * reads names and statuses only.  No request of a client ever comes here
 * (security-rules 5).
 */
#include "listed.h"
#include "watch.h"
#include <dirent.h>
#include <errno.h>
#include <node/common/fd.h>
#include <node/common/role.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <syslog.h>
#include <unistd.h>

#define MASK                                                                   \
	(IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO | IN_MODIFY |     \
	    IN_ATTRIB | IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR)
/* Where directories cannot all be watched (fs.inotify.max_user_watches). */
#define POLL_MS 60000
/* A package manager that is never quiet is looked at now and then. */
#define BUSY_MS 60000

/* 0, or 1 when there is no room for it. */
static int
add_dir(int in, const char *dir)
{
	return inotify_add_watch(in, dir, MASK) < 0 && errno == ENOSPC;
}

static int
add_dir_of(int in, const char *path)
{
	char dir[PATH_MAX];
	const char *slash = strrchr(path, '/');

	if (slash == NULL || slash == path)
		return 0;
	snprintf(dir, sizeof(dir), "%.*s", (int)(slash - path), path);
	return add_dir(in, dir);
}

/* Where compilers are looked for, and where such places would appear
 * (/opt/NAME/bin).  Asking for a directory again changes nothing. */
static int
add_places(const struct found *f, int in)
{
	struct dirent **e;
	char dir[PATH_MAX];
	int missed = add_dir(in, "/opt");
	int n = scandir("/opt", &e, NULL, NULL);

	for (int i = 0; i < n; i++) {
		snprintf(dir, sizeof(dir), "/opt/%s", e[i]->d_name);
		if (e[i]->d_name[0] != '.')
			missed |= add_dir(in, dir);
		free(e[i]);
	}
	if (n >= 0)
		free(e);
	for (size_t i = 0; i < f->ndirs; i++)
		missed |= add_dir(in, f->dirs[i]);
	for (size_t i = 0; listed_dirs[i] != NULL; i++)
		missed |= add_dir(in, listed_dirs[i]);
	for (size_t i = 0; i < f->n; i++)
		if (f->c[i].named)
			missed |= add_dir_of(in, f->c[i].path);
	return missed;
}

/* Watch all there is; true when some could not be. */
static bool
add_watches(const struct build *b, int in)
{
	int missed = add_places(&b->found, in);

	for (size_t i = 0; i < b->found.n; i++)
		if (b->found.c[i].program >= 0)
			missed |= add_dir_of(in,
			    b->found.p[b->found.c[i].program].real);
	for (uint32_t i = 0; i < b->nt; i++)
		if (b->t[i].culprit != NULL)
			missed |= add_dir_of(in, b->t[i].culprit);
	for (size_t i = 0; i < b->manifest.n; i++) {
		const struct origin *o = b->manifest.v[i];

		/* Those of one directory come one after the other. */
		if (S_ISDIR(o->mode))
			missed |= add_dir(in, o->path);
		else if (strncmp(o->path, "/usr/include/", 13) != 0)
			missed |= add_dir_of(in, o->path);
	}
	return missed != 0;
}

static bool
changed(const struct build *b, const uint8_t digest[32], int in)
{
	struct found f;
	uint8_t now[32];
	bool r = true;

	if (!manifest_holds(&b->manifest))
		return true;
	/* Once for the places, which must be watched before what is in them
	 * counts. */
	if (find_compilers(&f, b->wish) == 0)
		(void)add_places(&f, in);
	find_done(&f);
	if (find_compilers(&f, b->wish) == 0) {
		find_digest(&f, now);
		r = memcmp(now, digest, sizeof(now)) != 0;
	}
	find_done(&f);
	return r;
}

static bool
is_still_others(const char *path)
{
	char real[PATH_MAX], why[256];

	return owner_walk(owner_host(), path, real, NULL, NULL, why,
	    sizeof(why)) == -EPERM;
}

/* What a refused toolchain lacks is in no manifest: whatever happens may have
 * mended it, unless it is known what would have to happen. */
static bool
any_mended(const struct build *b)
{
	for (uint32_t i = 0; i < b->nt; i++)
		if (b->t[i].reason[0] != '\0' && (b->t[i].culprit == NULL ||
		    !is_still_others(b->t[i].culprit)))
			return true;
	return false;
}

static void
drain(int in)
{
	char buf[16384];

	while (read(in, buf, sizeof(buf)) > 0)
		;
}

static int
peer_state(const struct pollfd *p)
{
	if (p->revents & (POLLHUP | POLLERR))
		return 0;
	return p->revents & POLLIN ? -EPROTO : 1;
}

/* Until nothing has happened for a while.  1, or as watch(). */
static int
wait_quiet(struct pollfd p[2])
{
	int waited = 0, r;

	do {
		drain(p[1].fd);
		r = poll(p, 2, WATCH_QUIET_MS);
		if (r < 0)
			return -errno;
		if (peer_state(&p[0]) <= 0)
			return peer_state(&p[0]);
		waited += WATCH_QUIET_MS;
	} while (r > 0 && waited < BUSY_MS);
	return 1;
}

int
watch(const struct build *b, const uint8_t digest[32], int peer)
{
	cleanup_fd int in = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	struct pollfd p[2] = { { .fd = peer, .events = POLLIN },
		{ .fd = in, .events = POLLIN } };
	int timeout = -1, r;

	if (in < 0)
		return -errno;
	if (add_watches(b, in)) {
		timeout = POLL_MS;
		role_log(LOG_NOTICE, NULL, "image.watch",
		    "too few inotify watches (fs.inotify.max_user_watches): "
		    "looking every %d s", POLL_MS / 1000);
	}
	/* Between the copy and the watch something may have changed. */
	if (changed(b, digest, in))
		return wait_quiet(p);
	do {
		r = poll(p, 2, timeout);
		if (r < 0)
			return -errno;
		r = peer_state(&p[0]);
		if (r > 0)
			r = wait_quiet(p);
		if (r <= 0)
			return r;
	} while (!changed(b, digest, in) && !any_mended(b));
	return 1;
}
