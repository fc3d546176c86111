/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A spawner that makes a slot without walls (walls_zygote.c), whose cells see
 * the host: its root, and what is mounted at places of interest, as /host.
 */
#include "walls.h"

#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include <sandbox/mount.h>

#include "node/common/imsg.h"
#include "node/common/role.h"
#include "node/executor/template.h"

int __wrap_scope_enter(void);
pid_t __real_namespace_clone(uint64_t);
pid_t __wrap_namespace_clone(uint64_t);
int __real_namespace_map(pid_t, const struct id_map *, unsigned);
int __wrap_namespace_map(pid_t, const struct id_map *, unsigned);
int __real_template_build(
    const char *, uint64_t, const struct table *, const char *, const char **);
int __wrap_template_build(
    const char *, uint64_t, const struct table *, const char *, const char **);

int
__wrap_scope_enter(void)
{
	outer_acts("spawner", ROLE_FD_MONITOR, NULL, NULL);
	return 0;
}

pid_t
__wrap_namespace_clone(uint64_t flags)
{
	if (!outer_plan('N'))
		flags &= CLONE_NEWNS | CLONE_NEWUSER;
	if (outer_plan('C'))
		flags &= ~(uint64_t)CLONE_NEWUSER;
	return __real_namespace_clone(flags);
}

int
__wrap_namespace_map(pid_t pid, const struct id_map *map, unsigned n)
{
	return outer_plan('C') ? 0 : __real_namespace_map(pid, map, n);
}

/* Places that are not there, or cannot be bound, are left out. */
static int
show_host(const char *root)
{
	static const char *const places[] = { "", "/proc", "/sys", "/dev",
		"/etc", "/run", "/tmp", "/var/log", "/run/immure-outer",
		"/run/immure-outer/cg" };
	const unsigned long flags = MS_REMOUNT | MS_BIND | MS_NOSUID | MS_NODEV;
	char to[512];

	if (mount(NULL, root, NULL, flags, NULL) < 0)
		return -errno;
	(void)snprintf(to, sizeof(to), "%s/host", root);
	if (mkdir(to, 0755) < 0)
		return -errno;
	for (unsigned i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		(void)snprintf(to, sizeof(to), "%s/host%s", root, places[i]);
		if (mount_bind(i == 0 ? "/" : places[i], to, 0) < 0 && i == 0)
			return -EIO;
	}
	return mount(NULL, root, NULL, flags | MS_RDONLY, NULL) < 0 ? -errno
								    : 0;
}

int
__wrap_template_build(const char *images, uint64_t generation,
    const struct table *t, const char *place, const char **ret_where)
{
	char root[256];
	int r;

	r = __real_template_build(images, generation, t, place, ret_where);
	*ret_where = "/host of the templates";
	for (unsigned i = 0; !outer_plan('N') && r == 0 && i < t->ntoolchains;
	     i++)
		for (unsigned p = 0; r == 0 && p < PROFILE_COUNT; p++) {
			(void)snprintf(
			    root, sizeof(root), "%s/t/%u.%u", place, i, p);
			if (!table_is_usable(t, i) ||
			    (p == PROFILE_PUMP &&
				!template_has_pump(&t->toolchains[i])))
				continue;
			r = show_host(root);
		}
	return r;
}
