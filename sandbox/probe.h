/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The layers of a jail, and the attempt at the forbidden act that shows each
 * one holding, or the look at what only the layer can have caused.
 *
 * probe_quick() runs in every prepared cell, in the launcher, under the job's
 * whole policy, before any job is near: only acts that fail with an errno.
 * probe_full() adds children for the acts that kill, or that somebody hears.  probe_beneath() is for
 * the layers that the filter hides (nobody can ask for a socket to see that
 * there is no network behind it): called once everything but the filter is in
 * force.  Which of the three looks at a layer is said at the layer: q f b.
 */
#ifndef IMMURE_PROBE_H
#define IMMURE_PROBE_H

#include <errno.h>
#include <stdint.h>

enum layer {
	LAYER_USER_NS, /* qb: ids mapped, nothing of the host's owned; no other
				id can be had */
	LAYER_PID_NS, /* q: no process but the cell's */
	LAYER_MOUNT_NS, /* q: root holds nothing of the host */
	LAYER_NET_NS, /* b: no interface, no route */
	LAYER_IPC_NS, /* b: no SysV object in sight */
	LAYER_UTS_NS, /* q: the host is called PROBE_HOSTNAME */
	LAYER_CGROUP_NS, /* b: own cgroup is "/" or PROBE_GROUP, while there is
				a /proc */
	LAYER_READ_ONLY, /* q: root and image cannot be written */
	LAYER_NOEXEC, /* q: nothing writable can be executed */
	LAYER_NO_PROC, /* q: no /proc, no /dev, no /sys */
	LAYER_LANDLOCK, /* qf: file rules */
	LAYER_LANDLOCK_NET, /* b */
	LAYER_LANDLOCK_SCOPE, /* q: no signal out of the domain */
	LAYER_SECCOMP, /* f: the filter kills */
	LAYER_SECCOMP_ERRNO, /* q: the filter refuses */
	LAYER_TRIP, /* qf: what the filter stops is heard; a node's alone, not
			immure-jail's */
	LAYER_MDWE, /* b: PR_SET_MDWE, Linux 6.3 */
	LAYER_NO_CAPS, /* b */
	LAYER_NO_NEW_PRIVS, /* b */
	LAYER_NO_GROUPS, /* b; not where setgroups(2) is denied */
	LAYER_RLIMITS, /* qf */
	LAYER_FDS, /* qf: 0, 1, 2 only (q: and the launcher's two pipes), none a
				file, directory or socket */
	LAYER_NO_DUMP, /* qf: no core file */
	LAYER_CELL_GROUP, /* -: a cgroup for each cell, and */
	LAYER_CGROUP, /* -: its limits: nothing in a cell can see them; the
				monitor tries the one, the kernel names the
				controllers of the other (cgroup.h) */
	LAYER_SELINUX, /* -: around the node, not in a cell: the kernel names
				the domain of each of its processes, and */
	LAYER_APPARMOR, /* -: its profile (node/common/lsm.h), and */
	LAYER_NFTABLES, /* -: the rules that are loaded */
	LAYER_COUNT
};

/*
 * Where LAYER_TRIP is expected, who holds the listener answers so while a jail
 * is probed, and never later.  No call of a probe fails with it otherwise.
 */
#define PROBE_TRIP_ANSWER EDOM

/* They depend on where a node is started, not on the kernel. */
#define LAYERS_CGROUP                                                          \
	(UINT64_C(1) << LAYER_CELL_GROUP | UINT64_C(1) << LAYER_CGROUP)
/* … and these on what the administrator has installed. */
#define LAYERS_OUTSIDE                                                         \
	(UINT64_C(1) << LAYER_SELINUX | UINT64_C(1) << LAYER_APPARMOR |        \
	    UINT64_C(1) << LAYER_NFTABLES)

/* What the uts namespace of a jail is called; sethostname(2). */
#define PROBE_HOSTNAME "immure"

/* Where a slot's own processes are, seen from its cgroup namespace. */
#define PROBE_GROUP "/self"

struct layer_text {
	const char *name;    /* "landlock.net" */
	const char *what;    /* one line for people */
	const char *since;   /* kernel it needs, "6.1" */
	const char *remedy;  /* what to do when it is missing */
};

extern const struct layer_text layer_texts[LAYER_COUNT];

/* The layers that this kernel has: all that every supported one has, and of
 * the newer ones those it answers to.  Without LAYERS_CGROUP and
 * LAYERS_OUTSIDE. */
uint64_t probe_expected(void);

/* A mask of layers whose forbidden act succeeded; 0 = all hold.  @expected:
 * the layers this kernel is known to have.  Needs no libc beyond system
 * calls: it is linked into the launcher. */
uint64_t probe_quick(uint64_t expected);
uint64_t probe_full(uint64_t expected);
uint64_t probe_beneath(uint64_t expected);

#endif
