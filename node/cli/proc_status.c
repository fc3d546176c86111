/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "proc_status.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <node/common/fd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define STATUS_MAX  8192
#define ENVIRON_MAX 262144 /* by default it and argv have 2 MiB */

/* What is at /proc/@pid/@name, as text; its length or -errno. */
static ssize_t
read_file(pid_t pid, const char *name, char *buf, size_t room)
{
	char path[64];
	cleanup_fd int fd = -1;
	ssize_t n;

	(void)snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	n = fd < 0 ? -1 : read(fd, buf, room - 1);
	if (n < 0)
		return -errno;
	buf[n] = '\0';
	return n;
}

/* Behind "\n@key:\t"; "" where it is not. */
static const char *
field(const char *text, const char *key)
{
	char head[32];
	const char *at;

	(void)snprintf(head, sizeof(head), "\n%s:", key);
	at = strstr(text, head);
	if (at == NULL)
		return "";
	at += strlen(head);
	return at + strspn(at, "\t ");
}

static uint64_t
number(const char *text, const char *key, int base)
{
	return strtoull(field(text, key), NULL, base);
}

static uint32_t
uid_of(const char *text)
{
	unsigned u[4] = { 0, 1, 0, 0 };

	if (sscanf(field(text, "Uid"), "%u %u %u %u", &u[0], &u[1], &u[2],
	        &u[3]) != 4 || u[0] != u[1] || u[0] != u[2] || u[0] != u[3])
		return UINT32_MAX;
	return u[0];
}

/* NSpid: one number for each pid namespace, the innermost last. */
static void
read_depth(struct proc_status *p, const char *text)
{
	const char *at = field(text, "NSpid");
	char *end;

	for (;;) {
		long pid = strtol(at, &end, 10);

		if (end == at)
			return;
		p->depth++;
		p->first = pid == 1;
		at = end;
		if (*at == '\n')
			return;
	}
}

static void
read_name(struct proc_status *p)
{
	char line[512];
	const char *slash;

	if (read_file(p->pid, "cmdline", line, sizeof(line)) <= 0)
		return;
	slash = strrchr(line, '/');
	(void)snprintf(p->name, sizeof(p->name), "%.60s",
	    slash != NULL ? slash + 1 : line);
}

int
proc_status_read(struct proc_status *p, pid_t pid)
{
	char text[STATUS_MAX];

	*p = (struct proc_status){ .pid = pid };
	if (read_file(pid, "status", text, sizeof(text)) <= 0 ||
	    strchr("ZX", field(text, "State")[0]) != NULL)
		return -ESRCH;
	p->ppid = (pid_t)number(text, "PPid", 10);
	p->uid = uid_of(text);
	p->cap_inh = number(text, "CapInh", 16);
	p->cap_prm = number(text, "CapPrm", 16);
	p->cap_eff = number(text, "CapEff", 16);
	p->cap_bnd = number(text, "CapBnd", 16);
	p->cap_amb = number(text, "CapAmb", 16);
	p->no_new_privs = (unsigned)number(text, "NoNewPrivs", 10);
	p->seccomp = (unsigned)number(text, "Seccomp", 10);
	p->filters = (unsigned)number(text, "Seccomp_filters", 10);
	p->groups = field(text, "Groups")[0] >= '0' &&
	    field(text, "Groups")[0] <= '9';
	read_depth(p, text);
	read_name(p);
	return 0;
}

struct proc_status *
proc_status_all(size_t *ret_n)
{
	struct proc_status *v = NULL, *more;
	size_t n = 0, room = 0;
	struct dirent *e;
	DIR *d = opendir("/proc");

	while (d != NULL && (e = readdir(d)) != NULL) {
		if (e->d_name[0] < '0' || e->d_name[0] > '9')
			continue;
		if (n == room) {
			room += 512;
			more = reallocarray(v, room, sizeof(*v));
			if (more == NULL)
				break;
			v = more;
		}
		if (proc_status_read(&v[n], (pid_t)strtol(e->d_name, NULL,
		        10)) == 0)
			n++;
	}
	if (d != NULL)
		(void)closedir(d);
	*ret_n = n;
	return v;
}

/* Variable @name of @pid; one of an environment that is far too long is not
 * found. */
static bool
variable(pid_t pid, const char *name, char *buf, size_t room)
{
	static char all[ENVIRON_MAX];
	const size_t len = strlen(name);
	ssize_t n = read_file(pid, "environ", all, sizeof(all));

	for (const char *at = all; n > 0 && at < all + n; at += strlen(at) + 1)
		if (strncmp(at, name, len) == 0 && at[len] == '=') {
			(void)snprintf(buf, room, "%s", at + len + 1);
			return true;
		}
	return false;
}

bool
proc_inherited(const char *name, char *buf, size_t room)
{
	const char *own = getenv(name);
	struct proc_status p = { .ppid = getppid() };

	if (own != NULL) {
		(void)snprintf(buf, room, "%s", own);
		return true;
	}
	for (unsigned hops = 0; p.ppid > 1 && hops < 64; hops++) {
		if (variable(p.ppid, name, buf, room))
			return true;
		if (proc_status_read(&p, p.ppid) < 0)
			break;
	}
	return false;
}

#define HOPS 64 /* what /proc shows in passing may be a circle */

/* NULL: it is not among them. */
static const struct proc_status *
parent_of(const struct proc_status *v, size_t n, const struct proc_status *p)
{
	for (size_t i = 0; i < n; i++)
		if (v[i].pid == p->ppid)
			return &v[i];
	return NULL;
}

bool
proc_status_below(const struct proc_status *v, size_t n,
    const struct proc_status *p, pid_t top)
{
	for (unsigned i = 0; p != NULL && i < HOPS; i++) {
		if (p->pid == top)
			return true;
		p = parent_of(v, n, p);
	}
	return false;
}

bool
proc_status_is_runner(const struct proc_status *p)
{
	return p->depth < 2 && strcmp(p->name, "immure-runner") == 0;
}

bool
proc_status_discovers(const struct proc_status *v, size_t n,
    const struct proc_status *p)
{
	for (unsigned i = 0; p != NULL && i < HOPS; i++) {
		if (proc_status_is_runner(p))
			return true;
		p = parent_of(v, n, p);
	}
	return false;
}

int
proc_own_namespace(pid_t pid, const char *ns)
{
	char path[64], theirs[64], ours[64];
	ssize_t a, b;

	(void)snprintf(path, sizeof(path), "/proc/%d/ns/%s", (int)pid, ns);
	a = readlink(path, theirs, sizeof(theirs));
	if (a < 0)
		return -errno;
	(void)snprintf(path, sizeof(path), "/proc/self/ns/%s", ns);
	b = readlink(path, ours, sizeof(ours));
	if (b < 0)
		return -errno;
	return a != b || memcmp(theirs, ours, (size_t)a) != 0;
}
