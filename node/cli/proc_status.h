/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A process as /proc shows it (proc(5)). */
#ifndef IMMURE_PROC_STATUS_H
#define IMMURE_PROC_STATUS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct proc_status {
	pid_t pid, ppid;
	unsigned depth; /* pid namespaces it is in */
	bool first;	/* pid 1 of its own */
	uint32_t uid;	/* all four are equal, or UINT32_MAX */
	uint64_t cap_inh, cap_prm, cap_eff, cap_bnd, cap_amb;
	unsigned no_new_privs, seccomp, filters;
	bool groups;	/* it has supplementary groups */
	char name[64];	/* of argv[0], behind its last slash */
};

/* 0, or -ESRCH: it has gone, or is a zombie. */
int proc_status_read(struct proc_status *p, pid_t pid);

/* Is @p, of @v's @n, process @top or below it? */
bool proc_status_below(const struct proc_status *v, size_t n,
    const struct proc_status *p, pid_t top);

/* … and of the imager's discovery, which makes jails as `immure check` does:
 * its runner, or what that has started? */
bool proc_status_discovers(const struct proc_status *v, size_t n,
    const struct proc_status *p);

/* Is that the runner itself?  A job that takes its name is in a cell. */
bool proc_status_is_runner(const struct proc_status *p);

/* All processes, owned by the caller; how many in *ret_n.  NULL: no memory, or
 * no /proc. */
struct proc_status *proc_status_all(size_t *ret_n);

/*
 * Variable @name of this process or else of the nearest that it stems from, as
 * that was started, into @buf: sudo(8) and su(1) leave most of theirs behind.
 * false: none has it, as far as this user may see.
 */
bool proc_inherited(const char *name, char *buf, size_t room);

/* Is namespace @ns ("net") of @pid another one than ours?  1, 0; -errno: it
 * cannot be seen. */
int proc_own_namespace(pid_t pid, const char *ns);

#endif
