/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is around a node that runs: of each of its processes the SELinux domain
 * or the AppArmor profile as the kernel has it, and whether the firewall's rules
 * are loaded.  Reads /proc and asks the kernel; nothing of it is the node's
 * word but the number of its monitor.
 */
#ifndef IMMURE_CHECK_OUTSIDE_H
#define IMMURE_CHECK_OUTSIDE_H

#include "check.h"

#include <node/common/lsm.h>
#include <sys/types.h>

/* Processes that are the same. */
struct check_kind {
	char name[64];	/* of argv[0] */
	unsigned count;
	enum lsm lsm;	/* whose label that is */
	struct lsm_look look;
};

#define CHECK_KINDS_MAX 64 /* others are not listed; the verdict has them */

struct check_outside {
	pid_t node; /* its monitor; 0 = none runs that can be asked */
	unsigned seen; /* processes of it */
	struct lsm_look there[LSM_COUNT]; /* the module; … */
	struct lsm_look worst[LSM_COUNT]; /* … a process that is not in it */
	unsigned outsiders[LSM_COUNT];
	int firewall; /* firewall_loaded(); */
	int stale; /* > 0: … and its rules name other groups than the node's;
		    * < 0: cannot be told */
	struct check_kind kinds[CHECK_KINDS_MAX];
	unsigned nkinds;
};

void check_outside(struct check_outside *o, pid_t node);

/* The three rows of LAYERS_OUTSIDE.  Pure. */
void check_outside_fill(struct check_row rows[LAYER_COUNT],
    const struct check_outside *o);

/* "enforcing", "permissive", "enforce", "complain", …; @room bytes of @out. */
void check_kind_mode(const struct check_outside *o, const struct check_kind *k,
    char *out, size_t room);

/* The kinds, for people, or nothing; … and as JSON (jansson.h), an array that is
 * the caller's. */
void check_outside_print(const struct check_outside *o);
struct json_t *check_outside_json(const struct check_outside *o);

#endif
