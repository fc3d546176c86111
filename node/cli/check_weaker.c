/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What an ordinary user's node has less of than root's, whatever the machine:
 * the layers are tried by attempt (check_layers.c) and are all the same, but
 * there is one uid where root's node has many.  docs/threat-model.md says what
 * an attacker gains by each.
 */
#include "check.h"

#include <sandbox/landlock.h>
#include <stddef.h>

#define AS_ROOT "start immured as root: its roles then run without any right"
#define ABI_SCOPE 6 /* Linux 6.12, landlock(7) */

/* clang-format off */
static const struct check_weaker rows[] = {
	{ "uid.roles", "every role has one kernel uid, the user's own",
	    "an ordinary user can map no other (user_namespaces(7)): a role "
	    "that is taken over is held by its empty root, namespaces, "
	    "Landlock and filter alone", AS_ROOT, false },
	{ "uid.job", "a job has the uid of pid 1, unpack and pack of its cell, "
	    "and owns the files it was sent",
	    "there is one uid to give: the job's own pid namespace, Landlock "
	    "and its filter hold it", AS_ROOT, false },
	{ "uid.owner", "the user's other processes may look into the node, "
	    "stop it, and change its log and its record",
	    "whoever makes a user namespace has every right in it",
	    "give immured a user of its own, or start it as root", false },
	{ "uid.groups", "the user's supplementary groups stay with every role "
	    "and every job",
	    "setgroups(2) is denied in a user namespace of an ordinary user's",
	    "give immured a user without any, or start it as root", false },
	{ "toolchain.owner", "files of a toolchain may belong to any user, not "
	    "to root alone",
	    "all who are not mapped look alike in a user namespace; files that "
	    "a group or everybody may write are refused as ever", AS_ROOT,
	    false },
	{ "quotas", "processes, pipes, descriptors in flight and inotify are "
	    "counted together with the user's other processes",
	    "the kernel counts them by uid",
	    "give immured a user of its own, or start it as root", false },
	{ "signals", "an executor that is taken over may kill the user's other "
	    "processes, and a job may signal its killer",
	    "this kernel has no Landlock scope for signals",
	    "use Linux 6.12 or later", true },
};
/* clang-format on */

unsigned
check_weaker(const struct check_weaker *ret[CHECK_WEAKER_MAX])
{
	bool scope = landlock_abi() >= ABI_SCOPE;
	unsigned n = 0;

	_Static_assert(sizeof(rows) / sizeof(rows[0]) <= CHECK_WEAKER_MAX,
	    "room for all rows");
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (!scope || !rows[i].without_scope)
			ret[n++] = &rows[i];
	return n;
}
