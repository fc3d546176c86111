/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * System-call filters.  Each is written as text (*.policy), one line per call
 * with its reason, and compiled at build time by sandbox/policy_compile into
 * build/gen/filter_<name>.c, which defines `const struct filter filter_<name>`
 * (a '-' in the file name becomes '_').  Nothing is computed at run time.
 *
 * Policy language, one rule a line; '#' starts a comment; a rule without a
 * comment on its line or above it is an error:
 *   default kill                     what happens to every other call
 *   include NAME                     the rules of NAME.policy, same folder
 *   allow CALL…                      calls, by name
 *   allow CALL arg1 == 5 && arg2 & 4 == 0    all conditions must hold;
 *                                    several lines for one call: any may hold
 *   errno ENOSYS CALL…               fails without being run
 *   kill CALL…                       kills the process (SIGSYS)
 * Numbers: decimal, hex, or a constant of kernel_abi.h.  Calls that
 * libseccomp does not know yet are numbered in kernel_abi.h.  Calls above the
 * highest known number fail with ENOSYS; other ABIs (i386, x32) are killed.
 */
#ifndef IMMURE_FILTER_H
#define IMMURE_FILTER_H

#include <linux/filter.h>

struct filter {
	const char *name;
	const struct sock_filter *code;
	unsigned short len;
};

/* Install for this process (needs no_new_privs).  0 or -errno. */
int filter_install(const struct filter *f);

#endif
