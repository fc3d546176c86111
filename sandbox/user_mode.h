/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The rights that an ordinary user can have: root's, in a user namespace that
 * maps that user's one uid and one gid and nobody else's (user_namespaces(7)).
 * Whoever works there has one kernel uid for everything; docs/threat-model.md
 * says what that costs.
 */
#ifndef IMMURE_USER_MODE_H
#define IMMURE_USER_MODE_H

#include <stdbool.h>

/*
 * Is one uid all that this process's user namespace maps?  Asks /proc: call it
 * while that is there.  False when it cannot tell: then every change to
 * another uid is attempted, and fails.
 */
bool user_mode(void);

/*
 * Has this process supplementary groups that stay, because setgroups(2) is
 * denied for good in its user namespace (its maker's, therefore)?  Asks /proc, like user_mode(); false when
 * it cannot tell.
 */
bool user_mode_groups_stay(void);

/*
 * Become root of a new user namespace that holds the caller's ids alone, in a
 * new mount namespace of its own.  Only for a process without threads.  0, or
 * -errno; *ret_where (a constant string) names the step.
 */
int user_mode_enter(const char **ret_where);

/* Why user_mode_enter() may have failed, and the remedy, in one sentence for
 * people; a constant string.  @proc is "/proc" (tests have another). */
const char *user_mode_remedy(const char *proc);

#endif
