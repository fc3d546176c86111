/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The monitor of an ordinary user (user mode): it becomes root of a user
 * namespace that holds nothing but that user's ids.  From then on all goes as
 * it does for root; what the one uid costs is in docs/threat-model.md.
 */
#include "monitor.h"
#include <errno.h>
#include <sandbox/user_mode.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

int
ordinary_enter(void)
{
	const char *where;
	int r;

	if (geteuid() == 0)
		return 0;
	r = user_mode_enter(&where);
	if (r < 0)
		fprintf(stderr,
		    "immured: not started as root, and cannot %s: %s: %s\n",
		    where, strerror(-r), user_mode_remedy("/proc"));
	return r;
}
