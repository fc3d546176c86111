/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A jail for one command, for callers with root's rights: namespaces, an empty
 * root with what was bound into it, Landlock, seccomp, no capability, limits.
 * The command is never pid 1, and its whole tree dies with the jail.
 */
#ifndef IMMURE_JAIL_H
#define IMMURE_JAIL_H

#include "limits.h"
#include <stdbool.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/types.h>

struct jail;

struct jail_result {
	int status;  /* wait status of the command */
	bool killed; /* by the deadline, or by jail_kill */
	struct rusage usage; /* of the whole tree, from wait4(2) */
};

struct jail *jail_new(void); /* NULL: out of memory */
struct jail *jail_free(struct jail *j); /* accepts NULL; returns NULL */

/* All setters: 0 or -errno (-ENOMEM, -EINVAL); strings are copied. */
int jail_bind(struct jail *j, const char *from, const char *to, bool exec);
/* The same of @from (relative) in @base; that no symlink leads out of @base is
 * seen when the jail is made (mount_open_beneath). */
int jail_bind_beneath(struct jail *j, const char *base, const char *from,
    const char *to, bool exec);
int jail_tmpfs(struct jail *j, const char *path, uint64_t bytes); /* writable,
	noexec */
int jail_symlink(struct jail *j, const char *target, const char *path);
int jail_setenv(struct jail *j, const char *name_value); /* the last of a
	name counts */
int jail_chdir(struct jail *j, const char *path);
int jail_rlimits(struct jail *j, const struct rlimits *l);
int jail_ids(struct jail *j, unsigned outside_uid, unsigned outside_gid);
int jail_wall_ms(struct jail *j, unsigned ms); /* 0 = none */
/* jail_wait() kills the tree when nobody has the other end of @fd, a pipe or a
 * socket of the caller's; -1: none. */
int jail_while(struct jail *j, int fd);

/* What jail_spawn's *ret_where points to when all of the jail stood and only
 * the execve(2) of the command failed. */
extern const char jail_where_exec[];

/*
 * Start @argv (argv[0] is the path inside the jail) with descriptors
 * @in, @out, @err as 0, 1, 2 and nothing else.  Fails before anything of the
 * command ran, or runs it whole jailed: -errno, and *ret_where (a constant
 * string) names the step.
 */
int jail_spawn(struct jail *j, const char *const argv[], int in, int out,
    int err, const char **ret_where);

/* Wait for the end of the tree.  0 or -errno. */
int jail_wait(struct jail *j, struct jail_result *ret);

/* Kill the tree; jail_wait still has to be called. */
void jail_kill(struct jail *j);

/*
 * After jail_wait: open the regular file that the command left at @path in
 * one of the jail's tmpfs, without following a symlink.  A descriptor for
 * reading that the caller owns; -ENOENT, -EINVAL (in no tmpfs, or not a
 * regular file with one name), or another -errno.
 */
int jail_collect(struct jail *j, const char *path);

#endif
