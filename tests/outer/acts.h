/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a process of a node attempts that it must not, once its own walls are
 * off (walls_*.c): only a policy around it can refuse it then.
 */
#ifndef IMMURE_OUTER_ACTS_H
#define IMMURE_OUTER_ACTS_H

#include <stdbool.h>

#include <sandbox/filter.h>

/*
 * How this copy of the programs is to be: with_walls_off writes letters over
 * the dots behind the colon.
 *   C  every capability stays, whatever the uid, and no namespace is made that
 *      would take their meaning; else uids change and capabilities go with
 *      them, as setresuid(2) has it
 *   U  with C: a slot has its user namespace all the same, for a policy that
 *      tells capabilities there from others, and keeps a zygote from the latter
 *   A  every process attempts all acts, once it would be confined
 * and, to see what each wall does alone:
 *   F  acts are attempted behind the process' own filter, in children
 *   L  Landlock domains stay
 *   N  namespaces and empty roots stay, but user namespaces where C is
 */
bool outer_plan(char letter);

/*
 * Attempt everything, if the plan has A, and say "@who ACT=ERRNO…" on @sock, as
 * a role's events are said (IMSG_AUDIT_EVENT); on stderr if that is -1.  0 is
 * what went through.  @f: its filter, or NULL, which @install installs.
 */
void outer_acts(const char *who, int sock, const struct filter *f,
    int (*install)(const struct filter *));

/* The same, of one act of the caller's: its errno, or 1000 and a signal. */
int outer_behind(const struct filter *f, int (*install)(const struct filter *),
    int (*fn)(const void *), const void *arg);

/* All of the bounding set, for capset(2): AppArmor hides from capget(2) what a
 * profile does not allow, and who believes it gives that up. */
struct __user_cap_data_struct;
void outer_all_caps(struct __user_cap_data_struct *two);

/* The calling process makes use of all capabilities that it may have;
 * outer_keep_caps(): over an exec too. */
int outer_take_caps(void);
int outer_keep_caps(void);

#endif
