/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lsm.h"

#include "fd.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define SELINUX	      "/sys/fs/selinux/"
#define CLASS_SECURITY 1 /* any class will do (include/classmap.h) */

/* The first line of @path; 0 or -errno. */
static int
read_line(const char *path, char *line)
{
	char bytes[LSM_LABEL_MAX];
	cleanup_fd int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, bytes, sizeof(bytes));

	if (n < 0)
		return -errno;
	return lsm_label_take(line, bytes, (size_t)n) ? 0 : -EMSGSIZE;
}

/* Ask the kernel about @label; what is not allowed is not asked for.  1: its
 * domain is permissive, 0, or -errno. */
static int
ask_permissive(const char *label)
{
	char text[2 * LSM_LABEL_MAX + 16], answer[LSM_LABEL_MAX];
	cleanup_fd int fd = open(SELINUX "access", O_RDWR | O_CLOEXEC);
	int len = snprintf(text, sizeof(text), "%s %s %d", label, label,
	    CLASS_SECURITY);
	ssize_t n;

	if (fd < 0 || write(fd, text, (size_t)len + 1) < 0)
		return -errno;
	n = read(fd, answer, sizeof(answer) - 1);
	if (n < 0)
		return -errno;
	answer[n] = '\0';
	return lsm_answer_is_permissive(answer);
}

static void
cannot_tell(struct lsm_look *l, int error)
{
	l->verdict = LSM_UNREADABLE;
	l->error = error;
}

void
lsm_there(enum lsm lsm, struct lsm_look *l)
{
	char line[LSM_LABEL_MAX];
	int r = read_line(lsm == LSM_SELINUX ? SELINUX "enforce" :
	    "/proc/self/attr/apparmor/current", line);

	*l = (struct lsm_look){ .verdict = LSM_IN_FORCE };
	/* proc_pid_attr(5): EINVAL where it was built, and is not used */
	if (r == -ENOENT || r == -EINVAL)
		l->verdict = LSM_ABSENT;
	else if (r < 0)
		cannot_tell(l, -r);
	else if (lsm == LSM_SELINUX && strcmp(line, "1") != 0)
		l->verdict = LSM_PERMISSIVE;
}

static void
judge_selinux(struct lsm_look *l)
{
	int r;

	if (!lsm_label_has_type(l->label, l->expected)) {
		l->verdict = LSM_OTHER;
		return;
	}
	r = ask_permissive(l->label);
	if (r < 0)
		cannot_tell(l, -r);
	else if (r > 0)
		l->verdict = LSM_LENIENT;
}

static void
judge_apparmor(struct lsm_look *l)
{
	char mode[LSM_LABEL_MAX];

	lsm_label_mode(l->label, mode);
	if (!lsm_label_has_profile(l->label, l->expected))
		l->verdict = LSM_OTHER;
	else if (!lsm_mode_forbids(mode))
		l->verdict = LSM_LENIENT;
}

void
lsm_process(enum lsm lsm, pid_t pid, const char *program,
    struct lsm_look *l)
{
	const struct lsm_domain *d = lsm_domain_of(program);
	char path[64];
	int r;

	*l = (struct lsm_look){ .verdict = LSM_IN_FORCE,
		.expected = d->names[lsm],
		.program = d->program != NULL ? d->program :
		    "a program of a cell" };
	(void)snprintf(path, sizeof(path), "/proc/%d/attr/%scurrent",
	    (int)pid, lsm == LSM_APPARMOR ? "apparmor/" : "");
	r = read_line(path, l->label);
	if (r == -ENOENT || r == -ESRCH)
		l->verdict = LSM_GONE;
	else if (r < 0)
		cannot_tell(l, -r);
	else if (lsm == LSM_SELINUX)
		judge_selinux(l);
	else
		judge_apparmor(l);
}

/* -- in words -- */

static const struct {
	const char *name, *absent, *permissive, *other, *lenient;
} remedies[LSM_COUNT] = {
	[LSM_SELINUX] = { "SELinux",
	    "add selinux to lsm= on the kernel command line and install the "
	    "module of policy/selinux",
	    "setenforce 1, and SELINUX=enforcing in /etc/selinux/config",
	    "install the module of policy/selinux, label what it names "
	    "(restorecon), and have the service manager start immured",
	    "semanage permissive -d, for its domain" },
	[LSM_APPARMOR] = { "AppArmor",
	    "add apparmor to lsm= on the kernel command line and load "
	    "policy/apparmor/usr.sbin.immured",
	    "load policy/apparmor/usr.sbin.immured",
	    "load policy/apparmor/usr.sbin.immured (apparmor_parser -r), and "
	    "start immured again",
	    "aa-enforce usr.sbin.immured" },
};

const char *
lsm_say(enum lsm lsm, const struct lsm_look *l, char *reason, size_t room)
{
	const char *name = remedies[lsm].name;

	switch (l->verdict) {
	case LSM_ABSENT:
		(void)snprintf(reason, room, "this kernel runs without %s",
		    name);
		return remedies[lsm].absent;
	case LSM_PERMISSIVE:
		(void)snprintf(reason, room, "%s is permissive: it forbids "
		    "nothing", name);
		return remedies[lsm].permissive;
	case LSM_OTHER:
		(void)snprintf(reason, room, "%s runs in %.80s, not in %s",
		    l->program, l->label, l->expected);
		return remedies[lsm].other;
	case LSM_LENIENT:
		(void)snprintf(reason, room, "%s runs in %.80s, which is not "
		    "enforced", l->program, l->label);
		return remedies[lsm].lenient;
	case LSM_UNREADABLE:
		(void)snprintf(reason, room, "what %s does cannot be told: "
		    "%s", name, strerror(l->error));
		return "let it read what the kernel says of it: "
		       "/sys/fs/selinux, /proc/PID/attr";
	case LSM_GONE:
	case LSM_IN_FORCE:
	default:
		(void)snprintf(reason, room, "%s has ended", l->program);
		return remedies[lsm].other;
	}
}
