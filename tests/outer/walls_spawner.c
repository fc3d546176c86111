/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A spawner that makes a slot without walls (walls_zygote.c). */
#include "walls.h"

#include <linux/capability.h>
#include <sched.h>
#include <stdarg.h>
#include <sys/syscall.h>

#include "node/common/role.h"

int __wrap_scope_enter(void);
pid_t __real_namespace_clone(uint64_t);
pid_t __wrap_namespace_clone(uint64_t);
int __real_namespace_map(pid_t, const struct id_map *, unsigned);
int __wrap_namespace_map(pid_t, const struct id_map *, unsigned);
long __real_syscall(long, ...);
long __wrap_syscall(long, ...);

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

/* What it finds it makes its own again (borrow_uid), and gives the rest up. */
long
__wrap_syscall(long nr, ...)
{
	long a[6], r;
	va_list ap;

	va_start(ap, nr);
	for (int i = 0; i < 6; i++)
		a[i] = va_arg(ap, long);
	va_end(ap);
	r = __real_syscall(nr, a[0], a[1], a[2], a[3], a[4], a[5]);
	if (nr == SYS_capget && r == 0 && a[1] != 0 && outer_plan('C'))
		outer_all_caps((void *)a[1]);
	return r;
}
