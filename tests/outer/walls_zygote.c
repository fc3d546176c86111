/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A zygote and the processes of its cells without walls.  What stays: the mount
 * namespaces, because the root of a cell is made in one; the cell's pid
 * namespace, whose end is the cell's; limits; and, where capabilities go, the
 * user namespace, by which the executor may end cells at all.
 */
#include "walls.h"

#include <errno.h>
#include <linux/capability.h>
#include <stdarg.h>
#include <string.h>
#include <sys/syscall.h>

#include <sandbox/limits.h>

#include "node/executor/cell.h"
#include "node/executor/cell_trip.h"

#define FD_EXECUTOR 3

int __wrap_namespace_lock(unsigned);
int __real_sethostname(const char *, size_t);
int __wrap_sethostname(const char *, size_t);
uint64_t __wrap_probe_beneath(uint64_t);
int __wrap_cell_trip_prepare(struct cell_trip *, int);
int __wrap_cell_trip_install(const struct cell_trip *, const struct filter *);
_Noreturn void __real_cell_main(const struct cell_order *);
_Noreturn void __wrap_cell_main(const struct cell_order *);
int __real_rlimits_apply(const struct rlimits *);
int __wrap_rlimits_apply(const struct rlimits *);
long __real_syscall(long, ...);
long __wrap_syscall(long, ...);

static int executor = FD_EXECUTOR; /* of a cell's pid 1: its socket to it */
static bool staged;		   /* about to exec a stage */

int
__wrap_namespace_lock(unsigned depth)
{
	(void)depth;
	return 0;
}

int
__wrap_sethostname(const char *name, size_t len)
{
	return outer_plan('N') ? __real_sethostname(name, len) : 0;
}

uint64_t
__wrap_probe_beneath(uint64_t expected)
{
	(void)expected;
	return 0;
}

int
__wrap_cell_trip_prepare(struct cell_trip *t, int sock)
{
	(void)t;
	(void)sock;
	return 0;
}

int
__wrap_cell_trip_install(const struct cell_trip *t, const struct filter *f)
{
	(void)t;
	(void)f;
	return 0;
}

_Noreturn void
__wrap_cell_main(const struct cell_order *o)
{
	executor = o->executor;
	__real_cell_main(o);
}

static int
drop_for_kill(void)
{
	struct __user_cap_header_struct head = {
		.version = _LINUX_CAPABILITY_VERSION_3
	};
	struct __user_cap_data_struct d[2];

	memset(d, 0, sizeof(d));
	return __real_syscall(SYS_capset, &head, d) < 0 ? -errno : 0;
}

/* The killer's kill(-1) must not reach unpack and pack, whose capabilities
 * differ from its own: it gives its own up, once the job has them. */
int
__wrap_filter_install(const struct filter *f)
{
	if (strcmp(f->name, "zygote") == 0)
		outer_acts(f->name, FD_EXECUTOR, f, __real_filter_install);
	else if (strcmp(f->name, "cell_one") == 0)
		outer_acts("cell-one", executor, f, __real_filter_install);
	else if (strcmp(f->name, "cell_killer") == 0)
		return drop_for_kill();
	return 0;
}

int
__wrap_rlimits_apply(const struct rlimits *l)
{
	staged = true;
	return __real_rlimits_apply(l);
}

/* Who leaves a root does not let go of it: it lies on the new one, and is seen
 * as /..; a policy must not need to let anybody mount it.
 * A stage that looks for capabilities of its own (cell_stage.c, behind its
 * limits) sees none. */
long
__wrap_syscall(long nr, ...)
{
	long a[6], r;
	va_list ap;

	va_start(ap, nr);
	for (int i = 0; i < 6; i++)
		a[i] = va_arg(ap, long);
	va_end(ap);
	if (nr == SYS_umount2 && !outer_plan('N'))
		return 0;
	r = __real_syscall(nr, a[0], a[1], a[2], a[3], a[4], a[5]);
	if (staged && nr == SYS_capget && r == 0 && a[1] != 0)
		memset(
		    (void *)a[1], 0, 2 * sizeof(struct __user_cap_data_struct));
	return r;
}
