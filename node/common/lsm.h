/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The node confined from outside by a security module: does it enforce, and is
 * a process in the domain (SELinux) or profile (AppArmor) that policy/ has for
 * it?  What is read are the kernel's own files, bounded, and compared with
 * words of lsm_domains.c; the monitor does it too.
 */
#ifndef IMMURE_LSM_H
#define IMMURE_LSM_H

#include "lsm_label.h"
#include <sys/types.h>

enum lsm { LSM_SELINUX, LSM_APPARMOR, LSM_COUNT };

/* What each program of the node runs in. */
struct lsm_domain {
	const char *program; /* as its argv[0] has it; NULL: all others, which
				run in a cell */
	const char *names[LSM_COUNT];
};

extern const struct lsm_domain lsm_domains[]; /* the last one's is NULL */

/* The row of @program; never NULL. */
const struct lsm_domain *lsm_domain_of(const char *program);

enum lsm_verdict {
	LSM_IN_FORCE = 0,
	LSM_ABSENT,	/* this kernel runs without it */
	LSM_UNREADABLE, /* it cannot be told: see @error */
	LSM_PERMISSIVE, /* it forbids nothing to anybody */
	LSM_GONE,	/* that process has ended */
	LSM_OTHER,	/* another domain than its own */
	LSM_LENIENT,	/* its own, which forbids nothing: a permissive domain,
			   a profile in complain mode */
};

struct lsm_look {
	enum lsm_verdict verdict;
	int error;
	const char *program, *expected; /* of lsm_process(); constants */
	char label[LSM_LABEL_MAX]; /* the same; "" = none can be seen */
};

/* Does it enforce at all? */
void lsm_there(enum lsm lsm, struct lsm_look *l);

/* … and is process @pid, which is @program, where it belongs? */
void lsm_process(enum lsm lsm, pid_t pid, const char *program,
    struct lsm_look *l);

/* Why it is not in force, into @reason, and what to do, a constant.  For
 * people. */
const char *lsm_say(enum lsm lsm, const struct lsm_look *l, char *reason,
    size_t room);

#endif
