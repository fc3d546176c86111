/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * System-call filters.  Each is written as text (*.policy), one line per call
 * with its reason, and compiled at build time by sandbox/policy_compile into
 * build/gen/filter_<name>.c, which defines `const struct filter filter_<name>`
 * (a '-' in the file name becomes '_').  Nothing is computed at run time.
 *
 * Policy language, one rule a line; '#' starts a comment; a rule needs its
 * reason: a comment on its line or above it with no empty line between.
 *   default kill                     what happens to every other call (or
 *                                    default errno NAME; never allow; or
 *                                    default trip: see below)
 *   include NAME                     the rules of NAME.policy, same folder
 *                                    (or a path relative to it)
 *   allow CALL…                      calls, by name
 *   allow CALL arg1 == 5 && arg2 & 4 == 0    all conditions must hold;
 *                                    several lines for one call: any may hold
 *   errno ENOSYS CALL…               fails without being run
 *   errno 0 CALL…                    succeeds (returns 0) without being run
 *   kill CALL…                       kills the process (SIGSYS)
 *   allow? CALL…  (errno? kill?)     a call that some architecture lacks is
 *                                    left out there; without "?" that is an
 *                                    error (aarch64 has no open, fork, …)
 * For one call the first rule that holds decides, so a rule without
 * conditions after others means "otherwise", and a policy overrules what it
 * includes (its default too) by saying so before the include.  Values: decimal, hex, a constant
 * of policy_names.c, or several joined by '|' without blanks.  A condition is
 * argN == V, argN & MASK == V or argN & MASK != V.  == compares all 64 bits:
 * right for allow, since a stray upper half then fails; give a refusal that
 * stands before an allow of the same call a mask (the compiler insists).
 * "default trip": who holds the listener of filter_install_listener() hears of
 * the call and ends the caller; without a listener the call fails with ENOSYS.
 * Among filters that add up kill and errno win over it, and of several that
 * trip the newest one's listener hears (seccomp(2)), so those below one with a
 * listener must trip too, and other ABIs do as well.
 * Calls that libseccomp does not know yet are numbered in kernel_abi.h.
 * Calls above the highest known number fail with ENOSYS; other ABIs (i386,
 * x32) are killed.  `build/policy_compile [-a aarch64] X.policy -` checks one.
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

/* The same, with a listener for the calls that trip: its descriptor (close on
 * exec), or -errno. */
int filter_install_listener(const struct filter *f);

#endif
