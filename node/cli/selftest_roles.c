/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The node's processes as the kernel has them, against docs/privsep.md: what
 * /proc says is no word of theirs.  A process under construction is looked at
 * again until it is done.
 */
#include "selftest.h"

#include "proc_status.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <node/common/fd.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define AGAIN_US 100000U
#define AGAIN	 30

#define BIT(cap) (UINT64_C(1) << (cap))

/* docs/privsep.md says why each. */
#define CAPS_MONITOR                                                           \
	(BIT(CAP_SYS_ADMIN) | BIT(CAP_SETUID) | BIT(CAP_SETGID) |              \
	    BIT(CAP_SETPCAP) | BIT(CAP_KILL) | BIT(CAP_CHOWN) |                \
	    BIT(CAP_DAC_OVERRIDE) | BIT(CAP_FOWNER) | BIT(CAP_SYS_RESOURCE))
#define CAPS_ZYGOTE                                                            \
	(BIT(CAP_SYS_ADMIN) | BIT(CAP_SETUID) | BIT(CAP_SETGID) |              \
	    BIT(CAP_SETPCAP) | BIT(CAP_CHOWN))

/* What a process must be.  NULL: of a cell. */
static const struct role_row {
	const char *name;
	unsigned row;	  /* whose promise that is */
	uint64_t caps;	  /* that it may have */
	unsigned filters; /* at least */
	bool apart;	  /* its own mount, net, ipc and uts namespaces */
} role_rows[] = {
	{ "immured", PROMISE_MONITOR, CAPS_MONITOR, 1, false },
	{ "immure-front", PROMISE_FRONT, 0, 2, true },
	{ "immure-broker", PROMISE_MONITOR, 0, 2, true },
	{ "immure-auditor", PROMISE_MONITOR, 0, 2, true },
	{ "immure-imager", PROMISE_MONITOR, 0, 2, true },
	{ "immure-status", PROMISE_MONITOR, 0, 2, true },
	{ "immure-executor", PROMISE_MONITOR, 0, 2, true },
	{ "immure-zygote", PROMISE_MONITOR, CAPS_ZYGOTE, 2, true },
	{ NULL, PROMISE_RUN, 0, 3, true },
};

#define ROLE_ROWS (sizeof(role_rows) / sizeof(role_rows[0]))

struct look {
	const struct selftest *s;
	const struct role_row *row;
	unsigned whose;	       /* promise that is broken */
	char why[BROKEN_TEXT]; /* "" = it is as it must be */
};

static void __attribute__((format(printf, 3, 4)))
wrong(struct look *l, unsigned whose, const char *fmt, ...)
{
	va_list ap;

	if (l->why[0] != '\0')
		return;
	l->whose = whose;
	va_start(ap, fmt);
	(void)vsnprintf(l->why, sizeof(l->why), fmt, ap);
	va_end(ap);
}

static void
check_privilege(struct look *l, const struct proc_status *p)
{
	uint64_t caps = l->row->caps;
	bool user = l->s->node.user_mode != 0;

	if (user && caps == CAPS_MONITOR)
		caps |= BIT(CAP_SETFCAP);
	if (((p->cap_prm | p->cap_eff | p->cap_bnd) & ~caps) != 0)
		wrong(l, l->row->row, "more capabilities than it may have (%llx)",
		    (unsigned long long)((p->cap_prm | p->cap_eff |
		        p->cap_bnd) & ~caps));
	if ((p->cap_inh | p->cap_amb) != 0)
		wrong(l, l->row->row, "capabilities that it could pass on");
	if (p->no_new_privs != 1)
		wrong(l, l->row->row, "it could gain privileges by exec(2)");
	if (p->seccomp != 2 || p->filters < l->row->filters)
		wrong(l, l->row->row, "%u filters of system calls, not %u", p->filters,
		    l->row->filters);
	if (!user && caps != CAPS_MONITOR && p->uid == 0)
		wrong(l, l->row->row, "it is root");
	if (!user && p->groups && caps != CAPS_MONITOR)
		wrong(l, l->row->row, "it has supplementary groups");
}

static void
check_namespaces(struct look *l, const struct proc_status *p)
{
	static const char *const names[] = { "mnt", "net", "ipc", "uts" };

	for (size_t i = 0; l->row->apart && i < 4; i++)
		if (proc_own_namespace(p->pid, names[i]) == 0)
			wrong(l, PROMISE_REACH, "the host's %s namespace", names[i]);
	if (p->depth > 1 && proc_own_namespace(p->pid, "user") == 0)
		wrong(l, PROMISE_REACH, "the host's user namespace");
}

/* Every mount that a cell can reach: nothing of it is root's to give, and what
 * can be written cannot be run. */
static void
check_mount(struct look *l, const char *line)
{
	char point[256], options[256];

	if (sscanf(line, "%*s %*s %*s %*s %255s %255s", point, options) != 2)
		return;
	if (strstr(options, "nosuid") == NULL ||
	    strstr(options, "nodev") == NULL)
		wrong(l, PROMISE_WRITE, "%.60s is mounted %.60s", point, options);
	if (strncmp(options, "ro", 2) != 0 &&
	    strstr(options, "noexec") == NULL)
		wrong(l, PROMISE_WRITE, "%.60s can be written and run", point);
	if (strcmp(point, "/") == 0 && strncmp(options, "ro", 2) != 0)
		wrong(l, PROMISE_WRITE, "its root can be written");
}

/* Root alone may see it. */
static void
check_mounts(struct look *l, const struct proc_status *p)
{
	char path[64], line[1024];
	FILE *f;

	if (p->depth < 2)
		return;
	(void)snprintf(path, sizeof(path), "/proc/%d/mountinfo", (int)p->pid);
	f = fopen(path, "re");
	while (f != NULL && fgets(line, sizeof(line), f) != NULL)
		check_mount(l, line);
	if (f != NULL)
		(void)fclose(f);
}

static const struct role_row *
row_of(const struct proc_status *p)
{
	if (p->depth > 1)
		return &role_rows[ROLE_ROWS - 1];
	for (size_t i = 0; role_rows[i].name != NULL; i++)
		if (strcmp(role_rows[i].name, p->name) == 0)
			return &role_rows[i];
	return NULL;
}

/* 0: as it must be; 1: not, see l->why; -ESRCH: it has gone. */
static int
look_at(struct look *l, pid_t pid)
{
	struct proc_status p;

	l->why[0] = '\0';
	if (proc_status_read(&p, pid) < 0)
		return -ESRCH;
	l->row = row_of(&p);
	if (l->row == NULL) {
		wrong(l, PROMISE_MONITOR, "a process that a node has not: %.50s", p.name);
		return 1;
	}
	check_privilege(l, &p);
	check_namespaces(l, &p);
	check_mounts(l, &p);
	return l->why[0] != '\0';
}

static void
judge(struct selftest *s, const struct proc_status *p)
{
	struct look l = { .s = s };
	int r = 1;

	for (int i = 0; i < AGAIN && r > 0; i++) {
		if (i > 0)
			(void)usleep(AGAIN_US);
		r = look_at(&l, p->pid);
	}
	if (r == 0)
		st_kept(s, l.row->row);
	else if (r > 0)
		st_broken(s, l.whose, "%s (pid %d): %s",
		    l.row != NULL && l.row->name != NULL ? l.row->name : "a cell's process", (int)p->pid, l.why);
}

void
st_look_at_roles(struct selftest *s)
{
	size_t n = 0, seen = 0;
	struct proc_status *v = proc_status_all(&n);

	st_progress(s, "the node's processes");
	for (size_t i = 0; i < n; i++) {
		if (!proc_status_below(v, n, &v[i], s->node.pid) ||
		    proc_status_discovers(v, n, &v[i]))
			continue;
		seen++;
		judge(s, &v[i]);
	}
	free(v);
	/* monitor, auditor, broker, front, executor and zygote of a slot */
	if (seen < 6)
		st_unknown(s, PROMISE_MONITOR, "only %zu processes of the node "
		    "are to be seen (another pid namespace, or hidepid?)",
		    seen);
}

/* Does the monitor still have the image that was made?  Root alone may see
 * that; -errno. */
static int
count_images(pid_t monitor)
{
	char path[64], line[1024];
	int n = 0;
	FILE *f;

	(void)snprintf(path, sizeof(path), "/proc/%d/mountinfo", (int)monitor);
	f = fopen(path, "re");
	if (f == NULL)
		return -errno;
	while (fgets(line, sizeof(line), f) != NULL)
		n += strstr(line, "/image/") != NULL;
	(void)fclose(f);
	return n;
}

/* Processes of the test program. */
static size_t
count_left(const struct selftest *s)
{
	size_t n = 0, left = 0;
	struct proc_status *v = proc_status_all(&n);

	for (size_t i = 0; i < n; i++)
		left += strcmp(v[i].name, "selftest") == 0 &&
		    proc_status_below(v, n, &v[i], s->node.pid);
	free(v);
	return left;
}

void
st_remember(struct selftest *s)
{
	s->images = count_images(s->node.pid);
}

/* Where the host's toolchains changed meanwhile there are two for a while. */
void
st_look_at_rest(struct selftest *s)
{
	size_t left = 1;
	int images = s->images + 1;

	st_progress(s, "what is left");
	for (int i = 0; i < AGAIN && (left > 0 || images > s->images); i++) {
		if (i > 0)
			(void)usleep(AGAIN_US);
		left = count_left(s);
		images = count_images(s->node.pid);
	}
	if (left > 0)
		st_broken(s, PROMISE_WRITE, "%zu processes of the selftest "
		    "are left", left);
	else
		st_kept(s, PROMISE_WRITE);
	if (images > s->images)
		st_broken(s, PROMISE_WRITE, "the selftest's image is left");
	else if (images >= 0)
		st_kept(s, PROMISE_WRITE);
}
