/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The layers, by attempt: a jail as immure-jail makes it, with an empty root
 * but for the prober, which tries each forbidden act under the whole policy of
 * a job.  The jail itself has tried, before the filter was put on, what the
 * filter would hide (probe_beneath).
 */
#include "check.h"

#include <node/common/limits.h>
#include <node/common/uids.h>
#include <sandbox/jail.h>
#include <sandbox/landlock.h>
#include <sandbox/user_mode.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#define PROBE_PATH    "/.immure/.stage/probe"
#define PROBE_WALL_MS 20000U

static uint64_t
bit(unsigned layer)
{
	return UINT64_C(1) << layer;
}

const char *
check_state_word(enum check_state s)
{
	static const char *const words[CHECK_STATES] = { "unknown", "in force",
		"not in force" };

	return words[s < CHECK_STATES ? s : CHECK_UNKNOWN];
}

/* What the oldest supported kernel has is required, but for cgroups and what is
 * around the node, which an administrator gives or withholds. */
static bool
is_required(unsigned layer)
{
	if (layer == LAYER_NO_GROUPS && user_mode_groups_stay())
		return false; /* said by check_weaker.c */
	return ((LAYERS_CGROUP | LAYERS_OUTSIDE) & bit(layer)) == 0 &&
	       strcmp(layer_texts[layer].since, "6.1") == 0;
}

static void
fill_row(struct check_row *r, unsigned layer)
{
	memset(r, 0, sizeof(*r));
	r->name = layer_texts[layer].name;
	r->what = layer_texts[layer].what;
	r->since = layer_texts[layer].since;
	r->remedy = layer_texts[layer].remedy;
	r->required = is_required(layer);
	/* "nobody" it is not: see check_weaker.c */
	if (layer == LAYER_USER_NS && user_mode())
		r->what = "a job has the user's own id and can have no other";
}

static void
judge_row(
    struct check_row *r, unsigned layer, uint64_t expected, uint64_t failed)
{
	if ((failed & bit(layer)) != 0) {
		r->state = CHECK_NOT_IN_FORCE;
		(void)snprintf(r->reason, sizeof(r->reason),
		    layer == LAYER_TRIP ?
			"a forbidden call was attempted and not heard" :
			"what it forbids was attempted in a jail and worked");
	} else if (((LAYERS_CGROUP | LAYERS_OUTSIDE) & bit(layer) &
	               ~expected) != 0) {
		/* check_groups_fill(), check_outside_fill() */
		r->state = CHECK_NOT_IN_FORCE;
	} else if (layer == LAYER_NO_GROUPS && (expected & bit(layer)) == 0) {
		r->state = CHECK_NOT_IN_FORCE;
		(void)snprintf(r->reason, sizeof(r->reason),
		    "setgroups(2) is denied in this user namespace");
		r->remedy = "start it as root, or as a user without "
			    "supplementary groups";
	} else if ((expected & bit(layer)) == 0) {
		struct utsname u = { .release = "?" };

		(void)uname(&u);
		r->state = CHECK_NOT_IN_FORCE;
		(void)snprintf(r->reason, sizeof(r->reason),
		    "this kernel (%.64s) does not have it: since Linux %s",
		    u.release, r->since);
	} else {
		r->state = CHECK_IN_FORCE;
	}
}

void
check_judge(
    struct check_row rows[LAYER_COUNT], uint64_t expected, uint64_t failed)
{
	for (unsigned i = 0; i < LAYER_COUNT; i++) {
		fill_row(&rows[i], i);
		judge_row(&rows[i], i, expected, failed);
	}
}

/* One layer is known not to hold, and the jail ended itself over it. */
static int
judge_broken(struct check_row rows[LAYER_COUNT], const char *where)
{
	int found = -EPROTO;

	for (unsigned i = 0; i < LAYER_COUNT; i++) {
		fill_row(&rows[i], i);
		(void)snprintf(rows[i].reason, sizeof(rows[i].reason),
		    "not attempted: %.64s does not hold", where);
		if (strcmp(rows[i].name, where) != 0)
			continue;
		judge_row(&rows[i], i, 0, bit(i));
		found = 0;
	}
	return found;
}

/* Ordinary limits of a job, so that "cannot be raised" means something. */
static int
set_up(struct jail *j, const char *program)
{
	const struct rlimits l = {
		.as_bytes = LIMIT_JOB_AS_BYTES,
		.fsize_bytes = MIB,
		.stack_bytes = LIMIT_JOB_STACK_BYTES,
		.cpu_s = 10,
		.nofile = LIMIT_JOB_NOFILE,
		.nproc = LIMIT_JOB_NPROC,
	};
	const unsigned id = user_mode() ? 0 : PROBE_JAIL_UID;
	int r = jail_ids(j, id, id);

	if (r == 0)
		r = jail_bind(j, program, PROBE_PATH, true);
	if (r == 0)
		r = jail_tmpfs(j, "/tmp", MIB);
	if (r == 0)
		r = jail_rlimits(j, &l);
	return r == 0 ? jail_wall_ms(j, PROBE_WALL_MS) : r;
}

/* Run the prober with an empty stdin; its answer, a mask, in *ret_failed. */
static int
run_prober(struct jail *j, uint64_t expected, uint64_t *ret_failed,
    const char **ret_where)
{
	int out[2] = { -1, -1 }, in[2] = { -1, -1 };
	struct jail_result res = { .status = 0 };
	char mask[24];
	const char *const argv[] = { PROBE_PATH, mask, NULL };
	ssize_t n = 0;
	int r;

	/* The jail has seen that no other id can be had; to the prober the
	 * user's own files look like the host's. */
	if (user_mode())
		expected &= ~bit(LAYER_USER_NS);
	/* immure-jail's filter kills: see check_trip() */
	expected &= ~bit(LAYER_TRIP);
	(void)snprintf(mask, sizeof(mask), "%" PRIx64, expected);
	if (pipe2(in, O_CLOEXEC) != 0)
		return -errno;
	r = pipe2(out, O_CLOEXEC) != 0 ? -errno : 0;
	if (r == 0)
		r = jail_spawn(j, argv, in[0], out[1], out[1], ret_where);
	(void)close(in[0]);
	(void)close(in[1]);
	(void)close(out[1]);
	if (r == 0) {
		n = read(out[0], ret_failed, sizeof(*ret_failed));
		r = jail_wait(j, &res);
	}
	(void)close(out[0]);
	if (r != 0)
		return r;
	*ret_where = "run the prober";
	if (n != (ssize_t)sizeof(*ret_failed) || res.status != 0)
		return res.killed ? -ETIMEDOUT : -EIO;
	return 0;
}

int
check_layers(struct check_row rows[LAYER_COUNT], const char *program,
    char why[CHECK_REASON_MAX])
{
	uint64_t expected = probe_expected(), failed = 0;
	const char *where = "describe the jail";
	struct jail *j = jail_new();
	int r;

	r = j == NULL ? -ENOMEM : set_up(j, program);
	if (r == 0)
		r = run_prober(j, expected, &failed, &where);
	(void)jail_free(j);
	if (r == 0) {
		if (!check_trip())
			failed |= bit(LAYER_TRIP);
		check_judge(rows, expected, failed);
		return 0;
	}
	if (r == -EPROTO && judge_broken(rows, where) == 0)
		return 0;
	(void)snprintf(why, CHECK_REASON_MAX, "%s: %s", where, strerror(-r));
	return r;
}
