/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the monitor gives up before it serves: all but a listed set of
 * capabilities and of system calls, for good. */
#include "monitor.h"
#include <errno.h>
#include <linux/capability.h>
#include <sandbox/caps.h>
#include <sandbox/filter.h>
#include <sandbox/user_mode.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>

extern const struct filter filter_monitor;

/* What the monitor keeps, and why.  docs/privsep.md; tests/escape/roles. */
static const int monitor_caps[] = {
	CAP_SYS_ADMIN,    /* mounts and namespaces of roles and slots */
	CAP_SETUID,       /* roles become their users; uid maps of slots */
	CAP_SETGID,       /* the same for groups */
	CAP_SETPCAP,      /* roles empty their bounding sets */
	CAP_KILL,         /* roles of other uids are ended */
	CAP_CHOWN,        /* the image directory to the imager and back */
	CAP_DAC_OVERRIDE, /* logs and the pid file wherever they shall lie */
	CAP_FOWNER,       /* modes of what was given away */
	CAP_SYS_RESOURCE, /* limits of slots above ours */
	CAP_SETFCAP,      /* user mode alone: a slot's only id is our uid 0,
			     which takes this to map (user_namespaces(7)) */
};

static int
fail(const char *what, int error)
{
	fprintf(stderr, "immured: %s: %s\n", what, strerror(-error));
	return CMDLINE_EXIT_FAILED;
}

/* Should: keep monitor_caps and the calls of monitor.policy.  Mustn't: gain
 * anything by an exec any more. */
int
confine_monitor(void)
{
	int keep[sizeof(monitor_caps) / sizeof(monitor_caps[0])];
	size_t n = 0;
	int r;

	/* Containers and service files may have taken some away already. */
	for (size_t i = 0; i < sizeof(keep) / sizeof(keep[0]); i++)
		if (prctl(PR_CAPBSET_READ, monitor_caps[i], 0, 0, 0) == 1 &&
		    (monitor_caps[i] != CAP_SETFCAP || user_mode()))
			keep[n++] = monitor_caps[i];
	r = caps_keep(keep, n);
	if (r < 0)
		return fail("capabilities", r);
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
	    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0 ||
	    prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) < 0)
		return fail("prctl(2)", -errno);
	r = filter_install(&filter_monitor);
	return r < 0 ? fail("seccomp(2)", r) : 0;
}
