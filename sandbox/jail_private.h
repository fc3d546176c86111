/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The inside of a jail, for jail*.c alone.
 *
 * Three processes make one.  The *builder*, a fork of the caller, makes the
 * root in a mount namespace of its own with the caller's rights and enters
 * it; so it is the caller's rights, not the jail's, that own every mount, and
 * the jail gets them locked (mount_namespaces(7)).  It clones *pid 1* into
 * new namespaces as a child of the caller (CLONE_PARENT) and ends.  Pid 1
 * forks the *command*, drops everything and only waits.
 *
 * All of them tell the caller what failed over one socket; the command's end
 * of it is close-on-exec, so end of file means that it runs, whole jailed.
 */
#ifndef IMMURE_JAIL_PRIVATE_H
#define IMMURE_JAIL_PRIVATE_H

#include "jail.h"

#define JAIL_PLACES 64 /* binds, tmpfs and symlinks of one jail */
#define JAIL_TMPFS 8   /* tmpfs among them: each is a descriptor kept */
#define JAIL_ENV 64
#define JAIL_UID 1000  /* of the command and pid 1, inside */

enum place_kind { PLACE_BIND, PLACE_TMPFS, PLACE_SYMLINK };

struct place {
	enum place_kind kind;
	char *base; /* owned, or NULL: bind: where from begins and ends */
	char *from; /* owned; bind: source, symlink: target */
	char *to;   /* owned; absolute, in the jail */
	bool exec;
	uint64_t bytes;
};

struct jail {
	struct place places[JAIL_PLACES];
	unsigned n_places;
	char *env[JAIL_ENV + 1]; /* owned, NULL-terminated */
	unsigned n_env;
	char *cwd; /* owned; NULL: "/" */
	struct rlimits limits;
	unsigned uid, gid; /* outside */
	unsigned wall_ms;
	int while_fd; /* borrowed; -1: none */

	/* of the running command */
	pid_t pid;                /* pid 1, as seen from here; 0: none */
	int status_fd;            /* pid 1 writes the command's status; owned */
	uint64_t deadline_ms;     /* CLOCK_MONOTONIC; 0: none */
	bool killed;
	int tmpfs_fds[JAIL_TMPFS]; /* O_PATH, in the order of places; owned */
	unsigned n_tmpfs;
};

/* What can fail, in the order of doing it; jail_step_texts names them. */
enum jail_step {
	STEP_NONE,
	STEP_PROCESS,
	STEP_MOUNT_NS,
	STEP_ROOT,
	STEP_BIND,
	STEP_TMPFS,
	STEP_SYMLINK,
	STEP_PIVOT,
	STEP_NAMESPACES,
	STEP_MAPS,
	STEP_LOCK,
	STEP_NAME,
	STEP_IDS,
	STEP_PARENT,
	STEP_STDIO,
	STEP_CHDIR,
	STEP_LIMITS,
	STEP_CAPS,
	STEP_MDWE,
	STEP_LANDLOCK,
	STEP_FILTER,
	STEP_PROBE, /* value: the layer that does not hold */
	STEP_EXEC,
	STEP_COUNT
};

/* One record on the socket: a failed step, or STEP_NONE with pid 1's pid. */
struct report {
	int32_t step;
	int32_t value; /* errno, pid or layer */
};

/* What the three processes share; all descriptors close-on-exec. */
struct spawn {
	const struct jail *jail;
	const char *const *argv;
	int stdio[3];  /* borrowed from the caller */
	int report[2]; /* caller reads 0, the others write 1 */
	int go[2];     /* pid 1 reads 0 */
	int status[2]; /* caller reads 0, pid 1 writes 1 */
	int proc;      /* the host's /proc, O_PATH: builder and pid 1 */
	bool groups_stay; /* user_mode_groups_stay() of the caller */
};

/* Report @step with @value and end this process. */
void jail_fail(int report_fd, enum jail_step step, int value)
    __attribute__((noreturn));

/* The builder's work up to standing in the finished root; the tmpfs opened
 * into @fds.  Ends the process when something fails. */
unsigned jail_root_build(const struct spawn *s, int fds[JAIL_TMPFS]);

/* Pid 1 and the command, from their first instruction on. */
void jail_inside(struct spawn *s) __attribute__((noreturn));

#endif
