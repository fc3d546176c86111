/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A spawner that makes a slot without walls (walls_zygote.c). */
#include "walls.h"

#include <sched.h>

#include "node/common/role.h"

int __wrap_scope_enter(void);
pid_t __real_namespace_clone(uint64_t);
pid_t __wrap_namespace_clone(uint64_t);
int __real_namespace_map(pid_t, const struct id_map *, unsigned);
int __wrap_namespace_map(pid_t, const struct id_map *, unsigned);

int
__wrap_scope_enter(void)
{
	outer_acts("spawner", ROLE_FD_MONITOR, NULL, NULL);
	return 0;
}

static bool
user_namespace(void)
{
	return !outer_plan('C') || outer_plan('U');
}

pid_t
__wrap_namespace_clone(uint64_t flags)
{
	if (!outer_plan('N'))
		flags &= CLONE_NEWNS | CLONE_NEWUSER;
	if (!user_namespace())
		flags &= ~(uint64_t)CLONE_NEWUSER;
	return __real_namespace_clone(flags);
}

int
__wrap_namespace_map(pid_t pid, const struct id_map *map, unsigned n)
{
	return user_namespace() ? __real_namespace_map(pid, map, n) : 0;
}
