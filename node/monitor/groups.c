/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The node's tree of groups (cgroup v2), made before the monitor confines
 * itself and while nothing else runs:
 *
 *   PLACE                     sandbox/cgroup.h: who gave it
 *   PLACE/node                this process and the roles, where PLACE is ours:
 *                             a group with controllers below has no processes
 *   PLACE/immure.PID          the node's; locked as long as the node lives;
 *                             nobody else's to enter (0700)
 *   PLACE/immure.PID/slot-N   made by the spawner, the executor's
 *       …/self                executor and zygote
 *       …/cell-G              a cell, made and removed by the executor
 *
 * A tree whose lock can be had is that of a node that was killed: it goes.
 * Where there is no place, or it does not work, jobs are held by everything
 * else, and the log says so.
 */
#include "monitor.h"
#include "../common/fd.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sandbox/cgroup.h>
#include <sandbox/probe.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <syslog.h>
#include <unistd.h>

#define OURS "node"
#define TREE "immure."

/* Ten times what a group has that nobody has set: roles that wait for jobs to
 * let them have a CPU would make all clients wait. */
#define ROLES_WEIGHT 1000U

/* Slots of a node and of its selftest, and what try-PID needs before them. */
#define TREE_GROUPS ((LIMIT_SLOTS + 1) * (1 + LIMIT_SLOT_GROUPS))
/* A slot, and below it the executor's group and the cells'. */
#define TREE_DEPTH 2U

#define WRITABLE                                                               \
	"let it write there: in a container, a cgroup namespace of its own " \
	"with /sys/fs/cgroup mounted for writing"

static struct {
	int place; /* owned */
	char name[32], path[PATH_MAX];
	const char *reason, *remedy;
	int error;
	unsigned controllers;
} groups = { .place = -1 };

static int
open_dir(int at, const char *name)
{
	int fd = openat(at, name,
	    O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

/* Lock @fd, a tree's directory; the lock goes with its last descriptor. */
static bool
lock(int fd)
{
	return flock(fd, LOCK_EX | LOCK_NB) == 0;
}

static void
remove_if_dead(int place, const char *name)
{
	cleanup_fd int fd = open_dir(place, name);

	if (fd >= 0 && lock(fd))
		(void)cgroup_clear(place, name);
}

static void
remove_dead(int place)
{
	int fd = open_dir(place, ".");
	DIR *d = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *e;

	while (d != NULL && (e = readdir(d)) != NULL)
		if (strncmp(e->d_name, TREE, strlen(TREE)) == 0)
			remove_if_dead(place, e->d_name);
	if (d != NULL)
		(void)closedir(d);
}

/* Out of @place, so that it may have controllers below. */
static int
step_aside(int place)
{
	cleanup_fd int fd = -1;

	if (mkdirat(place, OURS, 0755) < 0 && errno != EEXIST)
		return -errno;
	fd = open_dir(place, OURS);
	return fd < 0 ? fd : cgroup_write(fd, "cgroup.procs", "0");
}

/* There is a file for that only now that the controllers are there. */
static void
favour_roles(int place)
{
	cleanup_fd int fd = open_dir(place, OURS);

	if (fd >= 0)
		cgroup_share(fd, ROLES_WEIGHT);
}

/* A new tree, locked; a descriptor or -errno.  Another node that starts may
 * take it for a dead one before it is locked. */
static int
make_tree(int place)
{
	cleanup_fd int fd = -1;
	struct stat a, b;

	(void)snprintf(groups.name, sizeof(groups.name), TREE "%d", getpid());
	for (int i = 0; i < 10; i++) {
		if (mkdirat(place, groups.name, 0700) < 0 && errno != EEXIST)
			return -errno;
		fd = open_dir(place, groups.name);
		if (fd >= 0 && lock(fd) && fstat(fd, &a) == 0 &&
		    fstatat(place, groups.name, &b, 0) == 0 &&
		    a.st_ino == b.st_ino)
			return fd_take(&fd);
		fd = fd_close(fd);
	}
	return -EBUSY;
}

/*
 * Between groups, nice(2) is not heard (sched(7), autogroup); the kernel knows
 * the weight for it (cgroup-v2, cpu.weight.nice), and the same is had of
 * devices.  Cells work on a tmpfs: all they can wait for is a page of the
 * node's images, or of a role, that has been swapped out.
 */
static void
share(int tree, int nice)
{
	char text[16], weight[32] = "default ";
	const size_t at = strlen(weight);

	(void)snprintf(text, sizeof(text), "%d", nice);
	(void)cgroup_write(tree, "cpu.weight.nice", text);
	if (cgroup_read(tree, "cpu.weight", weight + at, sizeof(weight) - at) ==
	    0)
		(void)cgroup_write(tree, "io.weight", weight);
}

/* Files of controllers that are not there are not missed: see the log. */
void
groups_bound(const struct monitor *m)
{
	const int tree = m->groups_fd;
	char text[32];

	if (tree < 0)
		return;
	share(tree, m->cl->nice);
	/* All jobs together: a node's roles are not among those that die. */
	(void)snprintf(text, sizeof(text), "%" PRIu64, m->cl->limits.memory);
	(void)cgroup_write(tree, "memory.max", text);
}

static void
none(int error, const char *reason, const char *remedy)
{
	groups.error = error;
	groups.reason = reason;
	groups.remedy = remedy;
}

static int
open_tree(const struct cgroup_place *p)
{
	int tree, r;

	remove_dead(p->fd);
	r = p->inside ? step_aside(p->fd) : 0;
	if (r == 0 && p->ours)
		(void)cgroup_enable(
		    p->fd, CGROUP_BOUNDS | CGROUP_CPU | CGROUP_IO);
	if (r == 0 && p->inside)
		favour_roles(p->fd);
	tree = r != 0 ? r : make_tree(p->fd);
	if (tree < 0) {
		none(tree, "no group can be made in it", WRITABLE);
		return tree;
	}
	r = cgroup_confine(tree, TREE_GROUPS, TREE_DEPTH);
	if (r == 0)
		r = cgroup_try(tree);
	if (r != 0) {
		none(r, "a process cannot be made in a group of it", WRITABLE);
		(void)cgroup_clear(p->fd, groups.name);
		(void)close(tree);
		return r;
	}
	/* not io: what swap there is to wait for is nobody's own */
	groups.controllers = cgroup_enable(tree, CGROUP_BOUNDS | CGROUP_CPU);
	return tree;
}

void
groups_open(struct monitor *m)
{
	struct cgroup_place p;
	int r = cgroup_find(m->cl->cgroup, &p);

	m->groups_fd = -1;
	(void)snprintf(groups.path, sizeof(groups.path), "%s", p.path);
	if (r != 0) {
		none(r, p.reason, p.remedy);
		return;
	}
	r = open_tree(&p);
	if (r < 0) {
		(void)close(p.fd);
		return;
	}
	groups.place = p.fd;
	m->groups_fd = r;
	groups_bound(m);
}

uint64_t
groups_layers(const struct monitor *m)
{
	if (m->groups_fd < 0)
		return 0;
	return UINT64_C(1) << LAYER_CELL_GROUP |
	    ((groups.controllers & CGROUP_BOUNDS) == CGROUP_BOUNDS ?
	    UINT64_C(1) << LAYER_CGROUP : 0);
}

/* Why a layer is missing that groups make. */
static void
say_missing(const struct monitor *m, char *text, size_t room)
{
	if (m->groups_fd >= 0)
		(void)snprintf(text, room, "%.200s has not both controllers, "
		    "memory and pids, for groups below it (%s); have the "
		    "service manager enable them", groups.path,
		    cgroup_words(groups.controllers));
	else
		(void)snprintf(text, room, "%.200s%s%s%s%s: %s",
		    groups.path, groups.path[0] != '\0' ? ": " : "",
		    groups.reason,
		    groups.error == -ENOENT ? "" : ": ",
		    groups.error == -ENOENT ? "" : strerror(-groups.error),
		    groups.remedy);
}

int
groups_require(const struct monitor *m)
{
	uint64_t missing = m->cl->require & LAYERS_CGROUP & ~groups_layers(m);
	char text[512];

	if (missing == 0)
		return 0;
	say_missing(m, text, sizeof(text));
	for (unsigned i = 0; i < LAYER_COUNT; i++)
		if ((missing & UINT64_C(1) << i) != 0)
			fprintf(stderr, "immured: --require: %s is not in "
			    "force here (%s): %s\n", layer_texts[i].name,
			    layer_texts[i].what, text);
	return CMDLINE_EXIT_FAILED;
}

void
groups_log(struct monitor *m)
{
	uint64_t missing = LAYERS_CGROUP & ~groups_layers(m);
	char text[512];

	if (m->groups_fd >= 0)
		monitor_log(m, LOG_INFO, NULL, "node.groups",
		    "a group for each cell in %s/%s, controllers: %s",
		    groups.path, groups.name,
		    cgroup_words(groups.controllers));
	say_missing(m, text, sizeof(text));
	for (unsigned i = 0; i < LAYER_COUNT; i++)
		if ((missing & UINT64_C(1) << i) != 0)
			monitor_log(m, LOG_WARNING, NULL, "layer.missing",
			    "%s: not in force (%s): %s", layer_texts[i].name,
			    layer_texts[i].what, text);
}

void
groups_close(struct monitor *m)
{
	int r;

	if (m->groups_fd < 0)
		return;
	r = cgroup_clear(groups.place, groups.name);
	if (r != 0)
		fprintf(stderr, "immured: %s/%s cannot be removed: %s\n",
		    groups.path, groups.name, strerror(-r));
	m->groups_fd = fd_close(m->groups_fd);
	groups.place = fd_close(groups.place);
}
