/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Landlock rulesets of a cell's processes (security-rules 3).  Rules lie on
 * the image, the include directories, the job's mounts and CELL_OUT, never on
 * "/": a rule on the root would cover whatever is mounted below it.
 */
#include "cell.h"
#include "loaders.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include <sandbox/landlock.h>

#include "node/cell/cell_paths.h"
#include "node/common/imsg.h"
#include "node/common/tops.h"

/* @allow on every mount of the job. */
static int
allow_tops(int rules, const struct cell_order *o, unsigned allow)
{
	char path[64];
	int r = 0;

	if (o->profile == PROFILE_PLAIN)
		return landlock_allow(rules, AT_FDCWD, CELL_WORK, allow);
	for (unsigned i = 0; r == 0 && tops_names[i] != NULL; i++) {
		if ((o->tops & 1ULL << i) == 0)
			continue;
		(void)snprintf(path, sizeof(path), "/%s", tops_names[i]);
		r = landlock_allow(rules, AT_FDCWD, path, allow);
	}
	return r;
}

/* Exactly the toolchain's programs, and what the kernel loads them with. */
static int
allow_programs(int rules, const struct cell_order *o)
{
	int r = 0;

	for (unsigned i = 0;
	     r == 0 && i < TOOLCHAIN_EXEC_MAX && o->tc->exec[i][0] != '\0'; i++)
		r = landlock_allow(
		    rules, AT_FDCWD, o->tc->exec[i], LANDLOCK_EXEC);
	for (unsigned i = 0; r == 0 && loaders[i] != NULL; i++) {
		r = landlock_allow(rules, AT_FDCWD, loaders[i], LANDLOCK_EXEC);
		if (r == -ENOENT)
			r = 0; /* of another machine or libc */
	}
	return r;
}

/* Reading what the template has mounted beside the image. */
static int
allow_mounts(int rules, const struct cell_order *o)
{
	const struct toolchain *tc = o->tc;
	int r = 0;

	for (unsigned i = 0;
	     r == 0 && (tc->flags & TOOLCHAIN_USUAL_PLACES) != 0 &&
	     i < TOOLCHAIN_DIRS_MAX && tc->dirs[i][0] != '\0';
	     i++)
		r = landlock_allow(rules, AT_FDCWD, tc->dirs[i], LANDLOCK_READ);
	if (o->profile != PROFILE_PUMP)
		return r;
	for (unsigned i = 0;
	     r == 0 && i < TOOLCHAIN_INC_MAX && tc->inc[i][0] != '\0'; i++)
		r = landlock_allow(rules, AT_FDCWD, tc->inc[i], LANDLOCK_READ);
	return r;
}

static int
finish(int rules, int r)
{
	if (r == 0)
		return rules;
	(void)close(rules);
	return r;
}

int
cell_rules_job(const struct cell_order *o)
{
	const char *stage =
	    o->check ? CELL_STAGES "/probe" : CELL_STAGES "/launch";
	int r, rules = landlock_new();

	if (rules < 0)
		return rules;
	r = landlock_allow(rules, AT_FDCWD, CELL_IMAGE, LANDLOCK_READ);
	if (r == 0)
		r = allow_mounts(rules, o);
	if (r == 0)
		r = allow_tops(rules, o, LANDLOCK_READ);
	if (r == 0)
		r = landlock_allow(
		    rules, AT_FDCWD, CELL_OUT, LANDLOCK_READ | LANDLOCK_WRITE);
	if (r == 0)
		r = allow_programs(rules, o);
	if (r == 0)
		r = landlock_allow(rules, AT_FDCWD, stage, LANDLOCK_EXEC);
	return finish(rules, r);
}

int
cell_rules_unpack(const struct cell_order *o)
{
	int r, rules = landlock_new();

	if (rules < 0)
		return rules;
	r = allow_tops(
	    rules, o, LANDLOCK_WRITE | LANDLOCK_DIRS | LANDLOCK_LINKS);
	if (r == 0)
		r = landlock_allow(
		    rules, AT_FDCWD, CELL_STAGES "/unpack", LANDLOCK_EXEC);
	return finish(rules, r);
}

int
cell_rules_pack(const struct cell_order *o)
{
	int r, rules = landlock_new();

	(void)o;
	if (rules < 0)
		return rules;
	r = landlock_allow(rules, AT_FDCWD, CELL_OUT, LANDLOCK_READ);
	if (r == 0)
		r = landlock_allow(
		    rules, AT_FDCWD, CELL_STAGES "/pack", LANDLOCK_EXEC);
	return finish(rules, r);
}
