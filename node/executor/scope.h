/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Two Landlock domains that sandbox/landlock.h does not offer.  All executors
 * share a uid; what keeps one from killing another's cells is a domain around
 * each slot: a process may signal inside its own domain and below.
 */
#ifndef IMMURE_EXECUTOR_SCOPE_H
#define IMMURE_EXECUTOR_SCOPE_H

/*
 * Enter a domain that handles signals and abstract sockets alone, so that
 * mounts stay possible; for the spawner, before it forks the zygote.  Needs
 * CAP_SYS_ADMIN or no_new_privs.  0 (also on kernels before 6.12, which have
 * no scopes), or -errno.
 */
int scope_enter(void);

/*
 * A ruleset that refuses files and network but not signals: the executor has
 * to kill.  Its one rule is for @group, the directory of its slot's cgroup:
 * read and write the files beneath, make and remove directories; -1 = no rule.
 * A descriptor of the caller's, or -errno.
 */
int scope_executor_rules(int group);

#endif
