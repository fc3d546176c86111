/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which layers are missing, once at the start: a layer that the kernel
 * lacks is not skipped in silence (immure(1) check says the same, and more).
 * What the kernel has is tried in each cell, and a cell where it does not hold
 * is never used; nothing is decided here.
 */
#include "monitor.h"
#include <sandbox/probe.h>
#include <stdio.h>
#include <sys/utsname.h>
#include <syslog.h>

void
layers_say_missing(enum layer layer, const char *reason, const char *remedy)
{
	fprintf(stderr, "immured: --require: %s is not in force here (%s): %s; "
	    "%s, or do not require it\n", layer_texts[layer].name,
	    layer_texts[layer].what, reason, remedy);
}

int
layers_require(const struct cmdline *cl)
{
	uint64_t missing = cl->require & ~probe_expected() &
	    ~(LAYERS_CGROUP | LAYERS_OUTSIDE);
	bool walls = walls_hold(cl);

	for (unsigned i = 0; i < LAYER_COUNT; i++)
		if ((missing & UINT64_C(1) << i) != 0)
			layers_say_missing((enum layer)i,
			    "this kernel does not have it",
			    layer_texts[i].remedy);
	return missing == 0 && walls ? 0 : CMDLINE_EXIT_FAILED;
}

void
layers_log(struct monitor *m)
{
	/* groups_log(), walls_log() */
	uint64_t here = probe_expected() | LAYERS_CGROUP | LAYERS_OUTSIDE;
	struct utsname u = { .release = "?" };

	(void)uname(&u);
	for (unsigned i = 0; i < LAYER_COUNT; i++) {
		const struct layer_text *t = &layer_texts[i];

		if ((here & UINT64_C(1) << i) != 0)
			continue;
		if (i == LAYER_NO_GROUPS)
			monitor_log(m, LOG_NOTICE, NULL, "layer.missing",
			    "%s: not in force (%s): setgroups(2) is denied in "
			    "this user namespace", t->name, t->what);
		else
			monitor_log(m, LOG_NOTICE, NULL, "layer.missing",
			    "%s: not in force (%s): this kernel, Linux "
			    "%.64s, does not have it; %s", t->name, t->what,
			    u.release, t->remedy);
	}
	groups_log(m);
	walls_log(m);
}
