/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who could have put a file where it is (security-rules 5): compilers are run
 * only when every component of their path, every symlink on the way and the
 * file itself belong to root and nobody else may write there.
 */
#ifndef IMMURE_OWNER_H
#define IMMURE_OWNER_H

#include <limits.h>
#include <stddef.h>
#include <sys/types.h>

struct owner_rule {
	uid_t uid;        /* an owner that is accepted: 0 */
	uid_t also;       /* another; the same where there is none */
	const char *base; /* not looked at up to and including this directory:
			     "" (tests use a tree below /tmp) */
};

/*
 * Root.  In user mode that number is the user's own, and all other owners,
 * root among them, look the same (overflowuid, user_namespaces(7)): then both
 * are accepted, which docs/threat-model.md names.  Asks /proc when it is first
 * called: before confinement.
 */
const struct owner_rule *owner_host(void);

/* A symlink that was followed: it lies at @at (all directories real) and
 * stands for @to, an absolute path that may have symlinks of its own. */
typedef int (*owner_link_fn)(void *ctx, const char *at, const char *to);

/*
 * Follow @path, absolute, to what it really is.  With @rule, refuse what that
 * does not accept.  @link may be NULL; what it returns below 0 ends the walk.
 * 0 and the real path, or -EPERM (not trusted), -ELOOP, -ENOENT, …; then
 * @reason says which component it was, for people.
 */
int owner_walk(const struct owner_rule *rule, const char *path,
    char real[PATH_MAX], owner_link_fn link, void *ctx, char *reason,
    size_t room);

#endif
