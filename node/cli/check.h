/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What `immure check` found out, as rows: the layers, by making a jail and
 * attempting in it what it forbids, and the facts of the machine they rest on.
 */
#ifndef IMMURE_CHECK_H
#define IMMURE_CHECK_H

#include <sandbox/probe.h>
#include <stdbool.h>
#include <stdint.h>

enum check_state {
	CHECK_UNKNOWN = 0, /* not attempted: something before it failed */
	CHECK_IN_FORCE,
	CHECK_NOT_IN_FORCE,
	CHECK_STATES
};

#define CHECK_REASON_MAX 160

struct check_row {
	const char *name;
	const char *what;   /* one line for people */
	const char *since;  /* kernel version, or NULL */
	const char *remedy; /* NULL = none */
	enum check_state state;
	bool required;		       /* every supported kernel has it */
	char reason[CHECK_REASON_MAX]; /* of a state other than in force */
};

/* "in force", "not in force", "unknown"; never NULL. */
const char *check_state_word(enum check_state s);

/*
 * Fill the rows of all layers from what the kernel has and what the probes
 * saw, both masks of 1 << enum layer.  Pure.
 */
void check_judge(
    struct check_row rows[LAYER_COUNT], uint64_t expected, uint64_t failed);

/* Is a job's forbidden call heard here?  By a child that makes one. */
bool check_trip(void);

/*
 * Make a jail and run the prober @program (a path) in it, as root or as root
 * of one's own ids (sandbox/user_mode.h); fill the rows.  0, or -errno when no
 * jail could be made, with the reason in @why.
 */
int check_layers(struct check_row rows[LAYER_COUNT], const char *program,
    char why[CHECK_REASON_MAX]);

/* What becomes of LAYERS_CGROUP for a node that is started as this command was,
 * or by systemd; asked before there is a user namespace.  @wish is the setting
 * cgroup (sandbox/cgroup.h); it goes before what systemd gives. */
struct check_groups {
	struct check_row cell, bounds; /* state, reason, remedy */
};

void check_groups(struct check_groups *g, const char *wish);
/* … with settings that are wrong, no node is started. */
void check_groups_unknown(struct check_groups *g);
void check_groups_fill(
    struct check_row rows[LAYER_COUNT], const struct check_groups *g);

/* What is weaker in user mode than in root's. */
struct check_weaker {
	const char *name;
	const char *what; /* one line for people */
	const char *reason;
	const char *remedy;
	bool without_scope; /* … only before Linux 6.12 */
};

#define CHECK_WEAKER_MAX 8

/* Those of this kernel, constant; how many. */
unsigned check_weaker(const struct check_weaker *ret[CHECK_WEAKER_MAX]);

enum fact {
	FACT_KERNEL,
	FACT_LANDLOCK,
	FACT_LSM,
	FACT_USER_NS,
	FACT_CGROUP_MEMORY,
	FACT_MEMORY_BOUND,
	FACT_CGROUP_PIDS,
	FACT_CGROUP_CPU,
	FACT_MEMFD_NOEXEC,
	FACT_COUNT
};

struct check_fact {
	const char *name;
	const char *remedy; /* NULL = nothing to mend */
	bool good;
	char value[CHECK_REASON_MAX];
};

/* Ask this machine, but for check_bound.h; what cannot be read is said to be
 * unknown. */
void check_facts(struct check_fact facts[FACT_COUNT]);

/* Ask the node whose job socket is @socket (NULL: root's or this user's) and
 * print; the exit status. */
int check_node(const char *socket, bool json);

/* Is controller @name a word of @list ("cpuset cpu io memory")?  Pure. */
bool check_has_word(const char *list, const char *name);

#endif
