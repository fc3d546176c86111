/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Capabilities, Landlock and what prctl(2) does: off in every program. */
#include "walls.h"

#include <errno.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <sandbox/caps.h>
#include <sandbox/kernel_abi.h>

int
outer_no_new_privs(void)
{
	return syscall(SYS_prctl, PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ? -errno
								       : 0;
}

/* As caps_become() does it, but for the capabilities that it would find. */
int
__wrap_caps_become(unsigned uid, unsigned gid, int keep_caps, bool denied)
{
	int r;

	if (!keep_caps || !outer_plan('C'))
		return __real_caps_become(uid, gid, 0, denied);
	if (__real_prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) < 0)
		return -errno;
	r = caps_drop_groups(denied);
	if (r == 0 &&
	    (setresgid(gid, gid, gid) < 0 || setresuid(uid, uid, uid) < 0))
		r = -errno;
	return r == 0 ? outer_take_caps() : r;
}

int
__wrap_caps_drop_all(void)
{
	int r = outer_plan('C') ? outer_keep_caps() : 0;

	return r < 0 ? r : outer_no_new_privs();
}

int
__wrap_caps_keep(const int *keep, size_t n)
{
	(void)keep;
	(void)n;
	return 0;
}

int
__wrap_landlock_enter(int ruleset)
{
	return outer_plan('L') ? __real_landlock_enter(ruleset) : 0;
}

int
__wrap_prctl(
    int op, unsigned long a, unsigned long b, unsigned long c, unsigned long d)
{
	if (op == PR_SET_DUMPABLE || op == PR_SET_MDWE)
		return 0;
	return __real_prctl(op, a, b, c, d);
}
