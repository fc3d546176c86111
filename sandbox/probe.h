/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The layers of a jail, and the attempt at the forbidden act that shows each
 * one holding.  probe_quick() runs in every prepared cell, in the launcher,
 * under the job's whole policy, before any job is near: only acts that fail
 * with an errno.  probe_full() forks a child for the acts that kill.
 */
#ifndef IMMURE_PROBE_H
#define IMMURE_PROBE_H

#include <stdint.h>

enum layer {
	LAYER_USER_NS,    /* ids mapped, nothing of the host's owned */
	LAYER_PID_NS,     /* no process but the cell's */
	LAYER_MOUNT_NS,   /* root holds nothing of the host */
	LAYER_NET_NS,     /* no interface, no route */
	LAYER_IPC_NS,     /* no SysV or POSIX IPC object */
	LAYER_UTS_NS,
	LAYER_CGROUP_NS,
	LAYER_READ_ONLY,  /* root and image cannot be written */
	LAYER_NOEXEC,     /* nothing writable can be executed */
	LAYER_NO_PROC,    /* no /proc, no /dev, no /sys */
	LAYER_LANDLOCK,   /* file rules */
	LAYER_LANDLOCK_NET,
	LAYER_LANDLOCK_SCOPE,
	LAYER_SECCOMP,    /* the filter kills */
	LAYER_SECCOMP_ERRNO, /* the filter refuses */
	LAYER_MDWE,       /* PR_SET_MDWE, Linux 6.3 */
	LAYER_NO_CAPS,
	LAYER_NO_NEW_PRIVS,
	LAYER_RLIMITS,
	LAYER_FDS,        /* descriptors 0, 1, 2 only, none a regular file */
	LAYER_NO_DUMP,
	LAYER_CGROUP,     /* cgroup v2 limits */
	LAYER_COUNT
};

struct layer_text {
	const char *name;    /* "landlock.net" */
	const char *what;    /* one line for people */
	const char *since;   /* kernel it needs, "6.1" */
	const char *remedy;  /* what to do when it is missing */
};

extern const struct layer_text layer_texts[LAYER_COUNT];

/* A mask of layers whose forbidden act succeeded; 0 = all hold.  @expected:
 * the layers this kernel is known to have.  Needs no libc beyond system
 * calls: it is linked into the launcher. */
uint64_t probe_quick(uint64_t expected);
uint64_t probe_full(uint64_t expected);

#endif
