/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "slot_group.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sandbox/cgroup.h>
#include <sandbox/probe.h>
#include <sandbox/user_mode.h>

#include "node/common/fd.h"
#include "node/common/limits.h"

#define SELF (PROBE_GROUP + 1) /* a name beneath */

static int
make_dir(int at, const char *name, mode_t mode)
{
	int fd;

	if (mkdirat(at, name, mode) < 0)
		return -errno;
	fd = openat(at, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

/* Ten times what a cell has: a cell that took the executor's CPU would be ended
 * late. */
#define SELF_WEIGHT 1000U

/* An ordinary user's node has one uid: all is its own. */
static int
give(int fd, uint32_t executor, uint32_t zygote)
{
	if (user_mode())
		return 0;
	if (fchown(fd, executor, (gid_t)-1) < 0 ||
	    fchownat(fd, "cgroup.procs", zygote, (gid_t)-1, 0) < 0)
		return -errno;
	return 0;
}

int
slot_group_make(struct slot_group *g, int tree, unsigned slot,
    uint32_t executor, uint32_t zygote, const char **where)
{
	char name[24];
	int r;

	(void)snprintf(name, sizeof(name), "slot-%u", slot);
	*where = "end of the slot's last group";
	r = cgroup_clear(tree, name);
	if (r < 0)
		return r;
	*where = "group of the slot";
	g->dir = make_dir(tree, name, 0700);
	if (g->dir < 0)
		return g->dir;
	g->self = make_dir(g->dir, SELF, 0700);
	if (g->self < 0)
		return g->self;
	*where = "bounds of the slot's group";
	r = cgroup_confine(g->dir, LIMIT_SLOT_GROUPS, 1);
	if (r < 0)
		return r;
	*where = "owner of the slot's group";
	r = give(g->dir, executor, zygote);
	if (r < 0)
		return r;
	*where = "entering the slot's group";
	return cgroup_write(g->dir, "cgroup.procs", "0");
}

int
slot_group_seat(const struct slot_group *g, pid_t pid)
{
	char text[16];

	(void)snprintf(text, sizeof(text), "%d", pid);
	return cgroup_write(g->self, "cgroup.procs", text);
}

int
slot_group_leave(const struct slot_group *g)
{
	int r = slot_group_seat(g, 0);

	if (r < 0)
		return r;
	r = (int)cgroup_enable(g->dir,
	    cgroup_controllers(g->dir, "cgroup.controllers"));
	cgroup_share(g->self, SELF_WEIGHT);
	return r;
}
