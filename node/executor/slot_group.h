/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The group of a slot (cgroup v2; node/monitor/groups.c has the tree), made by
 * the spawner while it is root.  What the slot's processes may do with it, by
 * the owners of its files:
 *
 *   the executor  makes, bounds, ends and removes cells' groups below it
 *   the zygote    clones a cell into a group whose directory it is given,
 *                 which takes the right to write cgroup.procs there and in
 *                 the slot's (cgroups(7)); it opens and writes nothing
 *   a cell        nothing: no cgroup file system, and no right
 *
 * How many groups there may be below it, none of them with one below, is in
 * files of root's: an executor that is taken over cannot fill the kernel's
 * memory with groups.
 */
#ifndef IMMURE_EXECUTOR_SLOT_GROUP_H
#define IMMURE_EXECUTOR_SLOT_GROUP_H

#include <stdint.h>
#include <sys/types.h>

struct slot_group {
	int dir;  /* owned: the slot's; for the executor */
	int self; /* owned: where executor and zygote are */
};

/*
 * Make group slot-@slot of @tree anew: what is left of the slot before it is
 * ended first.  The caller is in it then, so that the cgroup namespace of the
 * process that it clones begins there (with CLONE_INTO_CGROUP it would begin in
 * that group): where a namespace is a boundary (nsdelegate), the zygote could
 * not clone into a group outside of its own.  @executor owns it, @zygote its
 * cgroup.procs.  0 or -errno with the step in *where.
 */
int slot_group_make(struct slot_group *g, int tree, unsigned slot,
    uint32_t executor, uint32_t zygote, const char **where);

/* Put process @pid there. */
int slot_group_seat(const struct slot_group *g, pid_t pid);

/* Go from there to self, and have controllers for cells, beside which self is
 * the heavier; a mask of CGROUP_*, or -errno. */
int slot_group_leave(const struct slot_group *g);

#endif
