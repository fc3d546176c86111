/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The root of a cell: the read-only template of its toolchain and profile,
 * with the job's tmpfs on it.
 *
 *   plain: the tmpfs at /tmp, where no symlink is followed.
 *   pump:  one tmpfs, a directory of it bound at each top-level directory of
 *          the order, so that the client's own absolute paths exist; include
 *          directories that would vanish below one (/usr/include when /usr is
 *          a top) are bound over again, read-only and noexec.
 *
 * Runs in pid 1 with capabilities of the slot's user namespace, before any
 * byte of a job is near.  Everything it mounts is nosuid, nodev and noexec;
 * it makes no name but constants, the table's and tops.h's.
 */
#include "cell.h"

#include <errno.h>
#include <linux/mount.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sandbox/kernel_abi.h>
#include <sandbox/mount.h>

#include "node/cell/cell_paths.h"
#include "node/common/imsg.h"
#include "node/common/limits.h"
#include "node/common/tops.h"

#define JOB_ATTR   (MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC)
#define PATH_BYTES 512

/* "@a@b" into @ret; -ENAMETOOLONG. */
static int
join(char ret[PATH_BYTES], const char *a, const char *b)
{
	int n = snprintf(ret, PATH_BYTES, "%s%s", a, b);

	return n < 0 || n >= PATH_BYTES ? -ENAMETOOLONG : 0;
}

/* Make every directory of @path behind its first @skip bytes. */
static int
make_dirs(char *path, size_t skip)
{
	for (char *p = path + skip + 1;; p++) {
		char c = *p;

		if (c != '/' && c != '\0')
			continue;
		*p = '\0';
		if (mkdir(path, 0755) < 0 && errno != EEXIST)
			return -errno;
		*p = c;
		if (c == '\0')
			return 0;
	}
}

/* Does absolute @path lie below top-level directory @top? */
static bool
below_top(const char *path, const char *top)
{
	size_t n = strlen(top);

	return strncmp(path + 1, top, n) == 0 && path[n + 1] == '/';
}

/* Bind @path of the template, with what is mounted below it, over the same
 * path of the job's tmpfs. */
static int
keep_visible(const char *root, const char *path)
{
	char from[PATH_BYTES], to[PATH_BYTES];
	int r;

	r = join(from, root, path);
	if (r == 0)
		r = join(to, ZYGOTE_JOB, path);
	if (r == 0)
		r = make_dirs(to, strlen(ZYGOTE_JOB));
	return r != 0 ? r : mount_bind_tree(from, to, 0);
}

/* All that the template has mounted below @top.  How many, or -errno. */
static int
keep_all_visible(const struct cell_order *o, const char *root, const char *top)
{
	const struct toolchain *tc = o->tc;
	int n = 0, r;

	for (unsigned i = 0; (tc->flags & TOOLCHAIN_USUAL_PLACES) != 0 &&
			     i < TOOLCHAIN_DIRS_MAX && tc->dirs[i][0] != '\0';
	     i++) {
		if (!below_top(tc->dirs[i], top))
			continue;
		r = keep_visible(root, tc->dirs[i]);
		if (r != 0)
			return r;
		n++;
	}
	for (unsigned i = 0; i < TOOLCHAIN_INC_MAX && tc->inc[i][0] != '\0';
	     i++) {
		if (!below_top(tc->inc[i], top))
			continue;
		r = keep_visible(root, tc->inc[i]);
		if (r != 0)
			return r;
		n++;
	}
	return n;
}

static int
mount_top(const struct cell_order *o, const char *root, const char *top)
{
	char name[PATH_BYTES], from[PATH_BYTES], to[PATH_BYTES];
	int kept, r;

	r = join(name, "/", top);
	if (r == 0)
		r = join(from, ZYGOTE_JOB, name);
	if (r == 0)
		r = join(to, root, name);
	if (r != 0)
		return r;
	if (mkdir(from, 0755) < 0)
		return -errno;
	kept = keep_all_visible(o, root, top);
	if (kept < 0)
		return kept;
	return kept > 0 ? mount_bind_tree(from, to, 0)
			: mount_bind(from, to, 0);
}

static int
mount_pump(const struct cell_order *o, const char *root)
{
	int r;

	r = mount_tmpfs(ZYGOTE_JOB, o->limits->space, o->limits->inodes, 0711,
	    JOB_ATTR);
	for (unsigned i = 0; r == 0 && tops_names[i] != NULL; i++)
		if ((o->tops & 1ULL << i) != 0)
			r = mount_top(o, root, tops_names[i]);
	return r;
}

static int
mount_plain(const struct cell_order *o, const char *root)
{
	char work[PATH_BYTES];
	int r;

	r = join(work, root, CELL_WORK);
	return r != 0 ? r
		      : mount_tmpfs(work, o->limits->space, o->limits->inodes, 0755,
			    JOB_ATTR | MOUNT_ATTR_NOSYMFOLLOW);
}

/* The one directory that is the job's to write to. */
static int
make_out(const struct cell_order *o)
{
	if (mkdir(CELL_OUT, 0755) < 0 ||
	    chown(CELL_OUT, cell_job_uid(o), cell_job_uid(o)) < 0)
		return -errno;
	return 0;
}

int
cell_root(const struct cell_order *o)
{
	char root[32];
	int r;

	(void)umask(022);
	(void)snprintf(
	    root, sizeof(root), ZYGOTE_TEMPLATE, o->toolchain, o->profile);
	r = o->profile == PROFILE_PUMP ? mount_pump(o, root)
				       : mount_plain(o, root);
	/* What is not below the template, the job's tmpfs as a whole and the
	 * other templates, goes with the old root. */
	if (r == 0)
		r = mount_pivot(root);
	return r != 0 ? r : make_out(o);
}
